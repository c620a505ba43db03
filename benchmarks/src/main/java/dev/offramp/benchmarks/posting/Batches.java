package dev.offramp.benchmarks.posting;

import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.WorkRequest;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;

/**
 * Posts requests in batches that the queue has room for, and only that is timed: between batches
 * the device does the work, and its completions are taken.
 */
final class Batches {
  /** As many as a send queue has entries, unless it was set. */
  static final int SIZE = 128;

  /** Where {@link #measure} has the nanoseconds of one request, in the median batch. */
  static final int NANOS = 0;

  /** Where it has the heap that the thread took for one request while it posted. */
  static final int POST_BYTES = 1;

  /** Where it has the heap that the thread took for one request while it took completions. */
  static final int COMPLETION_BYTES = 2;

  /** Where it has the writes to registers for one request. */
  static final int REGISTER_WRITES = 3;

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final PostingDevice device;
  private final int batches;
  private final long[] nanos;
  private final CompletionHandler handler = this::completed;
  private long completed;

  Batches(PostingDevice device, int batches) {
    this.device = device;
    this.batches = batches;
    this.nanos = new long[batches];
  }

  /** Posts a whole batch. */
  @FunctionalInterface
  private interface Poster {
    void post() throws IOException;
  }

  /**
   * Measures.
   *
   * @param ring requests that take turns; a power of two
   * @param listLength how many are posted by one call; 1 for the method that takes one
   * @param consumesReceives whether each needs a Receive at the peer
   * @return one value for each of the columns
   */
  double[] measure(List<WorkRequest> ring, int listLength, boolean consumesReceives)
      throws IOException {
    Poster poster = listLength == 1 ? () -> postAlone(ring) : () -> postLists(ring);
    int messages = consumesReceives ? SIZE : 0;
    long postBytes = 0;
    long completionBytes = 0;
    long writes = 0;
    for (int batch = 0; batch < batches; batch++) {
      device.hold(messages);
      long bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
      long begin = System.nanoTime();
      poster.post();
      nanos[batch] = System.nanoTime() - begin;
      postBytes += THREADS.getCurrentThreadAllocatedBytes() - bytesBefore;
      writes += device.release();
      completionBytes += complete();
      device.settle(messages);
    }
    Arrays.sort(nanos);
    double requests = (double) batches * SIZE;
    return new double[] {
      (double) nanos[batches / 2] / SIZE,
      postBytes / requests,
      completionBytes / requests,
      writes / requests
    };
  }

  private void postAlone(List<WorkRequest> ring) throws IOException {
    for (int i = 0; i < SIZE; i++) {
      device.connection().post(ring.get(i & (ring.size() - 1)));
    }
  }

  private void postLists(List<WorkRequest> list) throws IOException {
    for (int posted = 0; posted < SIZE; ) {
      int queued = device.connection().post(list);
      if (queued != list.size()) {
        throw new IllegalStateException(
            "post(List): seen [" + queued + "] queued, expected [" + list.size() + "]");
      }
      posted += queued;
    }
  }

  /** Takes the completions of a batch; returns the heap that calls took which found some. */
  private long complete() {
    completed = 0;
    long bytes = 0;
    while (completed < SIZE) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      if (device.connection().completions().poll(handler, SIZE) > 0) {
        bytes += THREADS.getCurrentThreadAllocatedBytes() - before;
      } else if (device.connection().end().isPresent()) {
        throw new IllegalStateException(
            device.name() + ": the stream has ended: " + device.connection().end().get());
      }
      Thread.onSpinWait();
    }
    return bytes;
  }

  private void completed(
      long id,
      Operation operation,
      CompletionStatus status,
      long bytes,
      CompletionHandler.CompletionDetail detail) {
    if (status != CompletionStatus.SUCCESS) {
      throw new IllegalStateException(operation + " completed with " + status);
    }
    completed++;
  }
}
