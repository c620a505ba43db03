package dev.offramp.provider.chelsio.connection;

/** Sequence numbers: 32 bits that wrap. */
final class Sequence {
  private static final long MASK = 0xFFFF_FFFFL;

  private Sequence() {}

  /** How far {@code to} is behind {@code from}. */
  static long distance(long from, long to) {
    return (to - from) & MASK;
  }

  /** A number so far behind another. */
  static long plus(long from, long distance) {
    return (from + distance) & MASK;
  }
}
