package dev.offramp.models.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.intel.RawConnection.Memory;
import dev.offramp.models.intel.RawDriver.Result;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rules that a driver keeps: the model notices when they are broken. */
final class DisciplineTest {
  static List<AdapterModelFactory> kinds() {
    return Bench.kinds();
  }

  private static void awaitViolation(Bench bench, Violation.Kind kind) {
    bench.driver.await(
        kind + "", () -> bench.model().violations().stream().anyMatch(v -> v.kind() == kind));
    assertThat(bench.model().violations()).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void controlQueue(AdapterModelFactory kind) {
    try (Bench bench = new Bench(kind)) {
      bench.driver.write(3, 1);
      awaitViolation(bench, Violation.Kind.NOT_READY);
    }
    try (Bench bench = new Bench(kind)) {
      bench.driver.startControlQueue();
      bench.driver.write(3, 32);
      awaitViolation(bench, Violation.Kind.DOORBELL_BEYOND_RING);
    }
    try (Bench bench = new Bench(kind)) {
      bench.driver.bringUp();
      // The command before was the last one written.
      bench.driver.write(3, 20);
      awaitViolation(bench, Violation.Kind.WRONG_VALID_BIT);
    }
    try (Bench bench = new Bench(kind)) {
      bench.driver.bringUp();
      assertThat(bench.driver.command(0, 0, 0, 0x3FL << 32).error()).isTrue();
      awaitViolation(bench, Violation.Kind.UNKNOWN_COMMAND);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void objects(AdapterModelFactory kind) {
    try (Bench bench = new Bench(kind)) {
      bench.driver.startControlQueue();
      assertThat(bench.driver.command(0, 0, 80, (0x23L << 32) | (1L << 62)))
          .isEqualTo(new Result(true, 0xF000, CommandCodes.MINOR_NOT_BACKED, 0));
      awaitViolation(bench, Violation.Kind.NOT_BACKED);
    }
    try (Bench bench = new Bench(kind)) {
      bench.driver.bringUp();
      assertThat(bench.driver.command(0, 0, 0, 7 | (2L << 32) | (1L << 48)).error()).isTrue();
      awaitViolation(bench, Violation.Kind.ID_UNKNOWN);
    }
    try (Bench bench = new Bench(kind)) {
      bench.driver.bringUp();
      SimulatedConnection connection = TakeoverTest.connect(bench, false);
      RawConnection raw = new RawConnection(bench.driver, 3, connection.descriptor());
      assertThat(raw.createQp(3, 1).error()).isTrue();
      awaitViolation(bench, Violation.Kind.ID_IN_USE);
      raw.close();
    }
    try (Bench bench = new Bench(kind)) {
      bench.driver.bringUp();
      SimulatedConnection connection = TakeoverTest.connect(bench, false);
      RawConnection raw = new RawConnection(bench.driver, 3, connection.descriptor());
      assertThat(bench.driver.destroyCq(raw.sendCq).error()).isTrue();
      awaitViolation(bench, Violation.Kind.STILL_IN_USE);
      raw.close();
    }
    try (Bench bench = new Bench(kind)) {
      bench.driver.bringUp();
      long address = 0x1000;
      assertThat(bench.driver.command(8, 1, 0, 9 | (3L << 32), address, address).error()).isTrue();
      awaitViolation(bench, Violation.Kind.DMA_FAULT);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void doorbells(AdapterModelFactory kind) {
    try (Bench bench = new Bench(kind)) {
      bench.driver.bringUp();
      bench.driver.write(6, 9);
      awaitViolation(bench, Violation.Kind.DOORBELL_OF_UNKNOWN_QUEUE);
    }
    try (Bench bench = new Bench(kind)) {
      bench.driver.bringUp();
      bench.driver.write(9, 1);
      awaitViolation(bench, Violation.Kind.AEQ_CREDIT);
    }
    try (Bench bench = new Bench(kind)) {
      bench.driver.bringUp();
      bench.window.write32(0, 0x1234 & ~3, 1);
      awaitViolation(bench, Violation.Kind.UNKNOWN_REGISTER);
    }
    try (Bench bench = new Bench(kind)) {
      bench.driver.bringUp();
      bench.driver.createCq(4);
      // Each time a number is left out whose doorbell never comes.
      for (int i = 0; i < 4; i++) {
        bench.driver.arm(4, false, 1);
        bench.loop.run(() -> {});
      }
      awaitViolation(bench, Violation.Kind.BAD_ARM);
    }
  }

  /** A device that is late reads a request before that one's own doorbell. */
  @ParameterizedTest
  @MethodSource("kinds")
  void armedFasterThanTheDeviceLooks(AdapterModelFactory kind) {
    try (Bench bench = new Bench(kind)) {
      bench.driver.bringUp();
      bench.driver.createCq(4);
      for (int round = 0; round < 5; round++) {
        bench.loop.run(() -> {
          for (int i = 0; i < 4; i++) {
            bench.driver.arm(4, false, 0);
          }
        });
        bench.loop.run(() -> bench.driver.arm(4, false, 0));
      }
      bench.loop.run(() -> {});
      assertThat(bench.model().violations()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void workRequests(AdapterModelFactory kind) {
    try (Bench bench = new Bench(kind)) {
      RawConnection raw = start(bench);
      int chunk = raw.driver.second ? 8 : 2;
      while (raw.sqHead() % chunk != chunk - 1) {
        raw.post(0, 0, 0, 0x0CL << 32);
      }
      Memory mine = raw.register(64);
      long fragment = raw.fragment(8, mine.stag());
      // Three fragments take two quanta, and only one is left in the chunk.
      raw.post(
          mine.to(),
          fragment,
          0,
          (3L << 32) | (2L << 38),
          mine.to(),
          fragment,
          mine.to(),
          fragment);
      awaitViolation(bench, Violation.Kind.WQE_CROSSES_CHUNK);
      raw.driver.takeEvent(0x20B);
      raw.close();
    }
    if (kind.device().name().equals("e810")) {
      try (Bench bench = new Bench(kind)) {
        RawConnection raw = start(bench);
        Memory mine = raw.register(64);
        raw.post(mine.to(), raw.fragment(8, mine.stag()) & ~RawDriver.VALID, 0, 3L << 32);
        awaitViolation(bench, Violation.Kind.STALE_FRAGMENT);
        raw.close();
      }
    }
  }

  private static RawConnection start(Bench bench) {
    bench.driver.bringUp();
    SimulatedConnection connection = TakeoverTest.connect(bench, false);
    RawConnection raw = new RawConnection(bench.driver, 3, connection.descriptor());
    GoldenPeer peer = bench.peer(connection, MpaRole.RESPONDER);
    TakeoverTest.startAsInitiator(raw);
    assertThat(peer.isRunning()).isTrue();
    return raw;
  }

  /** Nobody takes completions: the queue overflows, and an event tells. */
  @ParameterizedTest
  @MethodSource("kinds")
  void completionsThatNobodyTakes(AdapterModelFactory kind) {
    try (Bench bench = new Bench(kind)) {
      RawConnection raw = start(bench);
      for (int i = 0; i <= RawDriver.CQ_ENTRIES; i++) {
        raw.post(0, 0, 0, (0x0CL << 32) | RawConnection.SIGNALLED);
      }
      raw.driver.takeEvent(0x203);
      awaitViolation(bench, Violation.Kind.CQ_OVERFLOW);
      raw.close();
    }
  }

  /** A queue that is armed tells once, and again only after an acknowledgement. */
  @ParameterizedTest
  @MethodSource("kinds")
  void completionEvents(AdapterModelFactory kind) {
    try (Bench bench = new Bench(kind)) {
      AtomicInteger interrupts = new AtomicInteger();
      bench.window.onInterrupt(0, bench.loop, interrupts::incrementAndGet);
      RawConnection raw = start(bench);
      bench.loop.run(() -> {});
      int before = interrupts.get();
      raw.post(0, 0, 0, (0x0CL << 32) | RawConnection.SIGNALLED);
      raw.driver.take(raw.sendCq);
      assertThat(raw.driver.pollCompletionEvent()).isNull();
      raw.driver.arm(raw.sendCq, false, 0);
      raw.post(0, 0, 0, (0x0CL << 32) | RawConnection.SIGNALLED);
      raw.driver.take(raw.sendCq);
      assertThat(raw.driver.await("event", raw.driver::pollCompletionEvent)).isEqualTo(raw.sendCq);
      // The event is in memory before its interrupt is raised, and that is a task of its own.
      bench.loop.run(() -> {});
      bench.loop.run(() -> {});
      assertThat(interrupts.get()).isGreaterThan(before);
      // Only what is solicited wakes now.
      raw.driver.arm(raw.sendCq, true, 0);
      raw.post(0, 0, 0, (0x0CL << 32) | RawConnection.SIGNALLED);
      raw.driver.take(raw.sendCq);
      assertThat(raw.driver.pollCompletionEvent()).isNull();
      assertThat(bench.model().violations()).isEmpty();
      raw.close();
    }
  }
}
