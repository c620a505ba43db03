package dev.offramp.models.chelsio;

/**
 * Something that a driver must not do, seen by the model. A driver's tests assert that there is
 * none.
 *
 * @param kind which rule
 * @param where what it happened to: {@code egress queue 1027}, {@code tid 4}
 * @param seen what was seen
 * @param expected what was expected
 */
public record Violation(Kind kind, String where, String seen, String expected) {
  /** The rules. What the model does then is what the public sources let a chip do. */
  public enum Kind {
    /** A doorbell for a queue that is not there: ignored (SGE's ERR_DROPPED_DB). */
    DOORBELL_WITHOUT_QUEUE,
    /** More work than a queue has room for: the queue stops (SGE's ERR_BAD_DB_PIDX). */
    DOORBELL_ON_FULL_QUEUE,
    /** A doorbell register or value that no queue has: ignored. */
    BAD_DOORBELL,
    /** More entries given back than were written: ignored (SGE's ERR_INVALID_CIDX_INC). */
    BAD_CREDIT_RETURN,
    /** A length of 0, or beyond what the doorbell announced: the queue stops. */
    BAD_LENGTH,
    /** A work request or message that cannot be decoded: dropped. */
    MALFORMED,
    /** A firmware command out of order or with values that no command has: refused. */
    BAD_COMMAND,
    /** A queue with values that it cannot have, or one that is there already: refused. */
    BAD_QUEUE,
    /** A message for an ingress queue that is not there: dropped. */
    NO_SUCH_INGRESS_QUEUE,
    /**
     * A message longer than an entry, and no free list: dropped (SGE's ERR_CPL_EXCEED_IQE_SIZE).
     */
    MESSAGE_WITHOUT_ROOM,
    /** An ingress or completion queue was full: entries were overwritten. */
    QUEUE_OVERFLOW,
    /** A tid that is not in use, or not in the state that the message needs. */
    BAD_TID,
    /** Values of a TCB with which TCP could not run: refused where it becomes visible. */
    BAD_TCB,
    /** A work request of a flow that FW_FLOWC_WR has not described, or described wrongly. */
    BAD_FLOWC,
    /** FW_RI_WR INIT with values that cannot be: refused. */
    BAD_INIT,
    /** An RDMA work request that the queue cannot do: completed with an error. */
    BAD_WORK_REQUEST,
    /** A write to adapter memory outside of the STags and page lists: dropped. */
    BAD_MEMORY_WRITE,
    /** An entry of the STags that leads nowhere: its STag cannot be used. */
    BAD_STAG,
    /** Host memory that is not mapped for the adapter. */
    DMA_FAULT
  }

  @Override
  public String toString() {
    return "%s at %s: seen [%s], expected %s".formatted(kind, where, seen, expected);
  }
}
