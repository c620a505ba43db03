package dev.offramp.provider.intel.ring;

import dev.offramp.provider.intel.layout.CqpWqe;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.Registers;
import dev.offramp.spi.port.DeviceWindow;
import java.lang.foreign.MemorySegment;

/**
 * The control queue's ring of commands. For one thread at a time. Source: irdma's ctrl.c,
 * irdma_sc_cqp_get_next_send_wqe_idx and irdma_sc_cqp_post_sq.
 */
public final class ControlRing {
  /** No room: see {@link #reserve}. */
  public static final int FULL = -1;

  private final Generation generation;
  private final MemorySegment ring;
  private final int size;
  private final DeviceWindow window;

  private int head;
  private int tail;
  private int polarity;

  /**
   * An empty ring.
   *
   * @param ring zeroed, 64 bytes for each command, a power of two of them
   */
  public ControlRing(Generation generation, MemorySegment ring, DeviceWindow window) {
    this.generation = generation;
    this.ring = ring;
    this.size = Math.toIntExact(ring.byteSize() / CqpWqe.BYTES);
    this.window = window;
  }

  public MemorySegment memory() {
    return ring;
  }

  public int size() {
    return size;
  }

  /** The next free command. */
  public int head() {
    return head;
  }

  /** The sense of the valid bit for the command reserved last, 0 or 1. */
  public int polarity() {
    return polarity;
  }

  /** Where command {@code index} stands. */
  public static long offset(int index) {
    return (long) index * CqpWqe.BYTES;
  }

  /**
   * Takes room for a command.
   *
   * @return its index, or {@link #FULL} with nothing changed
   */
  public int reserve() {
    int next = head + 1 & (size - 1);
    if (next == tail) {
      return FULL;
    }
    int index = head;
    head = next;
    if (index == 0) {
      polarity ^= 1;
    }
    return index;
  }

  /** Tells the device how far the commands go. */
  public void ringDoorbell() {
    window.fence();
    window.write32(Registers.BAR, generation.registers().cqpDb(), head);
  }

  /** The oldest command is complete. */
  public void completeOldest() {
    tail = tail + 1 & (size - 1);
  }

  /** How many commands the device has not completed. */
  public int outstanding() {
    return head - tail & (size - 1);
  }

  /** Sets what a test needs. */
  void restore(int newHead) {
    head = newHead;
  }
}
