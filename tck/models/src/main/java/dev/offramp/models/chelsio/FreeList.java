package dev.offramp.models.chelsio;

import dev.offramp.models.DmaFaultException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A ring of host buffers for messages that do not fit an entry of their ingress queue (sge.c). Each
 * entry is a big-endian address of 8 bytes whose low 4 bits say which SGE_FL_BUFFER_SIZE it has;
 * sizes and doorbells count in units of 64 bytes, eight entries. For the model's thread.
 */
final class FreeList {
  private static final int ENTRY_BYTES = 8;
  private static final int ENTRIES_PER_UNIT = 8;
  private static final int CODE_MASK = 0xF;

  private final Silicon silicon;
  private final int id;
  private final long address;
  private final int entries;
  private int producer;
  private int consumer;
  private int available;

  /**
   * A list without buffers.
   *
   * @param units in units of 64 bytes, status entries included
   */
  FreeList(Silicon silicon, int id, long address, int units) {
    this.silicon = silicon;
    this.id = id;
    this.address = address;
    this.entries = (units - silicon.registers.statusEntries()) * ENTRIES_PER_UNIT;
  }

  int id() {
    return id;
  }

  /** The doorbell: so many units of new buffers. One unit always stays free. */
  void add(int units) {
    int added = units * ENTRIES_PER_UNIT;
    if (available + added > entries - ENTRIES_PER_UNIT) {
      silicon.violations.add(
          Violation.Kind.DOORBELL_ON_FULL_QUEUE,
          "free list " + id,
          available + " buffers and " + added + " more",
          "at most " + (entries - ENTRIES_PER_UNIT));
      return;
    }
    producer = (producer + added) % entries;
    available += added;
  }

  boolean isEmpty() {
    return available == 0;
  }

  /** The next buffer, of at least {@code bytes}; null when there is none or it is not mapped. */
  @Nullable MemorySegment take(int bytes) {
    if (available == 0) {
      return null;
    }
    try {
      MemorySegment entry =
          silicon.platform.memory().at(address + (long) consumer * ENTRY_BYTES, ENTRY_BYTES);
      long word = Be.get64(entry, 0);
      consumer = (consumer + 1) % entries;
      available--;
      int size = silicon.registers.freeListBytes((int) word & CODE_MASK);
      if (size < bytes) {
        silicon.violations.add(
            Violation.Kind.MESSAGE_WITHOUT_ROOM,
            "free list " + id,
            "a buffer of " + size + " bytes",
            bytes + " bytes, for this message");
        return null;
      }
      return silicon.platform.memory().at(word & ~(long) CODE_MASK, size);
    } catch (DmaFaultException | IllegalStateException e) {
      silicon.dmaFault("free list " + id, e);
      return null;
    }
  }
}
