package dev.offramp.models.intel;

import dev.offramp.models.DmaFaultException;
import dev.offramp.models.Faults;

/** The asynchronous event queue. */
final class AsyncRing {
  private final Dma dma;
  private final Notebook notebook;
  private final Faults faults;
  private final long address;
  private final int entries;
  private final Runnable interrupt;

  private int index;
  private boolean polarity = true;
  private int credits;
  private boolean overflowed;

  AsyncRing(
      Dma dma, Notebook notebook, Faults faults, long address, int entries, Runnable interrupt) {
    this.dma = dma;
    this.notebook = notebook;
    this.faults = faults;
    this.address = address;
    this.entries = entries;
    this.credits = entries;
    this.interrupt = interrupt;
  }

  /** The driver gives entries back. */
  void repost(int count) {
    if (count < 0 || count > entries - credits) {
      notebook.violation(
          Violation.Kind.AEQ_CREDIT,
          "seen [%d] entries given back, %d were taken".formatted(count, entries - credits));
      return;
    }
    credits += count;
  }

  /**
   * Writes an event. One that finds no room is lost, and the next says so: model decision, after
   * the overflow bit that irdma decodes.
   */
  void post(AsyncEvent event) throws DmaFaultException {
    if (faults.at(IntelFaults.EVENT_LOST) != Faults.NO_FAULT) {
      return;
    }
    if (credits == 0 || faults.at(IntelFaults.EVENT_OVERFLOW) != Faults.NO_FAULT) {
      overflowed = true;
      return;
    }
    long[] words = event.encode();
    if (faults.at(IntelFaults.EVENT_DEAD_QP) != Faults.NO_FAULT) {
      EventFields.AE_ID_LOW.set(words, ~event.id());
      EventFields.AE_COMPCTX.set(words, ~event.context());
    }
    EventFields.AE_OVERFLOW.set(words, overflowed);
    EventFields.AE_VALID.set(
        words, polarity ^ (faults.at(IntelFaults.EVENT_VALID_BIT) != Faults.NO_FAULT));
    dma.write(address + (long) index * EventFields.AEQE_BYTES, words);
    overflowed = false;
    credits--;
    index++;
    if (index == entries) {
      index = 0;
      polarity = !polarity;
    }
    interrupt.run();
  }
}
