package dev.offramp.provider.chelsio.connection;

import dev.offramp.provider.chelsio.adapter.UserDoorbell;
import dev.offramp.provider.chelsio.wire.Cqe;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The completion queue that the chip writes (t4.h, {@code t4_cq}). An entry is new when its
 * generation bit is that of this turn; the bit starts at 1 and flips at each wrap; the last entry
 * is a status page. Under the connection's lock; allocates nothing.
 */
final class CompletionRing {
  private final MemorySegment ring;
  private final int entries;
  private final UserDoorbell doorbell;
  private final Cqe next = new Cqe();
  private final Cqe previous = new Cqe();

  private int consumer;
  private boolean generation = true;
  private int taken;
  private boolean any;
  private long lastSeen;

  /**
   * An empty queue.
   *
   * @param ring zeroed; begins with the first entry
   * @param size entries, the status page's included
   */
  CompletionRing(MemorySegment ring, int size, UserDoorbell doorbell) {
    this.ring = ring;
    this.entries = size - 1;
    this.doorbell = doorbell;
  }

  /** The oldest entry that was not taken; null when there is none. Valid until {@link #advance}. */
  @Nullable Cqe peek() {
    next.at(ring, (long) consumer * Cqe.SIZE_BYTES);
    return next.isNew(generation) ? next : null;
  }

  /**
   * Whether the chip has come all the way round and overwritten what was read last: then entries
   * are lost ({@code t4_next_hw_cqe}).
   */
  boolean isOverwritten() {
    if (!any) {
      return false;
    }
    int last = consumer == 0 ? entries - 1 : consumer - 1;
    return previous.at(ring, (long) last * Cqe.SIZE_BYTES).lastFlit() != lastSeen;
  }

  /** The entry that {@link #peek} gave has been dealt with. */
  void advance() {
    lastSeen = next.lastFlit();
    any = true;
    taken++;
    // The chip needs the room back long before an application waits for the next event.
    if (taken == entries >> 4) {
      doorbell.giveBack(taken);
      taken = 0;
    }
    consumer++;
    if (consumer == entries) {
      consumer = 0;
      generation = !generation;
    }
  }

  /** Asks for an event with the next entry. */
  void arm() {
    doorbell.arm(taken, false);
    taken = 0;
  }

  /** For messages: where the reader stands. */
  String position() {
    return "entry [%d] of [%d], generation [%d]".formatted(consumer, entries, generation ? 1 : 0);
  }
}
