package dev.offramp.provider.intel.ring;

import dev.offramp.provider.intel.layout.CompletionEntry;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.Registers;
import dev.offramp.provider.intel.layout.Words;
import dev.offramp.spi.port.DeviceWindow;
import java.lang.foreign.MemorySegment;

/**
 * The completion queue of one QP, both directions. For one thread at a time.
 *
 * <p>One flushed completion stands for all that is left in its queue. It stays where it is, with
 * the index of the next WQE, until that queue is empty; NOPs of the chunk rule are passed over.
 * Source: irdma's uk.c, irdma_uk_cq_poll_cmpl.
 */
public final class CompletionRing {
  /** What a poll found. */
  public enum Polled {
    /** The device has written nothing new. */
    NOTHING,
    /** A completion. */
    COMPLETED,
    /** A completion of something else: of a QP that is gone. */
    FOREIGN,
    /** A completion of work that was never posted, or has been completed before. */
    IMPOSSIBLE,
    /** Nothing that concerns the caller; look again. */
    SKIPPED
  }

  private final MemorySegment ring;
  private final MemorySegment shadow;
  private final int size;
  private final int cqId;
  private final Generation generation;
  private final DeviceWindow window;

  private final SendRing sends;
  private final ReceiveRing receives;
  private final long completionContext;

  /** Quanta of the connection's own WQEs at the ring's beginning; 0 once they are behind. */
  private int connectionQuanta;

  private int head;
  private int polarity = 1;

  /**
   * An empty ring.
   *
   * @param ring zeroed, 32 bytes for each entry
   * @param shadow zeroed, 64 bytes
   * @param completionContext what the QP's completions carry
   * @param connectionQuanta quanta at the beginning of the send queue that nobody posted
   */
  public CompletionRing(
      Generation generation,
      MemorySegment ring,
      MemorySegment shadow,
      int cqId,
      SendRing sends,
      ReceiveRing receives,
      long completionContext,
      int connectionQuanta,
      DeviceWindow window) {
    this.generation = generation;
    this.ring = ring;
    this.shadow = shadow;
    this.size = Math.toIntExact(ring.byteSize() / CompletionEntry.BYTES);
    this.cqId = cqId;
    this.sends = sends;
    this.receives = receives;
    this.completionContext = completionContext;
    this.connectionQuanta = connectionQuanta;
    this.window = window;
  }

  /** The entry that is looked at next. */
  public int head() {
    return head;
  }

  public int polarity() {
    return polarity;
  }

  /** Asks for an event when the next completion comes. */
  public void arm(boolean solicitedOnly) {
    long word = Words.get(shadow, CompletionEntry.SHADOW_ARM);
    Words.putRelease(
        shadow, CompletionEntry.SHADOW_ARM, CompletionEntry.armed(word, solicitedOnly));
    window.fence();
    window.write32(Registers.BAR, generation.registers().cqArm(), cqId);
  }

  /** Takes the next completion. */
  public Polled poll(WorkCompletion into) {
    long entry = (long) head * CompletionEntry.BYTES;
    long q3 = Words.getAcquire(ring, entry + CompletionEntry.Q3);
    if (CompletionEntry.IRDMA_CQ_VALID.in(q3) != polarity) {
      return Polled.NOTHING;
    }
    into.extended = CompletionEntry.IRDMA_CQ_EXTCQE.isSetIn(q3);
    into.immediateValid = false;
    if (into.extended && !readExtension(into)) {
      return Polled.NOTHING;
    }
    readStatus(into, q3);
    long q0 = Words.get(ring, entry + CompletionEntry.Q0);
    long q2 = Words.get(ring, entry + CompletionEntry.Q2);
    into.completionContext = Words.get(ring, entry + CompletionEntry.Q1);
    into.tcpSequenceOrRtt = CompletionEntry.IRDMACQ_TCPSEQNUMRTT.intIn(q0);
    into.qpId = CompletionEntry.IRDMACQ_QPID.intIn(q2);
    into.solicited = CompletionEntry.IRDMACQ_SOEVENT.isSetIn(q3);
    into.pushDropped = CompletionEntry.IRDMACQ_PSHDROP.isSetIn(q3);
    into.wqeIndex = CompletionEntry.IRDMA_CQ_WQEIDX.intIn(q3);
    into.sendQueue = CompletionEntry.IRDMA_CQ_SQ.isSetIn(q3);
    into.stagInvalidated = CompletionEntry.IRDMACQ_STAG.isSetIn(q3);
    into.invalidatedStag = CompletionEntry.IRDMACQ_INVSTAG.intIn(q2);
    Polled polled;
    if (into.completionContext != completionContext) {
      polled = Polled.FOREIGN;
    } else if (into.sendQueue) {
      polled = completeSend(into, q3);
    } else {
      polled = completeReceive(into, q0, q3);
    }
    boolean more = into.sendQueue ? sends.hasWork() : receives.hasWork();
    if (polled == Polled.COMPLETED && into.status == WorkCompletion.Status.FLUSHED && more) {
      keep(entry, into);
    } else {
      advance(into.extended);
    }
    return polled;
  }

