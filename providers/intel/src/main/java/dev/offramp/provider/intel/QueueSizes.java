package dev.offramp.provider.intel;

import dev.offramp.provider.intel.layout.CompletionEntry;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.QpContext;
import dev.offramp.provider.intel.layout.ReceiveWqe;
import dev.offramp.provider.intel.layout.SendWqe;

/**
 * How large the queues of a connection are, and where they stand in its one slab of memory.
 *
 * @param sendQuanta quanta of the SQ, a power of two
 * @param receiveWqes WQEs of the RQ, a power of two
 * @param receiveSizeCode log2 of the quanta of an RQ's WQE
 * @param completions entries of the CQ
 */
record QueueSizes(int sendQuanta, int receiveWqes, int receiveSizeCode, int completions) {
  /** {@code IRDMA_Q2_BUF_SIZE}. */
  static final int Q2_BYTES = 256;

  /** What {@link dev.offramp.provider.intel.ring.SendRing} keeps free, and the connection's own. */
  private static final int SPARE_QUANTA = 257 + 3;

  /** Flushed completions, one for each queue, and some to spare: the CQ must never be full. */
  private static final int SPARE_COMPLETIONS = 8;

  /** The vendor's {@code IRDMA_QP_SW_MIN_WQSIZE}. */
  private static final int MIN_RECEIVE_WQES = 8;

  static QueueSizes of(Generation generation, IntelSettings settings) {
    int code = ReceiveWqe.sizeCode(generation, generation.limits().receiveFragments());
    // In the worst case each WQE has a chunk to itself.
    int sendQuanta = settings.sendQueueEntries() * generation.limits().chunkQuanta() + SPARE_QUANTA;
    return new QueueSizes(
        powerOfTwo(sendQuanta),
        powerOfTwo(Math.max(settings.receiveQueueEntries() + 1, MIN_RECEIVE_WQES)),
        code,
        powerOfTwo(
            settings.sendQueueEntries() + settings.receiveQueueEntries() + SPARE_COMPLETIONS));
  }

  private static int powerOfTwo(int count) {
    return Integer.highestOneBit(count - 1) << 1;
  }

  int receiveQuanta() {
    return receiveWqes << receiveSizeCode;
  }

  long sendBytes() {
    return (long) sendQuanta * SendWqe.QUANTUM_BYTES;
  }

  long receiveBytes() {
    return (long) receiveQuanta() * SendWqe.QUANTUM_BYTES;
  }

  long completionBytes() {
    return (long) completions * CompletionEntry.BYTES;
  }

  // ---- places in the slab; each is aligned to its size, or to a page

  long sendOffset() {
    return 0;
  }

  long receiveOffset() {
    return sendOffset() + sendBytes();
  }

  long completionOffset() {
    return receiveOffset() + receiveBytes();
  }

  long q2Offset() {
    return completionOffset() + completionBytes();
  }

  long contextOffset() {
    return q2Offset() + Q2_BYTES;
  }

  long qpShadowOffset() {
    return contextOffset() + QpContext.BYTES;
  }

  long cqShadowOffset() {
    return qpShadowOffset() + CompletionEntry.SHADOW_BYTES;
  }

  /** Where the last streaming-mode message stands; it begins a page, for it has an STag. */
  long streamingOffset() {
    return roundUp(cqShadowOffset() + CompletionEntry.SHADOW_BYTES);
  }

  /** The whole slab. */
  long bytes(int streamingBytes) {
    return roundUp(streamingOffset() + streamingBytes);
  }

  private static final int PAGE_BYTES = 4096;

  private static long roundUp(long bytes) {
    return (bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
  }
}
