package dev.offramp.tck.run;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Ends the process when a piece of work takes too long although no single call was noticed to hang:
 * a task on an event loop that never ends, for one.
 */
final class ItemWatch {
  private static final int FACTOR = 8;
  private static final int SHOWN_FRAMES = 12;
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final ChildOutput out;
  private final Thread watched = Thread.currentThread();
  private final long limitNanos;
  private volatile long sinceNanos;
  private volatile String item = "";

  /** Watches the calling thread. */
  ItemWatch(ChildOutput out, int hangSeconds) {
    this.out = out;
    this.limitNanos = TimeUnit.SECONDS.toNanos((long) FACTOR * hangSeconds);
    this.sinceNanos = System.nanoTime();
    Thread.ofPlatform().daemon(true).name("kit-watch").start(this::run);
  }

  void begin(String what) {
    item = what;
    sinceNanos = System.nanoTime();
  }

  private void run() {
    while (true) {
      LockSupport.parkNanos(LOOK_NANOS);
      long took = System.nanoTime() - sinceNanos;
      if (took > limitNanos) {
        out.line(
            "hang",
            "%s has not come to an end for %d s; it is at%n%s"
                .formatted(
                    item,
                    TimeUnit.NANOSECONDS.toSeconds(took),
                    Stream.of(watched.getStackTrace())
                        .limit(SHOWN_FRAMES)
                        .map(frame -> "    " + frame)
                        .collect(Collectors.joining(System.lineSeparator()))));
        Runtime.getRuntime().halt(Child.HANG);
      }
    }
  }
}
