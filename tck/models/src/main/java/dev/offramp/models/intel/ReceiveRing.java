package dev.offramp.models.intel;

import dev.offramp.models.DmaFaultException;

/** The device's side of a receive queue. It is not rung: the device looks when it wants one. */
final class ReceiveRing {
  private final IntelChip chip;
  private final Dma dma;
  private final long address;
  private final int entries;
  private final int entryQuanta;

  private int index;
  private boolean polarity = true;

  ReceiveRing(IntelChip chip, Dma dma, long address, int quanta, int entryQuanta) {
    this.chip = chip;
    this.dma = dma;
    this.address = address;
    this.entries = Math.max(1, quanta / entryQuanta);
    this.entryQuanta = entryQuanta;
  }

  /** How many Receives there can be. */
  int entries() {
    return entries;
  }

  /** Where the next one begins, in quanta, as a completion tells it. */
  int wqeIndex() {
    return index * entryQuanta;
  }

  boolean hasNext() throws DmaFaultException {
    long[] header = {0, 0, 0, dma.read(entry() + (long) WorkFields.HEADER_WORD * Long.BYTES)};
    return WorkFields.VALID.isSet(header) == polarity;
  }

  WorkRequest next() throws DmaFaultException {
    return WorkRequest.ofReceiveQueue(
        chip, dma.read(entry(), entryQuanta * WorkFields.QUANTUM_WORDS));
  }

  void advance() {
    index++;
    if (index == entries) {
      index = 0;
      polarity = !polarity;
    }
  }

  private long entry() {
    return address + (long) index * entryQuanta * WorkFields.QUANTUM_BYTES;
  }
}
