package dev.offramp.tck.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class ConductorTest {
  private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Conductor conductor = new Conductor(60);
  private final AtomicLong looks = new AtomicLong();

  @AfterEach
  void close() {
    conductor.close();
  }

  /** As drivers wait: look at the device, then at the clock. */
  private boolean await(long timeoutNanos, BooleanSupplier done) {
    long begin = conductor.look();
    while (!done.getAsBoolean()) {
      looks.incrementAndGet();
      if (conductor.look() - begin >= timeoutNanos) {
        return false;
      }
    }
    return true;
  }

  @Test
  void aWaitForSomethingSilentTakesSomeHundredLooks() throws Exception {
    long begin = conductor.now();
    assertThat(conductor.call("wait", () -> await(TIMEOUT_NANOS, () -> false))).isFalse();
    assertThat(looks.get()).isBetween(256L, 600L);
    assertThat(conductor.now() - begin).isBetween(TIMEOUT_NANOS, TIMEOUT_NANOS * 5 / 4);
  }

  @Test
  void anAnswerThatComesInTimeIsNeverLate() throws Exception {
    for (long margin : new long[] {1_000, 1_000_000, TimeUnit.SECONDS.toNanos(5)}) {
      AtomicBoolean answered = new AtomicBoolean();
      conductor
          .deviceLoop()
          .schedule(conductor.now() + TIMEOUT_NANOS - margin, () -> answered.set(true));
      assertThat(conductor.call("wait", () -> await(TIMEOUT_NANOS, answered::get)))
          .as("with %d ns to spare", margin)
          .isTrue();
    }
  }

  /**
   * As a driver's thread does that re-arms its queue at each look, and never asks what time it is.
   */
  @Test
  @Timeout(120)
  void oneThatWakesUpByAClockOfItsOwnKeepsNobodyWaiting() throws Exception {
    for (long period : new long[] {1, 5, 20, 50, 100}) {
      AtomicBoolean answered = new AtomicBoolean();
      long due = conductor.now() + TimeUnit.SECONDS.toNanos(1);
      conductor.kitLoop().schedule(due, () -> answered.set(true));
      conductor.call(
          "wait",
          () -> {
            while (!answered.get()) {
              LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(period));
              conductor.progressed();
              conductor.deviceLoop().execute(() -> {});
            }
            return true;
          });
      assertThat(conductor.now()).as("looks each %d ms", period).isGreaterThanOrEqualTo(due);
    }
  }

  @Test
  void anInterruptIsHandledWhileTheCallLooksAtTheClock() throws Exception {
    AtomicBoolean handled = new AtomicBoolean();
    conductor
        .deviceLoop()
        .schedule(
            conductor.now() + TimeUnit.MILLISECONDS.toNanos(1),
            () -> conductor.next().execute(() -> handled.set(true)));
    assertThat(conductor.call("wait", () -> await(TIMEOUT_NANOS, handled::get))).isTrue();
  }

  @Test
  void aTaskThatNeedsTheCallsLockComesAfterTheCall() throws Exception {
    ReentrantLock lock = new ReentrantLock();
    List<String> order = new CopyOnWriteArrayList<>();
    conductor
        .next()
        .execute(() -> {
          lock.lock();
          try {
            conductor.progressed();
            order.add("task");
          } finally {
            lock.unlock();
          }
        });
    conductor.call(
        "wait",
        () -> {
          lock.lock();
          try {
            order.add(await(TIMEOUT_NANOS, () -> false) ? "answer" : "time-out");
          } finally {
            lock.unlock();
          }
          order.add("call");
          return null;
        });
    conductor.settle(0);
    assertThat(order).containsExactly("time-out", "call", "task");
  }

  @Test
  void aTaskThatWasLeftAloneGoesOnWhenTheCallWaitsForIt() throws Exception {
    ReentrantLock lock = new ReentrantLock();
    AtomicBoolean handled = new AtomicBoolean();
    conductor
        .next()
        .execute(() -> {
          lock.lock();
          try {
            conductor.progressed();
            handled.set(true);
          } finally {
            lock.unlock();
          }
        });
    boolean seen =
        conductor.call(
            "wait",
            () -> {
              lock.lock();
              try {
                await(TIMEOUT_NANOS, () -> false);
              } finally {
                lock.unlock();
              }
              return await(TIMEOUT_NANOS, handled::get);
            });
    assertThat(seen).isTrue();
  }
}
