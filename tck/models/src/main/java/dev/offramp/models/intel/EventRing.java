package dev.offramp.models.intel;

import dev.offramp.models.DmaFaultException;
import dev.offramp.models.Faults;

/** A completion event queue: tells which CQ has something. */
final class EventRing {
  private final Dma dma;
  private final Faults faults;
  private final long address;
  private final int entries;
  private final Runnable interrupt;

  private int index;
  private boolean polarity = true;
  private int outstanding;

  EventRing(Dma dma, Faults faults, long address, int entries, Runnable interrupt) {
    this.dma = dma;
    this.faults = faults;
    this.address = address;
    this.entries = entries;
    this.interrupt = interrupt;
  }

  int entries() {
    return entries;
  }

  /** An event was taken: the CQ's acknowledgement came. */
  void acknowledged() {
    outstanding--;
  }

  /** Whether every entry has an event that was not acknowledged. */
  boolean isFull() {
    return outstanding == entries;
  }

  /** Writes an event of the CQ with this context. */
  void post(long cqContext) throws DmaFaultException {
    outstanding++;
    if (faults.at(IntelFaults.CEQE_LOST) != Faults.NO_FAULT) {
      return;
    }
    long[] word = new long[1];
    boolean garbage = faults.at(IntelFaults.CEQE_CONTEXT) != Faults.NO_FAULT;
    EventFields.CEQE_CONTEXT.set(word, garbage ? ~cqContext : cqContext);
    EventFields.CEQE_VALID.set(word, polarity);
    dma.write(address + (long) index * EventFields.CEQE_BYTES, word[0]);
    index++;
    if (index == entries) {
      index = 0;
      polarity = !polarity;
    }
    interrupt.run();
  }
}
