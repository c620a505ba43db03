package dev.offramp.provider.intel.ring;

import dev.offramp.provider.intel.layout.CompletionEntry;
import dev.offramp.provider.intel.layout.CqpWqe;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.Registers;
import dev.offramp.provider.intel.layout.Words;
import dev.offramp.spi.port.DeviceWindow;
import java.lang.foreign.MemorySegment;

/**
 * The control queue's completions. For one thread at a time. Source: irdma's ctrl.c,
 * irdma_sc_ccq_get_cqe_info and irdma_sc_ccq_arm.
 */
public final class ControlCompletionRing {
  private final Generation generation;
  private final MemorySegment ring;
  private final MemorySegment shadow;
  private final int size;
  private final int cqId;
  private final ControlRing commands;
  private final DeviceWindow window;

  private int head;
  private int polarity = 1;

  /**
   * An empty ring.
   *
   * @param ring zeroed, 32 bytes for each entry
   * @param shadow zeroed, 64 bytes
   */
  public ControlCompletionRing(
      Generation generation,
      MemorySegment ring,
      MemorySegment shadow,
      int cqId,
      ControlRing commands,
      DeviceWindow window) {
    this.generation = generation;
    this.ring = ring;
    this.shadow = shadow;
    this.size = Math.toIntExact(ring.byteSize() / CompletionEntry.BYTES);
    this.cqId = cqId;
    this.commands = commands;
    this.window = window;
  }

  /** Takes the next completion; false when the device has written nothing new. */
  public boolean poll(ControlCompletion into) {
    long entry = (long) head * CompletionEntry.BYTES;
    long q3 = Words.getAcquire(ring, entry + CompletionEntry.Q3);
    if (CompletionEntry.IRDMA_CQ_VALID.in(q3) != polarity) {
      return false;
    }
    into.context = Words.get(ring, entry + CompletionEntry.Q1);
    into.error = CompletionEntry.IRDMA_CQ_ERROR.isSetIn(q3);
    into.majorError = into.error ? CompletionEntry.IRDMA_CQ_MAJERR.intIn(q3) : 0;
    into.minorError = CompletionEntry.IRDMA_CQ_MINERR.intIn(q3);
    into.wqeIndex = CompletionEntry.IRDMA_CQ_WQEIDX.intIn(q3);
    into.result =
        CompletionEntry.IRDMA_CCQ_OPRETVAL.intIn(Words.get(ring, entry + CompletionEntry.Q2));
    into.opcode =
        into.wqeIndex < commands.size()
            ? CqpWqe.opcode(commands.memory(), ControlRing.offset(into.wqeIndex))
            : -1;
    head++;
    if (head == size) {
      head = 0;
      polarity ^= 1;
    }
    Words.putRelease(shadow, CompletionEntry.SHADOW_HEAD, head);
    return true;
  }

  /** Asks for an event when the next completion comes. Keeps the request for solicited ones. */
  public void arm() {
    long word = Words.get(shadow, CompletionEntry.SHADOW_ARM);
    long keep = word & CompletionEntry.IRDMA_CQ_DBSA_ARM_NEXT_SE.mask();
    long armed =
        CompletionEntry.armed(word, false) & ~CompletionEntry.IRDMA_CQ_DBSA_ARM_NEXT_SE.mask();
    Words.putRelease(shadow, CompletionEntry.SHADOW_ARM, armed | keep);
    window.fence();
    window.write32(Registers.BAR, generation.registers().cqArm(), cqId);
  }

  /** Sets what a test needs. */
  void restore(int newPolarity) {
    polarity = newPolarity;
  }
}
