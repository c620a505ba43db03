package dev.offramp.models.intel;

/**
 * Something that a correct driver never does. The model notes it and reacts as the chip does, as
 * far as that is known; a test asserts that there is none.
 *
 * @param kind which rule
 * @param detail what was seen, and what was expected
 */
public record Violation(Kind kind, String detail) {
  /** The rules. */
  public enum Kind {
    /** A doorbell names an index beyond the end of its ring. */
    DOORBELL_BEYOND_RING,
    /** A doorbell, arm or acknowledgement of a queue that is not there, or no longer. */
    DOORBELL_OF_UNKNOWN_QUEUE,
    /** A command was announced whose valid bit is not that of this pass. */
    WRONG_VALID_BIT,
    /** A work request crosses a chunk: 2 quanta of X722, 8 of E810. */
    WQE_CROSSES_CHUNK,
    /** More work requests than size - 257 quanta wait for completions. */
    SEND_QUEUE_OVERRUN,
    /** A fragment's valid bit differs from its work request's. */
    STALE_FRAGMENT,
    /** The arm sequence number is not the last one plus 1, or the selector is wrong. */
    BAD_ARM,
    /** Completions were written over because nobody took the older ones. */
    CQ_OVERFLOW,
    /** A CEQ has fewer entries than queues that report to it. */
    CEQ_OVERFLOW,
    /** More AEQ entries were given back than there were. */
    AEQ_CREDIT,
    /** The device was told to reach for memory that is not mapped, or misaligned. */
    DMA_FAULT,
    /** A register was written where none is that matters to RDMA. */
    UNKNOWN_REGISTER,
    /** A command before the control queue was up. */
    NOT_READY,
    /** An opcode that irdma does not have. */
    UNKNOWN_COMMAND,
    /** An object without memory in the host memory cache. */
    NOT_BACKED,
    /** An id that is in use was used for a new object. */
    ID_IN_USE,
    /** An id that is not in use was named. */
    ID_UNKNOWN,
    /** An object was destroyed that others still use. */
    STILL_IN_USE,
    /** A field has a value that no driver writes. */
    BAD_FIELD
  }

  @Override
  public String toString() {
    return kind + ": " + detail;
  }
}
