package dev.offramp.models.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.Faults;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.intel.RawConnection.Memory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A reset of the function: whatever state it was in, it is as after power-up. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class ResetTest {
  private static final int BYTES = 3000;
  private static final int STATUS = 2;
  private static final int TAIL = 4;
  private static final int ERRORS = 5;

  /** What goes wrong before: each of these leaves a control queue that answers nothing. */
  private static final List<String> BROKEN =
      List.of(
          "nothing",
          IntelFaults.CONTROL_IGNORED,
          IntelFaults.CONTROL_SILENT,
          IntelFaults.CONTROL_VALID_BIT,
          IntelFaults.CONTROL_DOORBELL,
          IntelFaults.CRITICAL_ERROR);

  static List<AdapterModelFactory> kinds() {
    return Bench.kinds();
  }

  static Stream<Arguments> kindsAndFailures() {
    return Bench.kinds().stream()
        .flatMap(kind -> BROKEN.stream().map(place -> Arguments.of(kind, place)));
  }

  /** A connection at a driver, and what its peer has for it. */
  private static final class Running implements AutoCloseable {
    final RawConnection raw;
    final GoldenPeer peer;
    final Memory mine;
    final Region theirs;

    Running(Bench bench, RawDriver driver, int peerPort) {
      driver.bringUp();
      SimulatedConnection connection =
          SimulatedConnection.builder(bench.link).ports(7471, peerPort).build();
      raw = new RawConnection(driver, 3, connection.descriptor());
      peer = bench.peer(connection, MpaRole.RESPONDER);
      TakeoverTest.startAsInitiator(raw);
      mine = raw.register(BYTES);
      theirs = peer.register(BYTES);
    }

    void talk() {
      TakeoverTest.fill(theirs.segment(), 7);
      raw.receive(mine, 0, BYTES);
      peer.send(1, theirs, 0, BYTES);
      raw.driver.take(raw.receiveCq);
      assertThat(mine.segment().mismatch(theirs.segment())).isEqualTo(-1);
      peer.receive(2, theirs, 0, BYTES);
      raw.send(mine, 0, BYTES);
      raw.driver.take(raw.sendCq);
      peer.take();
      peer.take();
    }

    @Override
    public void close() {
      raw.close();
      peer.close();
    }
  }

  @ParameterizedTest
  @MethodSource("kindsAndFailures")
  void anotherDriverFindsItNew(AdapterModelFactory kind, String place) {
    AtomicReference<String> failing = new AtomicReference<>("");
    Faults faults = where -> where.equals(failing.get()) ? 1 : Faults.NO_FAULT;
    try (Bench bench = new Bench(kind, faults)) {
      try (Running running = new Running(bench, bench.driver, 40_001)) {
        running.talk();
        running.mine.segment().fill((byte) 0);
        running.raw.receive(running.mine, 0, BYTES);
        failing.set(place);
        // SUSPEND_QP: whichever place it is, the control queue comes by.
        bench.driver.post(0, 0, 0, running.raw.id | (0x29L << 32));
        bench.loop.run(() -> {});
        long segments = bench.link.segmentCount();

        assertThat(bench.window.reset()).isTrue();

        assertThat(bench.link.segmentCount()).as("said to the peer").isEqualTo(segments);
        assertThat(bench.model().resources()).isEqualTo(IntelResources.NONE);
        assertThat(bench.link.claimCount()).isZero();
        for (int register : List.of(STATUS, TAIL, ERRORS)) {
          assertThat(bench.driver.read(register)).isZero();
        }
        // A driver that does not know yet rings its bells; what its peer sends goes nowhere.
        running.raw.ring();
        bench.driver.arm(running.raw.sendCq, false, 0);
        running.peer.send(9, running.theirs, 0, BYTES);
        bench.loop.run(() -> {});
        assertThat(running.mine.segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))
            .containsOnly(0);
      }
      failing.set("");
      try (RawDriver second = new RawDriver(bench.window, bench.loop::failures);
          Running again = new Running(bench, second, 40_002)) {
        again.talk();
        assertThat(bench.window.reset()).isTrue();
        bench.assertClean();
      }
    }
  }

  /** The queue is there again: who rings that of a QP which is not breaks a rule again. */
  @ParameterizedTest
  @MethodSource("kinds")
  void bellsThatNobodyHasAreNotedAgain(AdapterModelFactory kind) {
    try (Bench bench = new Bench(kind)) {
      bench.driver.bringUp();
      assertThat(bench.window.reset()).isTrue();
      try (RawDriver second = new RawDriver(bench.window, bench.loop::failures)) {
        second.bringUp();
        second.write(6, 17);
        bench.loop.run(() -> {});
        assertThat(bench.model().violations())
            .extracting(Violation::kind)
            .containsExactly(Violation.Kind.DOORBELL_OF_UNKNOWN_QUEUE);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void theLoopItselfMayAsk(AdapterModelFactory kind) {
    try (Bench bench = new Bench(kind);
        Running running = new Running(bench, bench.driver, 40_001)) {
      running.talk();
      assertThat(bench.loop.call(bench.window::reset)).isTrue();
      assertThat(bench.link.claimCount()).isZero();
      bench.assertClean();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void oneThatCannotBeReachedIsNotReset(AdapterModelFactory kind) {
    AtomicReference<String> failing = new AtomicReference<>("");
    Faults faults = where -> where.equals(failing.get()) ? 1 : Faults.NO_FAULT;
    try (Bench bench = new Bench(kind, faults);
        Running running = new Running(bench, bench.driver, 40_001)) {
      running.talk();
      failing.set(IntelFaults.REGISTERS_ALL_ONES);
      assertThat(bench.window.reset()).isFalse();
      assertThat(bench.link.claimCount()).isOne();
      bench.window.unplug();
      assertThat(bench.window.reset()).isFalse();
      assertThat(bench.model().reset()).isFalse();
    }
  }
}
