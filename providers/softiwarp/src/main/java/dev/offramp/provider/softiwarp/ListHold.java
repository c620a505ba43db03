package dev.offramp.provider.softiwarp;

import java.util.concurrent.TimeUnit;

/**
 * Decides whether a list of short messages may wait until the application comes by again, so that
 * it shares a write with the next list: a write costs more than all else that a list needs.
 *
 * <p>A list waits only where the application has come back at once after each of the last lists: it
 * polls, waits, or posts a single message, and each of these writes what waits. Where it has not,
 * the event loop writes, up to two ticks of {@link LoopWatch} later; then no list waits until the
 * application has come back at once so many times, and twice as many the next time. A single
 * message never waits.
 *
 * <p>All under the connection's lock.
 */
final class ListHold {
  /** Some 180 messages of 64 bytes. More in one write saves little, and the peer could begin. */
  static final int MAX_BYTES = 16 << 10;

  /** At once: less than about what one or two writes cost. */
  static final long PROMPT_NANOS = TimeUnit.MICROSECONDS.toNanos(10);

  /** How long the first of several lists waits at most while more are posted. */
  static final long MAX_NANOS = TimeUnit.MICROSECONDS.toNanos(30);

  static final int MIN_STREAK = 8;
  static final int MAX_STREAK = 1 << 12;

  /** What a list that waited and was prompt takes off the streak that is asked for. */
  private static final int RECOVERY = 2;

  /** A list was posted since the application came by. */
  private boolean open;

  private long lastNanos;
  private boolean holding;
  private long sinceNanos;

  /** How often in a row the application was prompt, and how often it has to be. */
  private int prompt;

  private int streak = MIN_STREAK;

  /** Whether something waits. */
  boolean isHolding() {
    return holding;
  }

  /** Whether {@link #cameBack} has to be told. */
  boolean isOpen() {
    return open;
  }

  /**
   * A list was posted; whether it may wait. If it may not, all is written at once.
   *
   * @param bytes that wait to be written, this list's included
   */
  boolean mayWait(long bytes, long nowNanos) {
    boolean may =
        bytes < MAX_BYTES && prompt >= streak && (!holding || nowNanos - sinceNanos <= MAX_NANOS);
    if (may && !holding) {
      sinceNanos = nowNanos;
    }
    holding = may;
    open = true;
    lastNanos = nowNanos;
    return may;
  }

  /** A list was posted that cannot wait. */
  void mustNotWait(long nowNanos) {
    holding = false;
    open = true;
    lastNanos = nowNanos;
  }

  /** The application has come by, and all is written. */
  void cameBack(long nowNanos) {
    if (nowNanos - lastNanos > PROMPT_NANOS) {
      late();
    } else {
      prompt = Math.min(prompt + 1, MAX_STREAK);
      if (holding) {
        streak = Math.max(streak - RECOVERY, MIN_STREAK);
      }
    }
    open = false;
    holding = false;
  }

  /** The event loop had to write. */
  void late() {
    if (holding) {
      streak = Math.min(2 * streak, MAX_STREAK);
    }
    prompt = 0;
    open = false;
    holding = false;
  }
}
