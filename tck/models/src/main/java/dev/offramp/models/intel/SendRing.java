package dev.offramp.models.intel;

import dev.offramp.models.DmaFaultException;

/** The device's side of a send queue: where it reads next, and which valid bit it expects there. */
final class SendRing {
  /** irdma leaves 257 quanta free, so that the device never reads what is being written. */
  private static final int RESERVED_QUANTA = 257;

  private final IntelChip chip;
  private final Dma dma;
  private final long address;
  private final int quanta;
  private final long shadow;

  private int index;
  private boolean polarity = true;
  private int unreported;

  SendRing(IntelChip chip, Dma dma, long address, int quanta, long shadow) {
    this.chip = chip;
    this.dma = dma;
    this.address = address;
    this.quanta = quanta;
    this.shadow = shadow;
  }

  /** The quantum that is read next. */
  int index() {
    return index;
  }

  int quanta() {
    return quanta;
  }

  /** Whether a work request of this pass is at the index. */
  boolean hasNext() throws DmaFaultException {
    return WorkFields.VALID.isSet(new long[] {0, 0, 0, header()}) == polarity;
  }

  private long header() throws DmaFaultException {
    return dma.read(wordAddress(WorkFields.HEADER_WORD));
  }

  private long wordAddress(int word) {
    return address + (long) index * WorkFields.QUANTUM_BYTES + (long) word * Long.BYTES;
  }

  /** How many quanta the next work request takes by its header. */
  int nextQuanta() throws DmaFaultException {
    return WorkRequest.quanta(chip, header());
  }

  /** Whether it would lie in two chunks, or go beyond the longest there is. */
  boolean crossesChunk(int count) {
    return index % chip.chunkQuanta() + count > chip.chunkQuanta();
  }

  /** The work request at the index, which {@link #hasNext}. */
  WorkRequest next(int count) throws DmaFaultException {
    return WorkRequest.ofSendQueue(
        chip, dma.read(wordAddress(0), count * WorkFields.QUANTUM_WORDS));
  }

  /** Goes on to the next; false when the host has more outstanding than it may. */
  boolean advance(int count) {
    index += count;
    unreported += count;
    if (index >= quanta) {
      index -= quanta;
      polarity = !polarity;
    }
    return unreported <= Math.max(quanta - RESERVED_QUANTA, quanta / 2);
  }

  /** The host has been told of so many quanta: it may use them again. */
  void reported(int count) {
    unreported -= count;
  }

  /** Tells the host how far the device has read: it need not ring for what lies before. */
  void publish() throws DmaFaultException {
    long[] word = new long[1];
    EventFields.SQ_TAIL.set(word, index);
    dma.write(shadow, word[0]);
  }
}
