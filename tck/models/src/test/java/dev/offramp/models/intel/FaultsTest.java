package dev.offramp.models.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.Faults;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.RecordedFaults;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.intel.RawConnection.Memory;
import dev.offramp.models.intel.RawDriver.Done;
import dev.offramp.models.intel.RawDriver.Event;
import dev.offramp.models.intel.RawDriver.Result;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each place where the model can fail, and what it looks like from outside. */
final class FaultsTest {
  static List<AdapterModelFactory> kinds() {
    return Bench.kinds();
  }

  /** One place fails from the moment that it is armed, once. */
  private static final class Armed implements Faults {
    private final Set<String> places = ConcurrentHashMap.newKeySet();
    private final Set<String> happened = ConcurrentHashMap.newKeySet();
    private volatile long value = 1;

    void arm(String place, long code) {
      value = code;
      places.add(place);
    }

    @Override
    public long at(String place) {
      if (places.remove(place)) {
        happened.add(place);
        return value;
      }
      return NO_FAULT;
    }
  }

  /** A running connection, and the fault of choice. */
  private record Scene(Bench bench, Armed faults, RawConnection raw, GoldenPeer peer) {
    void arm(String place) {
      faults.arm(place, 1);
    }

    Done takeNop() {
      raw.post(0, 0, 0, (0x0CL << 32) | RawConnection.SIGNALLED);
      return raw.driver.take(raw.sendCq);
    }

    void postNop() {
      raw.post(0, 0, 0, (0x0CL << 32) | RawConnection.SIGNALLED);
      settle();
    }

    /** What was written to registers has been acted on. */
    void settle() {
      bench.loop.run(() -> {});
      bench.loop.run(() -> {});
    }
  }

  private static void run(
      AdapterModelFactory kind, String place, BiConsumer<Scene, RawDriver> script) {
    Armed faults = new Armed();
    try (Bench bench = new Bench(kind, faults)) {
      bench.driver.bringUp();
      SimulatedConnection connection = TakeoverTest.connect(bench, false);
      RawConnection raw = new RawConnection(bench.driver, 3, connection.descriptor());
      GoldenPeer peer = bench.peer(connection, MpaRole.RESPONDER);
      TakeoverTest.startAsInitiator(raw);
      Scene scene = new Scene(bench, faults, raw, peer);
      // The device may still be looking for more work, and would find some before its doorbell.
      scene.settle();
      script.accept(scene, bench.driver);
      assertThat(faults.happened).as("the fault came").contains(place);
      raw.close();
    }
  }

  /** A place that is documented is asked, and one that is asked is documented. */
  @ParameterizedTest
  @MethodSource("kinds")
  void placesAreListed(AdapterModelFactory kind) {
    RecordedFaults faults = new RecordedFaults();
    try (Bench bench = new Bench(kind, faults)) {
      bench.driver.bringUp();
      SimulatedConnection connection = TakeoverTest.connect(bench, false);
      RawConnection raw = new RawConnection(bench.driver, 3, connection.descriptor());
      bench.peer(connection, MpaRole.RESPONDER);
      TakeoverTest.startAsInitiator(raw);
      Memory mine = raw.register(10);
      raw.driver.arm(raw.sendCq, false, 0);
      raw.post(0, 0, 0, (0x0CL << 32) | RawConnection.SIGNALLED);
      raw.driver.take(raw.sendCq);
      bench.model().raiseEvent(raw.id, 0x50C);
      raw.driver.takeEvent(0x50C);
      RawDriver.require(raw.deregister(mine.stag()));
      RawDriver.require(
          raw.driver.command(0, 0, raw.q2.deviceAddress(), raw.id | (0x13L << 32) | (1L << 48)));
      raw.close();
    }
    Set<String> asked = new HashSet<>(faults.seen().keySet());
    asked.removeAll(dev.offramp.models.ModelWindow.faultPlaces());
    assertThat(IntelFaults.places()).containsAll(asked).doesNotHaveDuplicates();
    assertThat(asked)
        .containsAll(
            IntelFaults.places().stream()
                .filter(place -> !place.startsWith("intel.command."))
                .toList());
  }

