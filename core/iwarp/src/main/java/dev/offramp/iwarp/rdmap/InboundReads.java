package dev.offramp.iwarp.rdmap;

import org.jspecify.annotations.Nullable;

/** The peer's requests in order of arrival. There are never more than the IRD in force. */
final class InboundReads {
  private static final int FIRST_ENTRIES = 4;

  private final int ird;

  /** As many as were outstanding at once, rounded up to a power of two. */
  private InboundRead[] ring = new InboundRead[0];

  private long oldest;
  private long end;

  InboundReads(int ird) {
    this.ird = ird;
  }

  boolean isFull() {
    return end - oldest == ird;
  }

  boolean isEmpty() {
    return oldest == end;
  }

  int count() {
    return (int) (end - oldest);
  }

  /** One of them, oldest first. */
  InboundRead get(int index) {
    return ring[index(oldest + index)];
  }

  /** The entry of the next request; entries are made when first used, and stay. */
  InboundRead add() {
    if (end - oldest == ring.length) {
      grow();
    }
    InboundRead entry = ring[index(end++)];
    entry.sent = 0;
    entry.source = null;
    return entry;
  }

  @Nullable InboundRead oldest() {
    return isEmpty() ? null : ring[index(oldest)];
  }

  void removeOldest() {
    oldest++;
  }

  private void grow() {
    InboundRead[] more = new InboundRead[Math.max(FIRST_ENTRIES, 2 * ring.length)];
    int mask = more.length - 1;
    for (long i = oldest; i < end; i++) {
      more[(int) i & mask] = ring[index(i)];
    }
    for (long i = end; i < oldest + more.length; i++) {
      more[(int) i & mask] = new InboundRead();
    }
    ring = more;
  }

  private int index(long number) {
    return (int) number & (ring.length - 1);
  }
}
