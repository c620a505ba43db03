package dev.offramp.iwarp.rdmap;

import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Work requests other than Receives. They start in the order in which they were posted and complete
 * in that order, too (RFC 5040, section 5.5).
 */
final class SendQueue {
  private static final int FIRST_SLOTS = 4;

  private final int depth;
  private final int maxBuffers;
  private final Completions completions;

  /** As many as were in use at once, rounded up to a power of two. */
  private SendRequest[] slots = new SendRequest[0];

  /** Request numbers: the oldest not completed, the next to start, the next to be posted. */
  private long oldest;

  private long next;
  private long end;

  /** Requests whose completion has not been polled, or is still to come. */
  private int inUse;

  SendQueue(int depth, int maxBuffers, Completions completions) {
    this.depth = depth;
    this.maxBuffers = maxBuffers;
    this.completions = completions;
  }

  boolean isFull() {
    return inUse == depth;
  }

  /** The slot of the next request; it counts once {@link #commit} is called. */
  SendRequest claim() {
    if (end - oldest == slots.length) {
      grow();
    }
    return slot(end);
  }

  private void grow() {
    SendRequest[] more = new SendRequest[Math.max(FIRST_SLOTS, 2 * slots.length)];
    int mask = more.length - 1;
    for (long i = oldest; i < end; i++) {
      more[(int) i & mask] = slot(i);
    }
    for (long i = end; i < oldest + more.length; i++) {
      more[(int) i & mask] = new SendRequest(maxBuffers);
    }
    slots = more;
  }

  void commit() {
    end++;
    inUse++;
  }

  /** A completion has been polled. */
  void release() {
    inUse--;
  }

  /** Requests that have not completed, begun or not. */
  int pendingCount() {
    return (int) (end - oldest);
  }

  /** One of them, oldest first. */
  SendRequest pending(int index) {
    return slot(oldest + index);
  }

  boolean isIdle() {
    return oldest == end;
  }

  /** The request whose turn it is; null when all have been sent. */
  @Nullable SendRequest next() {
    return next == end ? null : slot(next);
  }

  /**
   * Whether all before the next request are done. Their completions may still be due: a request
   * that was refused is done before anybody settles the queue.
   */
  boolean areEarlierDone() {
    for (long i = oldest; i < next; i++) {
      if (slot(i).state != SendRequest.State.DONE) {
        return false;
      }
    }
    return true;
  }

  void advance() {
    next++;
  }

  /** Completes what is done, in order; {@code accepted} octets have been taken by TCP. */
  void complete(long accepted) {
    while (oldest < next && isComplete(slot(oldest), accepted)) {
      SendRequest done = slot(oldest++);
      completions.addSend(done);
      if (done.buffers.count() > 0) {
        done.buffers.clear();
      }
    }
  }

  /** Takes messages that end beyond a position of the stream out of the count of what was sent. */
  void uncount(long position, Traffic traffic) {
    for (long i = oldest; i < next; i++) {
      SendRequest request = slot(i);
      if (request.state == SendRequest.State.SENT && request.endPosition > position) {
        traffic.uncount(request.opcode, (int) request.length);
      }
    }
  }

  /**
   * Completes everything: the stream is over. The request with {@code refused} gets that status.
   */
  void flush(@Nullable SendRequest refused) {
    while (oldest < end) {
      SendRequest request = slot(oldest++);
      if (request.state != SendRequest.State.DONE) {
        request.finish(
            request == refused ? CompletionStatus.TERMINATED_BY_PEER : CompletionStatus.FLUSHED);
      }
      completions.addSend(request);
      request.buffers.clear();
    }
    next = end;
  }

  /** The request that sent a message on a queue, if it has not completed. */
  @Nullable SendRequest find(boolean requestQueue, int msn) {
    for (long i = oldest; i < next; i++) {
      SendRequest request = slot(i);
      boolean candidate =
          requestQueue ? request.awaitsResponse() : request.operation == Operation.SEND;
      if (candidate && request.msn == msn) {
        return request;
      }
    }
    return null;
  }

  private static boolean isComplete(SendRequest request, long accepted) {
    if (request.state == SendRequest.State.SENT
        && !request.awaitsResponse()
        && request.endPosition <= accepted) {
      request.finish(CompletionStatus.SUCCESS);
    }
    return request.state == SendRequest.State.DONE;
  }

  private SendRequest slot(long number) {
    return slots[(int) number & (slots.length - 1)];
  }
}
