package dev.offramp.models.intel;

import java.util.List;

/**
 * Offsets in BAR 0, by irdma's names.
 *
 * @param barBytes how long BAR 0 is, up to the end of the doorbell page
 * @param ccqpLow {@code CCQPLOW}: address of the control queue's host context; starts it
 * @param ccqpHigh {@code CCQPHIGH}
 * @param ccqpStatus {@code CCQPSTATUS}: done 0, error 31
 * @param cqpDoorbell {@code CQPDB}: the new head
 * @param cqpTail {@code CQPTAIL}: 10:0 tail, 31 a command failed
 * @param cqpErrorCodes {@code CQPERRCODES}: 15:0 minor, 31:16 major
 * @param wqeAlloc {@code WQEALLOC}: rings a send queue
 * @param cqArm {@code CQARM}
 * @param cqAck {@code CQACK}
 * @param aeqAlloc {@code AEQALLOC}: so many entries are free again
 * @param aeqControl {@code AEQCTL}: 10:0 (7:0 of X722) vector, 30 enable
 * @param ceqControl {@code CEQCTL} of CEQ 0; four bytes each
 * @param criticalError {@code GLPE_CRITERR}
 * @param cpuStatus {@code GLPE_CPUSTATUS0} of three: 0x80 when the protocol engine is ready
 * @param barControl {@code GLPCI_LBARCTRL}
 * @param doorbellSizeCode what that says of the doorbell page: 1 is 4 MiB, 2 is 8 MiB
 * @param pageInvalidate {@code PFHMC_PDINV}
 * @param ignored registers of interrupts that the model does without
 */
record IntelRegisters(
    long barBytes,
    long ccqpLow,
    long ccqpHigh,
    long ccqpStatus,
    long cqpDoorbell,
    long cqpTail,
    long cqpErrorCodes,
    long wqeAlloc,
    long cqArm,
    long cqAck,
    long aeqAlloc,
    long aeqControl,
    long ceqControl,
    long criticalError,
    long cpuStatus,
    long barControl,
    int doorbellSizeCode,
    long pageInvalidate,
    List<Range> ignored) {
  /** Offsets from one to before another. */
  record Range(long from, long end) {}

  /** What a CPU of the protocol engine says when it is ready (irdma_wait_pe_ready). */
  static final int CPU_READY = 0x80;

  private static final long DOORBELL_PAGE_FROM_END = 64 << 10;

  /**
   * Whether a write there is a driver's business and changes nothing in the model: masking and
   * moderation of interrupts, and invalidation of page descriptors, which are read anew each time.
   */
  boolean isIgnored(long offset) {
    if (offset == pageInvalidate) {
      return true;
    }
    return ignored.stream().anyMatch(range -> offset >= range.from && offset < range.end);
  }

  /** The doorbell page of applications; its first word is {@link #wqeAlloc}. */
  long doorbellPage() {
    return barBytes - DOORBELL_PAGE_FROM_END;
  }
}
