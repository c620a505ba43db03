package dev.offramp.provider.softiwarp;

import dev.offramp.spi.port.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The connections of one event loop that threads of the application serve now. Arming and disarming
 * the loop's selector around every poll would cost more than the poll; instead the loop looks from
 * time to time whether a connection is still served, and takes over those that are not. It ticks
 * only while there are some.
 */
final class LoopWatch {
  /** How long a connection can go unserved at most, twice; the selector's timers do no better. */
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** A connection on the list. */
  interface Watched {
    /** Looks at it on the loop's thread; must not wait. False takes it off the list. */
    boolean look();
  }

  private final EventLoop loop;
  private final LongSupplier clock;
  private final Runnable tick = this::tick;
  private final List<Watched> added = new ArrayList<>();

  /** For the loop's thread alone. */
  private final List<Watched> watched = new ArrayList<>();

  /** Under the monitor of {@link #added}, as that list itself. */
  private boolean ticking;

  LoopWatch(EventLoop loop, LongSupplier clock) {
    this.loop = loop;
    this.clock = clock;
  }

  EventLoop loop() {
    return loop;
  }

  /** Puts a connection on the list, where it may be once. For any thread. */
  void add(Watched connection) {
    boolean start;
    synchronized (added) {
      added.add(connection);
      start = !ticking;
      ticking = true;
    }
    if (start) {
      loop.schedule(clock.getAsLong() + TICK_NANOS, tick);
    }
  }

  private void tick() {
    synchronized (added) {
      watched.addAll(added);
      added.clear();
    }
    int kept = 0;
    for (int i = 0; i < watched.size(); i++) {
      Watched connection = watched.get(i);
      if (looksAgain(connection)) {
        watched.set(kept++, connection);
      }
    }
    watched.subList(kept, watched.size()).clear();
    synchronized (added) {
      ticking = kept > 0 || !added.isEmpty();
      if (!ticking) {
        return;
      }
    }
    loop.schedule(clock.getAsLong() + TICK_NANOS, tick);
  }

  private static boolean looksAgain(Watched connection) {
    try {
      return connection.look();
    } catch (RuntimeException | Error e) {
      // The others on the list must not lose their turn by it.
      System.getLogger(LoopWatch.class.getName())
          .log(System.Logger.Level.ERROR, "a connection could not be looked at", e);
      return false;
    }
  }
}
