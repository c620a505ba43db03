package dev.offramp.models.chelsio;

import dev.offramp.models.Faults;
import dev.offramp.models.chelsio.ChelsioFaults.Damage;
import dev.offramp.models.chelsio.ChelsioFaults.Message;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Brings CPL messages and completions to the host, damaged where that is asked for. A message that
 * fits an entry of its ingress queue is put there behind an RSS header; a longer one goes to a
 * buffer of the queue's free list, and the entry has the RSS header only (sge.c,
 * process_responses). For the model's thread.
 */
final class Messages {
  private static final int RSS_BYTES = 8;

  private final Silicon silicon;

  Messages(Silicon silicon) {
    this.silicon = silicon;
  }

  /**
   * Sends a CPL message.
   *
   * @param absoluteQueue the ingress queue, by its absolute number
   */
  void send(Message kind, int absoluteQueue, byte[] cpl) {
    IngressQueue queue = silicon.queues.absolute(absoluteQueue);
    if (queue == null) {
      silicon.violations.add(
          Violation.Kind.NO_SUCH_INGRESS_QUEUE,
          "CPL message " + kind,
          "ingress queue " + absoluteQueue + " (absolute)",
          "the absolute number of a queue that is there");
      return;
    }
    send(kind, queue, cpl);
  }

  /** Sends a reply of a work request that is of no flow. */
  void reply(Message kind, EgressQueue of, byte[] cpl) {
    IngressQueue queue = silicon.queues.ingress(of.replyQueue());
    if (queue == null) {
      silicon.violations.add(
          Violation.Kind.NO_SUCH_INGRESS_QUEUE,
          of.name(),
          "replies to ingress queue " + of.replyQueue(),
          "a queue that is there");
      return;
    }
    send(kind, queue, cpl);
  }

  private void send(Message kind, IngressQueue queue, byte[] cpl) {
    if (damage(kind, Damage.LOST) != Faults.NO_FAULT) {
      return;
    }
    boolean fresh = damage(kind, Damage.WRONG_GENERATION) == Faults.NO_FAULT;
    damage(kind, cpl, false);
    byte[] entry = new byte[RSS_BYTES + cpl.length];
    MemorySegment message = MemorySegment.ofArray(entry);
    long wrongQueue = damage(kind, Damage.WRONG_QUEUE);
    Be.put8(message, 0, cpl[0]);
    Be.put16(message, 2, wrongQueue == Faults.NO_FAULT ? queue.absoluteId() : (int) wrongQueue);
    if (queue.fits(entry.length)) {
      System.arraycopy(cpl, 0, entry, RSS_BYTES, cpl.length);
      queue.write(message, IngressQueue.TYPE_CPL, 0, fresh);
      return;
    }
    MemorySegment buffer = buffer(kind, queue, cpl.length);
    if (buffer != null) {
      MemorySegment.copy(MemorySegment.ofArray(cpl), 0, buffer, 0, cpl.length);
      queue.write(message.asSlice(0, RSS_BYTES), IngressQueue.TYPE_FREE_LIST, cpl.length, fresh);
    }
  }

  private @Nullable MemorySegment buffer(Message kind, IngressQueue queue, int bytes) {
    FreeList list = queue.freeList();
    if (list == null || list.isEmpty()) {
      silicon.violations.add(
          Violation.Kind.MESSAGE_WITHOUT_ROOM,
          queue.name(),
          "CPL message %s of %d bytes for entries of %d, %s"
              .formatted(
                  kind, bytes, queue.entryBytes(), list == null ? "no free list" : "no buffer"),
          "a free list with buffers");
      return null;
    }
    return list.take(bytes);
  }

  /** Tells an ingress queue that another one has entries. */
  void notifyQueue(int absoluteQueue, int about) {
    IngressQueue queue = silicon.queues.absolute(absoluteQueue);
    if (queue != null) {
      queue.write(MemorySegment.ofArray(new byte[0]), IngressQueue.TYPE_INTERRUPT, about, true);
    }
  }

  /** Writes a completion. */
  void complete(IngressQueue queue, Cqe original) {
    if (damage(Message.CQE, Damage.LOST) != Faults.NO_FAULT) {
      return;
    }
    long status = silicon.faults.at(ChelsioFaults.CQE_STATUS);
    Cqe cqe =
        status == Faults.NO_FAULT
            ? original
            : new Cqe(
                original.queueId(),
                original.send(),
                original.opcode(),
                (int) status & 0x1F,
                original.length(),
                original.stag(),
                original.low());
    byte[] bytes = new byte[Cqe.SHORT_BYTES - Long.BYTES];
    cqe.encode(MemorySegment.ofArray(bytes));
    damage(Message.CQE, bytes, true);
    boolean fresh = damage(Message.CQE, Damage.WRONG_GENERATION) == Faults.NO_FAULT;
    boolean overflow = silicon.faults.at(ChelsioFaults.CQ_OVERFLOW) != Faults.NO_FAULT;
    queue.writeCompletion(MemorySegment.ofArray(bytes), cqe.isSolicited(), fresh, overflow);
    if (overflow) {
      queue.overwrite();
    }
  }

  private long damage(Message kind, Damage damage) {
    return silicon.faults.at(ChelsioFaults.message(kind, damage));
  }

  private void damage(Message kind, byte[] bytes, boolean completion) {
    MemorySegment at = MemorySegment.ofArray(bytes);
    long opcode = damage(kind, Damage.UNKNOWN_OPCODE);
    if (opcode != Faults.NO_FAULT) {
      if (completion) {
        at.set(ValueLayout.JAVA_BYTE, 3, (byte) ((bytes[3] & 0xF0) | ((int) opcode & 0xF)));
      } else {
        at.set(ValueLayout.JAVA_BYTE, 0, (byte) opcode);
      }
    }
    long tid = damage(kind, Damage.WRONG_TID);
    if (tid != Faults.NO_FAULT) {
      int first = Be.get32(at, 0);
      Be.put32(
          at,
          0,
          completion
              ? (first & 0xFFF) | (int) tid << 12
              : (first & 0xFF00_0000) | ((int) tid & 0xFF_FFFF));
    }
    long length = damage(kind, Damage.TRUNCATED);
    if (length != Faults.NO_FAULT) {
      at.asSlice(Math.min(bytes.length, length & 0x7F)).fill((byte) 0);
    }
    long seed = damage(kind, Damage.GARBAGE);
    if (seed != Faults.NO_FAULT) {
      new Random(seed).nextBytes(bytes);
    }
  }
}
