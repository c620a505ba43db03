package dev.offramp.provider.intel;

import dev.offramp.provider.intel.layout.CqpQp;
import dev.offramp.provider.intel.layout.CqpWqe;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.Registers;
import dev.offramp.provider.intel.layout.SendWqe;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Stands between a driver and its device, and turns round one bit of what the driver says: in
 * memory before the doorbell that tells of it, or in the doorbell itself. Once.
 */
final class FlippingWindow extends ForwardingWindow {
  private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final int SQ_WORD = 1;
  private static final int HEADER_WORD = 3;
  private static final int RQ_WORD = 2;
  private static final int CONTEXT_WORD = 2;
  private static final int RING_COMMANDS = 256;

  /** What is flipped. */
  enum Where {
    /** A command of the control queue, the first with that opcode. */
    COMMAND,
    /** The context that the command to RTS loads. */
    CONTEXT,
    /** The work request that stands there before a connection runs. */
    FIRST_WORK,
    /** A work request, the first with that opcode. */
    WORK,
    /** A Receive, by its place. */
    RECEIVE,
    /** A register write, the first to that offset. */
    REGISTER
  }

  /**
   * One bit.
   *
   * @param which opcode, place or offset, as {@code where} has it
   * @param word which 64-bit word of a structure
   * @param bit in the word, or in the register
   */
  record Flip(Where where, int which, int word, int bit) {}

  private final Generation generation;
  private final Flip flip;
  private final List<DmaSlab> slabs = new CopyOnWriteArrayList<>();
  private boolean armed;
  private boolean done;
  private boolean reset;
  private long ring;
  private int head;
  private long context;
  private long contextHigh;

  FlippingWindow(DeviceWindow window, Generation generation, Flip flip) {
    super(window);
    this.generation = generation;
    this.flip = flip;
  }

  /** From now on the bit may be met. */
  synchronized void arm() {
    armed = true;
  }

  /** Whether it was met. */
  synchronized boolean isDone() {
    return done;
  }

  /** Whether the driver has given the device up. */
  synchronized boolean isReset() {
    return reset;
  }

  @Override
  public boolean reset() {
    synchronized (this) {
      reset = true;
    }
    return super.reset();
  }

  /** Receives have been posted, of which no doorbell tells. */
  synchronized void receivesPosted(int wqeBytes) {
    if (armed && !done && flip.where == Where.RECEIVE && context != 0) {
      turn(word(context, RQ_WORD) + (long) flip.which * wqeBytes);
    }
  }

  @Override
  public synchronized void write32(int bar, long offset, int value) {
    Registers registers = generation.registers();
    int written = value;
    if (offset == registers.cqpDb()) {
      announce(value);
    } else if (offset == registers.ccqpHigh()) {
      contextHigh = value;
    } else if (offset == registers.ccqpLow() && value != 0) {
      ring = word(contextHigh << Integer.SIZE | Integer.toUnsignedLong(value), 1);
      head = 0;
    } else if (offset == registers.wqeAlloc() && flip.where == Where.WORK && armed && !done) {
      work();
    }
    if (armed && !done && flip.where == Where.REGISTER && offset == flip.which) {
      done = true;
      written ^= 1 << flip.bit;
    }
    super.write32(bar, offset, written);
  }

  /** The driver is about to tell of commands. */
  private void announce(int newHead) {
    for (; head != newHead; head = (head + 1) % RING_COMMANDS) {
      long command = ring + (long) head * CqpWqe.BYTES;
      long header = word(command, HEADER_WORD);
      int opcode = CqpWqe.IRDMA_CQPSQ_OPCODE.intIn(header);
      boolean loads =
          CqpQp.IRDMA_CQPSQ_QP_TOECTXVALID.isSetIn(header)
              && opcode == 1
              && CqpQp.IRDMA_CQPSQ_QP_NEXTIWSTATE.intIn(header) == CqpQp.STATE_RTS;
      if (loads) {
        context = word(command, CONTEXT_WORD);
      }
      if (!armed || done) {
        continue;
      }
      if (flip.where == Where.COMMAND && opcode == flip.which) {
        turn(command);
      } else if (flip.where == Where.CONTEXT && loads) {
        turn(context);
      } else if (flip.where == Where.FIRST_WORK && loads) {
        turn(word(context, SQ_WORD));
      }
    }
  }

  /** The driver is about to tell of work: it is looked for where it has not been told of. */
  private void work() {
    if (context == 0) {
      return;
    }
    long queue = word(context, SQ_WORD);
    // Behind the connection's own, which is at the start; a short exchange does not wrap.
    for (int quantum = 1; quantum < 64; quantum++) {
      long at = queue + (long) quantum * SendWqe.QUANTUM_BYTES;
      long header = word(at, HEADER_WORD);
      if (SendWqe.IRDMAQPSQ_VALID.isSetIn(header)
          && SendWqe.IRDMAQPSQ_SIGCOMPL.isSetIn(header)
          && SendWqe.IRDMAQPSQ_OPCODE.intIn(header) == flip.which) {
        turn(at);
        return;
      }
    }
  }

  private void turn(long address) {
    done = true;
    long at = address + (long) flip.word * Long.BYTES;
    put(at, word(at, 0) ^ 1L << flip.bit);
  }

  private long word(long address, int word) {
    long at = address + (long) word * Long.BYTES;
    return memory(at).get(WORD, 0);
  }

  private void put(long address, long value) {
    memory(address).set(WORD, 0, value);
  }

  private MemorySegment memory(long address) {
    for (DmaSlab slab : slabs) {
      long offset = address - slab.deviceAddress();
      if (offset >= 0 && offset + Long.BYTES <= slab.segment().byteSize()) {
        return slab.segment().asSlice(offset, Long.BYTES);
      }
    }
    throw new IllegalStateException("no memory at [%#x]".formatted(address));
  }

  @Override
  public DmaSlab allocate(long sizeBytes, long alignmentBytes) {
    DmaSlab slab = super.allocate(sizeBytes, alignmentBytes);
    slabs.addFirst(slab);
    return slab;
  }
}
