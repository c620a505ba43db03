package dev.offramp.iwarp.rdmap;

import org.jspecify.annotations.Nullable;

/** The peer's requests in order of arrival. There are never more than the IRD in force. */
final class InboundReads {
  private final @Nullable InboundRead[] ring;
  private long oldest;
  private long end;

  InboundReads(int ird) {
    ring = new @Nullable InboundRead[ird];
  }

  boolean isFull() {
    return end - oldest == ring.length;
  }

  boolean isEmpty() {
    return oldest == end;
  }

  /** The entry of the next request; entries are made when first used, and stay. */
  InboundRead add() {
    int index = (int) (end++ % ring.length);
    InboundRead entry = ring[index];
    if (entry == null) {
      entry = new InboundRead();
      ring[index] = entry;
    }
    entry.sent = 0;
    entry.source = null;
    return entry;
  }

  @Nullable InboundRead oldest() {
    return isEmpty() ? null : ring[(int) (oldest % ring.length)];
  }

  void removeOldest() {
    oldest++;
  }
}