  private boolean readExtension(WorkCompletion into) {
    int next = head + 1 == size ? 0 : head + 1;
    long at = (long) next * CompletionEntry.BYTES;
    long q7 = Words.getAcquire(ring, at + CompletionEntry.Q3);
    long valid = CompletionEntry.IRDMA_CQ_VALID.in(q7) ^ (next == 0 ? 1 : 0);
    if (valid != polarity) {
      return false;
    }
    into.immediateValid = CompletionEntry.IRDMA_CQ_IMMVALID.isSetIn(q7);
    if (into.immediateValid) {
      into.immediate =
          CompletionEntry.IRDMA_CQ_IMMDATALOW32.intIn(Words.get(ring, at + CompletionEntry.Q0));
    }
    return true;
  }

  private static void readStatus(WorkCompletion into, long q3) {
    into.majorError = 0;
    into.minorError = 0;
    into.status = WorkCompletion.Status.SUCCESS;
    if (CompletionEntry.IRDMA_CQ_ERROR.isSetIn(q3)) {
      into.majorError = CompletionEntry.IRDMA_CQ_MAJERR.intIn(q3);
      into.minorError = CompletionEntry.IRDMA_CQ_MINERR.intIn(q3);
      into.status =
          into.majorError == CompletionEntry.MAJOR_FLUSHED
              ? WorkCompletion.Status.FLUSHED
              : WorkCompletion.Status.UNKNOWN;
    }
  }

  private Polled completeSend(WorkCompletion into, long q3) {
    into.stagInvalidated = false;
    if (connectionQuanta != 0) {
      boolean own = into.wqeIndex < connectionQuanta;
      if (into.wqeIndex + 1 >= connectionQuanta) {
        connectionQuanta = 0;
      }
      if (own && !(into.status == WorkCompletion.Status.FLUSHED && sends.hasWork())) {
        return Polled.SKIPPED;
      }
    }
    if (into.status == WorkCompletion.Status.FLUSHED) {
      return flushSend(into);
    }
    int index = into.wqeIndex;
    // Nobody waits for the NOPs of the chunk rule, and they have the ids of work before them.
    if (!sends.isOutstanding(index) || !sends.isWorkAt(index)) {
      return Polled.IMPOSSIBLE;
    }
    into.slot = index;
    into.id = sends.idAt(index);
    into.bytes = into.status == WorkCompletion.Status.SUCCESS ? sends.lengthAt(index) : 0;
    into.opcode = CompletionEntry.IRDMACQ_OP.intIn(q3);
    sends.completeThrough(index);
    return Polled.COMPLETED;
  }

  private Polled flushSend(WorkCompletion into) {
    while (sends.hasWork()) {
      int tail = sends.tail();
      boolean work = sends.isWorkAt(tail);
      into.opcode = sends.opcodeAt(tail);
      into.id = sends.idAt(tail);
      into.bytes = sends.lengthAt(tail);
      into.slot = tail;
      sends.completeThrough(tail);
      if (work) {
        return Polled.COMPLETED;
      }
    }
    return Polled.SKIPPED;
  }

  private Polled completeReceive(WorkCompletion into, long q0, long q3) {
    int index = into.wqeIndex / receives.wqeQuanta();
    if (into.status != WorkCompletion.Status.SUCCESS) {
      if (!receives.hasWork()) {
        return Polled.SKIPPED;
      }
      index = receives.tail();
    } else if (!receives.isOutstanding(index)) {
      return Polled.IMPOSSIBLE;
    }
    into.slot = index;
    into.id = receives.idAt(index);
    into.bytes = CompletionEntry.IRDMACQ_PAYLDLEN.in(q0);
    into.opcode = CompletionEntry.IRDMACQ_OP.intIn(q3);
    receives.completeThrough(index);
    return Polled.COMPLETED;
  }

  /** Leaves a flushed completion for the next WQE of its queue. */
  private void keep(long entry, WorkCompletion into) {
    long q3 = Words.get(ring, entry + CompletionEntry.Q3);
    int next = into.sendQueue ? sends.tail() : receives.tail();
    q3 &= ~(CompletionEntry.IRDMA_CQ_WQEIDX.mask() | CompletionEntry.IRDMA_CQ_MINERR.mask());
    q3 |=
        CompletionEntry.IRDMA_CQ_WQEIDX.of(next)
            | CompletionEntry.IRDMA_CQ_MINERR.of(CompletionEntry.FLUSH_GENERAL_ERR);
    Words.put(ring, entry + CompletionEntry.Q3, q3);
  }

  private void advance(boolean extended) {
    step();
    if (extended) {
      step();
    }
    Words.putRelease(shadow, CompletionEntry.SHADOW_HEAD, head);
  }

  private void step() {
    head++;
    if (head == size) {
      head = 0;
      polarity ^= 1;
    }
  }

  /**
   * Takes the oldest work that the device will never complete, as though it had flushed it.
   *
   * @param send of the send queue; else of the receive queue
   * @return false when there is none
   */
  public boolean sweep(boolean send, WorkCompletion into) {
    into.status = WorkCompletion.Status.FLUSHED;
    into.sendQueue = send;
    into.majorError = CompletionEntry.MAJOR_FLUSHED;
    into.minorError = CompletionEntry.FLUSH_GENERAL_ERR;
    into.stagInvalidated = false;
    into.solicited = false;
    if (send) {
      return flushSend(into) == Polled.COMPLETED;
    }
    if (!receives.hasWork()) {
      return false;
    }
    into.slot = receives.tail();
    into.id = receives.idAt(into.slot);
    receives.completeThrough(into.slot);
    return true;
  }

  /** Sets what a test needs. */
  void restore(int newPolarity) {
    polarity = newPolarity;
  }
}