  @Test
  void commandsFailByName() {
    for (AdapterModelFactory kind : Bench.kinds()) {
      run(
          kind,
          "intel.command.suspend-qp",
          (scene, driver) -> {
            scene.faults.arm("intel.command.suspend-qp", 0xF001_0007L);
            Result result = driver.command(0, 0, 0, 3 | (0x29L << 32));
            assertThat(result).isEqualTo(new Result(true, 0xF001, 7, 0));
            assertThat(driver.read(5)).isEqualTo(0xF001_0007);
            assertThat(driver.command(0, 0, 0, 3 | (0x29L << 32))).isEqualTo(Result.OK);
          });
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void bringUp(AdapterModelFactory kind) {
    Armed faults = new Armed();
    faults.arm(IntelFaults.CONTROL_CREATE, 0x8001_0002L);
    try (Bench bench = new Bench(kind, faults)) {
      assertThat(bench.driver.startControlQueue()).isEqualTo(1 << 31);
      assertThat(bench.driver.read(5)).isEqualTo(0x8001_0002);
    }
    faults = new Armed();
    faults.arm(IntelFaults.CONTROL_GENERATION, 1);
    try (Bench bench = new Bench(kind, faults)) {
      assertThat(bench.driver.startControlQueue()).isEqualTo(1 << 31);
      assertThat(bench.model().refusals().getFirst()).contains("hardware version");
    }
    faults = new Armed();
    faults.arm(IntelFaults.CONTROL_CREATE_SILENT, 1);
    try (Bench bench = new Bench(kind, faults)) {
      bench.driver.write(1, 0);
      bench.driver.write(0, 64);
      bench.loop.run(() -> {});
      assertThat(bench.driver.read(2)).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void completionsOfWork(AdapterModelFactory kind) {
    run(
        kind,
        IntelFaults.CQE_LOST,
        (scene, driver) -> {
          scene.arm(IntelFaults.CQE_LOST);
          scene.postNop();
          assertThat(scene.takeNop().wqeIndex()).isEqualTo(scene.raw.sqHead() - 1);
        });
    run(
        kind,
        IntelFaults.CQE_VALID_BIT,
        (scene, driver) -> {
          scene.arm(IntelFaults.CQE_VALID_BIT);
          scene.postNop();
          assertThat(driver.poll(scene.raw.sendCq)).isNull();
        });
    run(
        kind,
        IntelFaults.CQE_TWICE,
        (scene, driver) -> {
          scene.arm(IntelFaults.CQE_TWICE);
          Done once = scene.takeNop();
          assertThat(driver.take(scene.raw.sendCq).wqeIndex()).isEqualTo(once.wqeIndex());
        });
    run(
        kind,
        IntelFaults.CQE_DEAD_QP,
        (scene, driver) -> {
          scene.arm(IntelFaults.CQE_DEAD_QP);
          assertThat(scene.takeNop().qp()).isNotEqualTo(scene.raw.id);
        });
    run(
        kind,
        IntelFaults.CQE_INDEX,
        (scene, driver) -> {
          scene.arm(IntelFaults.CQE_INDEX);
          assertThat(scene.takeNop().wqeIndex()).isEqualTo(0x7FFF);
        });
    run(
        kind,
        IntelFaults.CQE_OPCODE,
        (scene, driver) -> {
          scene.arm(IntelFaults.CQE_OPCODE);
          assertThat(scene.takeNop().opcode()).isEqualTo(0x3F);
        });
    run(
        kind,
        IntelFaults.CQE_ERROR,
        (scene, driver) -> {
          scene.faults.arm(IntelFaults.CQE_ERROR, 0x0001_0009L);
          Done done = scene.takeNop();
          assertThat(done.error()).isTrue();
          assertThat(done.major()).isEqualTo(1);
          assertThat(done.minor()).isEqualTo(9);
        });
    run(
        kind,
        IntelFaults.CQE_OVERFLOW,
        (scene, driver) -> {
          scene.arm(IntelFaults.CQE_OVERFLOW);
          scene.postNop();
          Event event = driver.takeEvent(0x203);
          assertThat(event.id()).isEqualTo(scene.raw.sendCq);
          assertThat(scene.bench.model().violations()).isEmpty();
        });
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void events(AdapterModelFactory kind) {
    run(
        kind,
        IntelFaults.EVENT,
        (scene, driver) -> {
          scene.arm(IntelFaults.EVENT);
          scene.postNop();
          driver.takeEvent(0x700);
          assertThat(scene.peer.awaitEnd()).isNotNull();
        });
    run(
        kind,
        IntelFaults.EVENT,
        (scene, driver) -> {
          scene.faults.arm(IntelFaults.EVENT, 0xABC);
          scene.postNop();
          driver.takeEvent(0xABC);
          scene.takeNop();
          assertThat(scene.peer.isRunning()).isTrue();
        });
    run(
        kind,
        IntelFaults.EVENT_OVERFLOW,
        (scene, driver) -> {
          scene.arm(IntelFaults.EVENT_OVERFLOW);
          scene.bench.model().raiseEvent(scene.raw.id, 0x50C);
          scene.bench.model().raiseEvent(scene.raw.id, 0x50E);
          assertThat(driver.takeEvent(0x50E).overflow()).isTrue();
        });
    run(
        kind,
        IntelFaults.EVENT_DEAD_QP,
        (scene, driver) -> {
          scene.arm(IntelFaults.EVENT_DEAD_QP);
          scene.bench.model().raiseEvent(scene.raw.id, 0x50C);
          assertThat(driver.takeEvent(0x50C).id()).isNotEqualTo(scene.raw.id);
        });
    run(
        kind,
        IntelFaults.EVENT_VALID_BIT,
        (scene, driver) -> {
          scene.arm(IntelFaults.EVENT_VALID_BIT);
          scene.bench.model().raiseEvent(scene.raw.id, 0x50C);
          scene.settle();
          assertThat(driver.pollEvent()).isNull();
        });
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void theWholeDevice(AdapterModelFactory kind) {
    run(
        kind,
        IntelFaults.REGISTERS_ALL_ONES,
        (scene, driver) -> {
          scene.arm(IntelFaults.REGISTERS_ALL_ONES);
          assertThat(driver.read(2)).isEqualTo(-1);
          assertThat(driver.read(4)).isEqualTo(-1);
        });
    run(
        kind,
        IntelFaults.CRITICAL_ERROR,
        (scene, driver) -> {
          scene.faults.arm(IntelFaults.CRITICAL_ERROR, 0x77);
          scene.postNop();
          assertThat(
                  scene.bench.window.read32(
                      0, kind.device().name().equals("e810") ? 0x534000 : 0xB4000))
              .isEqualTo(0x77);
          assertThat(driver.poll(scene.raw.sendCq)).isNull();
          assertThat(scene.peer.isRunning()).isTrue();
        });
    run(
        kind,
        IntelFaults.DOORBELL,
        (scene, driver) -> {
          scene.arm(IntelFaults.DOORBELL);
          scene.postNop();
          assertThat(driver.poll(scene.raw.sendCq)).isNull();
          // The next one tells of both.
          scene.takeNop();
          scene.raw.driver.take(scene.raw.sendCq);
        });
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void commands(AdapterModelFactory kind) {
    run(
        kind,
        IntelFaults.CONTROL_TWICE,
        (scene, driver) -> {
          scene.arm(IntelFaults.CONTROL_TWICE);
          assertThat(driver.command(0, 0, 0, 0x24L << 32)).isEqualTo(Result.OK);
        });
    for (String silent :
        List.of(
            IntelFaults.CONTROL_SILENT,
            IntelFaults.CONTROL_IGNORED,
            IntelFaults.CONTROL_VALID_BIT,
            IntelFaults.CONTROL_DOORBELL)) {
      run(
          kind,
          silent,
          (scene, driver) -> {
            scene.arm(silent);
            int before = scene.bench.model().resources().arpEntries();
            driver.post(0, 0, 0x0200_0000_0001L, 9 | (0x0FL << 32) | (1L << 42));
            scene.settle();
            boolean done = scene.bench.model().resources().arpEntries() > before;
            assertThat(done)
                .isEqualTo(
                    !silent.equals(IntelFaults.CONTROL_IGNORED)
                        && !silent.equals(IntelFaults.CONTROL_DOORBELL));
          });
    }
  }
}
