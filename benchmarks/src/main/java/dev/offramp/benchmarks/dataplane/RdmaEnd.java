package dev.offramp.benchmarks.dataplane;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;

/** One end of an iWARP stream, with its memory, and a count of what has completed. */
final class RdmaEnd {
  static final int RECEIVES = 256;

  /** A credit is returned for so many Receives at once. */
  static final int CREDIT = 64;

  private static final int POLL = 64;

  private final RdmaConnection rdma;
  private final MemoryRegion memory;
  private final Receive receive;
  private final Send empty = new Send(0, List.of(), false, OptionalInt.empty());
  private final CompletionHandler counter = this::completed;

  /** Sends, Writes and Reads that are done. */
  private long requestsDone;

  /** Messages that have come: all of them, and the empty ones. */
  private long received;

  private long receivedEmpty;

  /** Posts its Receives; to be called before the connection is activated. */
  RdmaEnd(RdmaConnection rdma, int bytes) throws IOException {
    this.rdma = rdma;
    this.memory = rdma.allocate(bytes, Access.REMOTE_READ, Access.REMOTE_WRITE);
    this.receive = new Receive(0, memory.whole());
    for (int i = 0; i < RECEIVES; i++) {
      rdma.post(receive);
    }
  }

  RdmaConnection rdma() {
    return rdma;
  }

  MemoryRegion memory() {
    return memory;
  }

  LocalBuffer slice(int bytes) {
    return memory.slice(0, bytes);
  }

  void sendEmpty() throws IOException {
    rdma.post(empty);
  }

  long requestsDone() {
    return requestsDone;
  }

  long received() {
    return received;
  }

  long receivedEmpty() {
    return receivedEmpty;
  }

  void reset() {
    requestsDone = 0;
    received = 0;
    receivedEmpty = 0;
  }

  /** Takes what is there; posts a Receive again for each that was used. */
  int poll() throws IOException {
    long before = received;
    int count = rdma.completions().poll(counter, POLL);
    repost(before);
    return count;
  }

  /** Takes what is there, and waits where there is nothing. */
  void waitForSome() throws IOException, InterruptedException {
    if (poll() == 0) {
      long before = received;
      Completion next = rdma.completions().take();
      count(next.operation(), next.status(), next.bytes());
      repost(before);
    }
  }

  private void repost(long before) throws IOException {
    for (long i = before; i < received; i++) {
      rdma.post(receive);
    }
  }

  private void completed(
      long id,
      Operation operation,
      CompletionStatus status,
      long bytes,
      CompletionHandler.CompletionDetail detail) {
    count(operation, status, bytes);
  }

  private void count(Operation operation, CompletionStatus status, long bytes) {
    if (status != CompletionStatus.SUCCESS) {
      throw new IllegalStateException(operation + " completed with " + status);
    }
    if (operation == Operation.RECEIVE) {
      received++;
      receivedEmpty += bytes == 0 ? 1 : 0;
    } else {
      requestsDone++;
    }
  }
}
