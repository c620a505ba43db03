package dev.offramp.models.intel;

import dev.offramp.models.DmaFaultException;
import dev.offramp.models.Faults;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A completion queue. How far the host has read it takes from the shadow area. An event is due when
 * the queue is armed; there is one at a time until the host acknowledges it.
 */
final class CompletionRing {
  private final int id;
  private final Dma dma;
  private final Notebook notebook;
  private final Faults faults;
  private final long address;
  private final int entries;
  private final int entryBytes;
  private final long shadow;
  private final long context;
  private final boolean checksOverflow;
  private final int ceqId;
  private final IntFunction<@Nullable EventRing> eventQueues;
  private final Overflow onOverflow;

  private int index;
  private boolean polarity = true;
  private long written;
  private long read;
  private boolean armed;
  private boolean armedSolicited;
  private int armSequence;

  /** Requests that were read and whose doorbells are still to come. */
  private int armsAhead;

  private boolean told;
  private boolean due;
  private boolean broken;
  private int users;

  private static final int ARM_SEQUENCE_MASK = 3;

  /** What {@link #ceqId} says when no CEQ is told. */
  static final int NO_CEQ = -1;

  /** Told once, when a queue overflows. */
  @FunctionalInterface
  interface Overflow {
    void overflowed(CompletionRing queue) throws DmaFaultException;
  }

  CompletionRing(
      int id,
      Dma dma,
      Notebook notebook,
      Faults faults,
      long[] command,
      int ceqId,
      IntFunction<@Nullable EventRing> eventQueues,
      Overflow onOverflow) {
    this.id = id;
    this.dma = dma;
    this.notebook = notebook;
    this.faults = faults;
    this.address = CommandFields.CQ_ADDRESS.get(command);
    this.entries = CommandFields.CQ_SIZE.getInt(command);
    this.entryBytes =
        CommandFields.AVOIDMEMCNFLCT.isSet(command)
            ? EventFields.WIDE_CQE_BYTES
            : EventFields.CQE_BYTES;
    this.shadow = CommandFields.CQ_SHADOW.get(command);
    this.context = CommandFields.CQ_CONTEXT.get(command);
    this.checksOverflow = CommandFields.CHKOVERFLOW.isSet(command);
    this.ceqId = ceqId;
    this.eventQueues = eventQueues;
    this.onOverflow = onOverflow;
  }

  /** How much memory the ring of a command takes. */
  static long ringBytes(long[] command) {
    return CommandFields.CQ_SIZE.get(command)
        * (CommandFields.AVOIDMEMCNFLCT.isSet(command)
            ? EventFields.WIDE_CQE_BYTES
            : EventFields.CQE_BYTES);
  }

  int id() {
    return id;
  }

  /** Half of the host's context, as commands and events carry it. */
  long context() {
    return context;
  }

  /** Which CEQ is told; it may be created later than the control queue's CQ. */
  int ceqId() {
    return ceqId;
  }

  private @Nullable EventRing events() {
    return ceqId == NO_CEQ ? null : eventQueues.apply(ceqId);
  }

  /** A QP uses the queue from now on, or no longer. */
  void attach(int change) {
    users += change;
  }

  boolean isInUse() {
    return users > 0;
  }

  /** A completion of a QP. */
  void post(Completion completion) throws DmaFaultException {
    if (faults.at(IntelFaults.CQE_LOST) != Faults.NO_FAULT) {
      return;
    }
    long[] words = completion.encode();
    if (faults.at(IntelFaults.CQE_DEAD_QP) != Faults.NO_FAULT) {
      EventFields.QPID.set(words, ~completion.qpId());
      EventFields.COMPCTX.set(words, ~completion.context());
    }
    if (faults.at(IntelFaults.CQE_INDEX) != Faults.NO_FAULT) {
      EventFields.WQEIDX.set(words, -1);
    }
    if (faults.at(IntelFaults.CQE_OPCODE) != Faults.NO_FAULT) {
      EventFields.OP.set(words, -1);
    }
    long error = faults.at(IntelFaults.CQE_ERROR);
    if (error != Faults.NO_FAULT) {
      EventFields.ERROR.set(words, true);
      EventFields.MAJERR.set(words, error == 1 ? 2 : error >>> 16);
      EventFields.MINERR.set(words, error == 1 ? 1 : error);
    }
    boolean stale = faults.at(IntelFaults.CQE_VALID_BIT) != Faults.NO_FAULT;
    boolean full = faults.at(IntelFaults.CQE_OVERFLOW) != Faults.NO_FAULT;
    boolean wakes = completion.solicited() || EventFields.ERROR.isSet(words);
    write(words, stale, full, wakes);
    if (faults.at(IntelFaults.CQE_TWICE) != Faults.NO_FAULT) {
      write(words, false, false, wakes);
    }
  }

