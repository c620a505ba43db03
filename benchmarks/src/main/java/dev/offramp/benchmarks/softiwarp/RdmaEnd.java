package dev.offramp.benchmarks.softiwarp;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** One end of an iWARP stream, with its memory, and a count of what has completed. */
final class RdmaEnd {
  /** Receives that are always posted. */
  static final int RECEIVES = 256;

  /** A credit is returned for so many Receives at once. */
  static final int CREDIT = 64;

  /** The largest message. */
  static final int SLOT_BYTES = 1 << 20;

  private static final int POLL = 64;

  private final RdmaConnection rdma;

  /** A ring of what is sent from, and a ring of what arrives. */
  private final MemoryRegion source;

  private final MemoryRegion sink;
  private final Receive[] receives = new Receive[Ring.SLOTS];
  private final List<WorkRequest> again = new ArrayList<>(POLL);
  private final Send empty = new Send(0, List.of(), false, OptionalInt.empty());
  private final CompletionHandler counter = this::completed;

  private long posted;

  /** Sends, Writes and Reads that are done. */
  private long requestsDone;

  /** Messages that have come: all of them, and the empty ones. */
  private long received;

  private long receivedEmpty;

  /** Posts its Receives; to be called before the connection is activated. */
  RdmaEnd(RdmaConnection rdma) throws IOException {
    this.rdma = rdma;
    this.source = rdma.allocate((long) Ring.SLOTS * SLOT_BYTES, Access.REMOTE_READ);
    this.sink = rdma.allocate((long) Ring.SLOTS * SLOT_BYTES, Access.REMOTE_WRITE);
    for (int i = 0; i < Ring.SLOTS; i++) {
      receives[i] = new Receive(0, sinkSlot(i, SLOT_BYTES));
    }
    for (int i = 0; i < RECEIVES; i++) {
      postReceive();
    }
  }

  RdmaConnection rdma() {
    return rdma;
  }

  MemoryRegion sourceMemory() {
    return source;
  }

  MemoryRegion sinkMemory() {
    return sink;
  }

  /** Slots are as long as what is sent, so that the working set is the same on all sides. */
  LocalBuffer sourceSlot(int index, int bytes) {
    return source.slice((long) index * bytes, bytes);
  }

  LocalBuffer sinkSlot(int index, int bytes) {
    return sink.slice((long) index * bytes, bytes);
  }

  RemoteBuffer remoteSource(int index, int bytes) {
    return source.advertise().slice((long) index * bytes, bytes);
  }

  RemoteBuffer remoteSink(int index, int bytes) {
    return sink.advertise().slice((long) index * bytes, bytes);
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
  void waitForSome(Waiting waiting) throws IOException, InterruptedException {
    if (poll() > 0) {
      return;
    }
    if (waiting == Waiting.BLOCKS) {
      long before = received;
      Completion next = rdma.completions().take();
      count(next.operation(), next.status(), next.bytes());
      repost(before);
      return;
    }
    do {
      Thread.onSpinWait();
      if (Thread.interrupted()) {
        throw new InterruptedException("the other end has failed");
      }
    } while (poll() == 0);
  }

  private void repost(long before) throws IOException {
    again.clear();
    for (long i = before; i < received; i++) {
      again.add(receives[(int) (posted++ % Ring.SLOTS)]);
    }
    if (!again.isEmpty()) {
      ListPosting.post(rdma, again);
    }
  }

  private void postReceive() throws IOException {
    rdma.post(receives[(int) (posted++ % Ring.SLOTS)]);
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
