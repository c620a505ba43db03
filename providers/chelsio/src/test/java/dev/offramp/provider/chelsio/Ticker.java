package dev.offramp.provider.chelsio;

import dev.offramp.models.ModelClock;
import dev.offramp.models.ModelLoop;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets time pass only when chip, peer and driver have done what there was to do: a deadline is over
 * after as many turns of theirs, however slow the machine is.
 */
final class Ticker implements AutoCloseable {
  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  /** Looks at a driver's loop that waits for the clock itself. */
  private static final int LOOKS = 20;

  private final ModelClock clock;
  private final List<ModelLoop> loops;
  private final ModelLoop driver;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Has to be started.
   *
   * @param loops those that never wait
   * @param driver one that may wait for an answer until the clock says that it will not come
   */
  Ticker(ModelClock clock, List<ModelLoop> loops, ModelLoop driver) {
    this.clock = clock;
    this.loops = loops;
    this.driver = driver;
    this.thread = Thread.ofPlatform().name("ticker").daemon(true).unstarted(this::run);
  }

  /** Lets time pass until it is closed. */
  void start() {
    thread.start();
  }

  private void run() {
    while (!closed) {
      loops.forEach(loop -> loop.run(() -> {}));
      AtomicBoolean turned = new AtomicBoolean();
      driver.execute(() -> turned.set(true));
      for (int i = 0; i < LOOKS && !turned.get(); i++) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      clock.jump(STEP_NANOS);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