  /** A completion whose words are ready but for the valid bit. */
  void write(long[] words, boolean stale, boolean full, boolean wakes) throws DmaFaultException {
    if (broken) {
      return;
    }
    if (full || isFull()) {
      if (!full) {
        notebook.violation(
            Violation.Kind.CQ_OVERFLOW,
            "CQ %d has %d entries and nobody takes them".formatted(id, entries));
      }
      if (full || checksOverflow) {
        broken = true;
        onOverflow.overflowed(this);
        return;
      }
    }
    EventFields.VALID.set(words, polarity ^ stale);
    dma.write(address + (long) index * entryBytes, words);
    written++;
    index++;
    if (index == entries) {
      index = 0;
      polarity = !polarity;
    }
    if (armed || (armedSolicited && wakes)) {
      armed = false;
      armedSolicited = false;
      tell();
    }
  }

  private boolean isFull() throws DmaFaultException {
    long head = EventFields.SHADOW_HEAD.get(new long[] {dma.read(shadow)});
    long step = Math.floorMod(head - read % entries, entries);
    read = Math.min(read + step, written);
    return written - read == entries;
  }

  /**
   * The arm register was written with this queue's id. The request is read only now, so that it may
   * be a later one already, whose own doorbell is still to come; and a doorbell that brings nothing
   * new does nothing. Requests that are ahead of their doorbells by a whole round of sequence
   * numbers are no such thing any more.
   */
  void arm() throws DmaFaultException {
    long[] word = {dma.read(shadow + (long) EventFields.SHADOW_ARM_WORD * Long.BYTES)};
    int sequence = EventFields.ARM_SEQUENCE.getInt(word);
    int advance = (sequence - armSequence) & ARM_SEQUENCE_MASK;
    armsAhead = Math.max(armsAhead + advance - 1, 0);
    if (EventFields.ARM_SELECT.get(word) != 0 || armsAhead > ARM_SEQUENCE_MASK) {
      notebook.violation(
          Violation.Kind.BAD_ARM,
          "CQ %d armed with sequence [%d], select [%d], %d numbers ahead of their doorbells; expected %d and 0"
              .formatted(
                  id,
                  sequence,
                  EventFields.ARM_SELECT.get(word),
                  armsAhead,
                  (armSequence + 1) & ARM_SEQUENCE_MASK));
      armsAhead = 0;
      return;
    }
    if (advance > 0) {
      armSequence = sequence;
      armed = EventFields.ARM_NEXT.isSet(word);
      armedSolicited = EventFields.ARM_NEXT_SOLICITED.isSet(word);
    }
  }

  /** The acknowledge register was written with this queue's id. */
  void acknowledge() throws DmaFaultException {
    EventRing ring = events();
    if (ring == null || !told) {
      return;
    }
    told = false;
    ring.acknowledged();
    if (due) {
      due = false;
      tell();
    }
  }

  private void tell() throws DmaFaultException {
    EventRing ring = events();
    if (ring == null) {
      return;
    }
    if (told) {
      due = true;
      return;
    }
    if (ring.isFull()) {
      notebook.violation(
          Violation.Kind.CEQ_OVERFLOW,
          "a CEQ of %d entries, all of them taken".formatted(ring.entries()));
      return;
    }
    told = true;
    ring.post(context);
  }

  /** The queue goes; so does an event that was not acknowledged. */
  void destroy() {
    EventRing ring = events();
    if (ring != null && told) {
      ring.acknowledged();
    }
  }
}
