package dev.offramp.provider.softiwarp;

import dev.offramp.spi.port.EventLoop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop that threads of the application serve now. Arming and disarming
 * the loop's selector around every poll would cost more than the poll; instead the loop looks from
 * time to time whether a connection is still served, and takes over those that are not. It ticks
 * only while there are some.
 */
final class LoopWatch {
  /** How long a connection can go unserved at most, twice; the selector's timers do no better. */
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private static final int FIRST_ENTRIES = 16;

  /** Where there is none. */
  private static final Watched NOBODY = () -> false;

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
  private Watched[] watched = none(FIRST_ENTRIES);

  private int count;
  private EventLoop.@Nullable Timer timer;

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
    takeAdded();
    int kept = 0;
    for (int i = 0; i < count; i++) {
      Watched connection = watched[i];
      if (looksAgain(connection)) {
        watched[kept++] = connection;
      }
    }
    Arrays.fill(watched, kept, count, NOBODY);
    count = kept;
    synchronized (added) {
      ticking = kept > 0 || !added.isEmpty();
      if (!ticking) {
        return;
      }
    }
    long next = clock.getAsLong() + TICK_NANOS;
    EventLoop.Timer ran = timer;
    timer = ran == null ? loop.schedule(next, tick) : loop.schedule(ran, next, tick);
  }

  private void takeAdded() {
    synchronized (added) {
      if (count + added.size() > watched.length) {
        Watched[] more = none(Math.max(count + added.size(), 2 * watched.length));
        System.arraycopy(watched, 0, more, 0, count);
        watched = more;
      }
      for (int i = 0; i < added.size(); i++) {
        watched[count++] = added.get(i);
      }
      added.clear();
    }
  }

  private static Watched[] none(int size) {
    Watched[] places = new Watched[size];
    Arrays.fill(places, NOBODY);
    return places;
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
