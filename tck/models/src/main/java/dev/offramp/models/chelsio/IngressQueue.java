package dev.offramp.models.chelsio;

import dev.offramp.models.DmaFaultException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A ring that the chip writes (sge.c; t4.h for completion queues). The last entry is the status
 * page's. An entry ends with eight bytes whose first bit is the generation, which starts at 1 and
 * flips when the ring wraps; they are written last.
 *
 * <pre>
 * with RSS headers: RSS header 8 | CPL | hdrbuflen_pidx 4 | pldbuflen_qid 4 | gen 7, type 5:4 of 1 | 7
 * without:          completion, see {@link Cqe}
 * </pre>
 *
 * <p>For the model's thread.
 */
final class IngressQueue {
  /** RSPD_TYPE_*: where the message is, or that it is an interrupt of another queue. */
  static final int TYPE_FREE_LIST = 0;

  static final int TYPE_CPL = 1;
  static final int TYPE_INTERRUPT = 2;

  private static final int TRAILER_BYTES = 16;
  private static final int NEW_BUFFER = 1 << 31;

  /** Timer index 7 of a GTS: credits only. */
  private static final int NO_TIMER = 7;

  private static final VarHandle LAST_FLIT =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN).varHandle();

  private final Silicon silicon;
  private final int id;
  private final int absoluteId;
  private final long address;
  private final int entries;
  private final int entryBytes;
  private final boolean forward;
  private final int target;
  private final @Nullable FreeList freeList;

  private int producer;
  private boolean generation = true;
  private int outstanding;
  private boolean armed;
  private boolean solicitedOnly;
  private int users;

  /**
   * An empty queue.
   *
   * @param size entries, the status page's included
   * @param forward whether interrupts go to another ingress queue
   * @param target the interrupt vector, or that queue's absolute number
   */
  IngressQueue(
      Silicon silicon,
      int id,
      int absoluteId,
      long address,
      int size,
      int entryBytes,
      boolean forward,
      int target,
      @Nullable FreeList freeList) {
    this.silicon = silicon;
    this.id = id;
    this.absoluteId = absoluteId;
    this.address = address;
    this.entries = size - 1;
    this.entryBytes = entryBytes;
    this.forward = forward;
    this.target = target;
    this.freeList = freeList;
  }

  int id() {
    return id;
  }

  int absoluteId() {
    return absoluteId;
  }

  int entryBytes() {
    return entryBytes;
  }

  @Nullable FreeList freeList() {
    return freeList;
  }

  /** How many work queues deliver here; one that is used cannot be taken back. */
  int users() {
    return users;
  }

  void use(int more) {
    users += more;
  }

  /** Whether a message with so many bytes fits an entry, RSS header and trailer aside. */
  boolean fits(int bytes) {
    return bytes <= entryBytes - TRAILER_BYTES;
  }

  /**
   * Writes a message.
   *
   * @param message RSS header and CPL, or a notification's nothing
   * @param type where the CPL is
   * @param length the third word of the trailer: payload length, or a queue number
   * @param fresh whether the entry has the generation that the host waits for
   */
  void write(MemorySegment message, int type, int length, boolean fresh) {
    long last = (long) ((generation == fresh ? 0x80 : 0) | type << 4) << 56;
    put(message, type == TYPE_FREE_LIST ? length | NEW_BUFFER : length, last);
    told(true);
  }

  /**
   * Writes a completion.
   *
   * @param cqe its bytes but the last eight, at most
   * @param fresh as above
   * @param overflow whether the overflow bit is set whatever the room
   */
  void writeCompletion(MemorySegment cqe, boolean solicited, boolean fresh, boolean overflow) {
    boolean full = outstanding >= entries;
    put(
        cqe.asSlice(0, Math.min(cqe.byteSize(), entryBytes - 8L)),
        0,
        Cqe.lastFlit(generation == fresh, overflow || full, silicon.timestamp()));
    told(solicited);
  }

  private void put(MemorySegment content, int third, long last) {
    if (outstanding >= entries) {
      silicon.violations.add(
          Violation.Kind.QUEUE_OVERFLOW,
          name(),
          "a message with " + outstanding + " entries that were not given back",
          "fewer than " + entries);
    }
    try {
      MemorySegment entry =
          silicon.platform.memory().at(address + (long) producer * entryBytes, entryBytes);
      entry.asSlice(0, entryBytes - 8L).fill((byte) 0);
      MemorySegment.copy(content, 0, entry, 0, content.byteSize());
      if (third != 0) {
        Be.put32(entry, entryBytes - 12L, third);
      }
      LAST_FLIT.setRelease(entry, entryBytes - 8L, last);
      outstanding++;
      if (++producer == entries) {
        producer = 0;
        generation = !generation;
      }
    } catch (DmaFaultException | IllegalStateException e) {
      silicon.dmaFault(name(), e);
    }
  }

  /**
   * Changes the last eight bytes of every entry but the newest, and keeps their generation, as an
   * overflow does that has come all the way round: iw_cxgb4 finds out by the entry that it read
   * last (t4.h, t4_next_hw_cqe).
   */
  void overwrite() {
    int newest = Math.floorMod(producer - 1, entries);
    try {
      MemorySegment ring = silicon.platform.memory().at(address, (long) entries * entryBytes);
      for (int i = 0; i < entries; i++) {
        long at = (i + 1L) * entryBytes - Long.BYTES;
        if (i != newest) {
          boolean old = Be.bit(Be.get64(ring, at), 63);
          LAST_FLIT.setRelease(ring, at, Cqe.lastFlit(old, true, silicon.timestamp()));
        }
      }
    } catch (DmaFaultException | IllegalStateException e) {
      silicon.dmaFault(name(), e);
    }
  }

  /**
   * The Going To Sleep register: entries are given back, and unless the timer says otherwise the
   * host wants to be told of the next one.
   */
  void goToSleep(int credits, int timer, boolean solicited) {
    if (credits > outstanding) {
      silicon.violations.add(
          Violation.Kind.BAD_CREDIT_RETURN,
          name(),
          credits + " entries given back",
          "at most " + outstanding + ", as many as were written");
      return;
    }
    outstanding -= credits;
    if (timer != NO_TIMER) {
      armed = true;
      solicitedOnly = solicited && freeList == null && target >= 0 && isCompletionQueue();
      if (outstanding > 0 && !solicitedOnly) {
        interrupt();
      }
    }
  }

  private boolean isCompletionQueue() {
    return AdapterLayout.CQ.contains(id);
  }

  private void told(boolean solicited) {
    if (armed && (solicited || !solicitedOnly)) {
      interrupt();
    }
  }

  private void interrupt() {
    armed = false;
    if (forward) {
      silicon.messages.notifyQueue(target, id);
    } else {
      silicon.platform.interrupts().raise(target);
    }
  }

  String name() {
    return (isCompletionQueue() ? "completion queue " : "ingress queue ") + id;
  }
}
