package dev.offramp.cli.matrix;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.cli.demo.Pattern;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * One end of a conversation: all of a region by Writes, Sends and Reads, in chunks, while the peer
 * does the same. What completes is counted, and so is what completes twice. An end whose peer is
 * being moved goes on with Writes until that is over.
 */
final class MatrixEnd {
  /** Into how many requests each operation's bytes are cut. */
  static final int CHUNKS = 32;

  private static final List<Operation> KINDS =
      List.of(Operation.WRITE, Operation.SEND, Operation.READ, Operation.RECEIVE);

  /** Not an operation of its own, but one's that is counted by itself. */
  private static final int TICK = KINDS.size();

  private static final int KIND_SHIFT = 32;
  private static final int BATCH = 16;
  private static final long PATIENCE_NANOS = Duration.ofSeconds(60).toNanos();
  private static final Duration GLANCE = Duration.ofMillis(1);

  private final RdmaConnection connection;
  private final boolean reads;
  private final int chunkBytes;
  private final MemoryRegion source;
  private final MemoryRegion written;
  private final MemoryRegion read;
  private final MemoryRegion inbox;
  private final MemoryRegion ticked;
  private final MatrixTicks ticks;
  private final Map<Operation, BitSet> done = new EnumMap<>(Operation.class);
  private final AtomicInteger posted = new AtomicInteger();
  private final AtomicInteger completed = new AtomicInteger();

  /** How many requests may be posted by now. */
  private final AtomicInteger allowed = new AtomicInteger();

  private final AtomicInteger repeated = new AtomicInteger();

  /**
   * Registers memory.
   *
   * @param bytes of each operation; a multiple of 8 times {@link #CHUNKS}
   * @param reads whether this end Reads
   */
  MatrixEnd(RdmaConnection connection, long bytes, boolean reads, long seed) throws IOException {
    this.connection = connection;
    this.reads = reads;
    this.chunkBytes = Math.toIntExact(bytes / CHUNKS);
    source = connection.allocate(bytes, Access.REMOTE_READ);
    written = connection.allocate(bytes, Access.REMOTE_WRITE);
    read = connection.allocate(bytes, Access.REMOTE_WRITE);
    inbox = connection.allocate(bytes);
    ticked = MatrixTicks.target(connection, chunkBytes);
    ticks = new MatrixTicks(connection, chunkBytes);
    Pattern.fill(source.segment(), seed);
    KINDS.forEach(kind -> done.put(kind, new BitSet()));
  }

  /** Posts the Receives of all chunks, before the peer may Send them. */
  void expect() throws IOException {
    for (int i = 0; i < CHUNKS; i++) {
      connection.post(new Receive(id(Operation.RECEIVE, i), chunk(inbox, i)));
      posted.incrementAndGet();
    }
  }

  /** Lets so many more requests be posted. */
  void allow(int more) {
    allowed.addAndGet(more);
  }

  int completed() {
    return completed.get();
  }

  /** How many requests have been posted and have not completed. */
  int inFlight() {
    return posted.get() - completed.get();
  }

  int repeated() {
    return repeated.get();
  }

  /** How many Writes this end has posted beyond its chunks. */
  int ticks() {
    return ticks.posted();
  }

  long tickBytes() {
    return ticks.bytes();
  }

  /**
   * Does some chunks; returns when all of theirs have completed, the peer's Sends included.
   *
   * @param kinds which of this end's operations
   * @param peerSends whether the peer Sends the same chunks meanwhile
   * @param goOn until when this end goes on with Writes when it is done with its chunks
   */
  boolean run(MatrixEnd peer, Set<Operation> kinds, boolean peerSends, BooleanSupplier goOn)
      throws IOException, InterruptedException {
    List<WorkRequest> work = work(peer, kinds);
    int target = completed.get() + work.size() + (peerSends ? CHUNKS : 0);
    int next = 0;
    long last = System.nanoTime();
    while (completed.get() < target || !ticks.isQuiet() || goOn.getAsBoolean()) {
      int limit = Math.min(work.size(), Math.min(next + BATCH, next + allowed.get()));
      boolean hurry = next < limit;
      if (hurry) {
        int taken = connection.post(work.subList(next, limit));
        next += taken;
        posted.addAndGet(taken);
        allowed.addAndGet(-taken);
      } else if (next == work.size() && goOn.getAsBoolean()) {
        hurry = ticks.post(peer.ticked, (1L + TICK) << KIND_SHIFT) > 0;
      }
      if (take(hurry) > 0) {
        last = System.nanoTime();
      } else if (System.nanoTime() - last > PATIENCE_NANOS) {
        throw new IOException("no completion for 60 s, with " + inFlight() + " requests in flight");
      }
    }
    return true;
  }

  private List<WorkRequest> work(MatrixEnd peer, Set<Operation> kinds) {
    List<WorkRequest> work = new ArrayList<>();
    for (int i = 0; i < CHUNKS; i++) {
      long at = (long) i * chunkBytes;
      if (kinds.contains(Operation.WRITE)) {
        work.add(
            new Write(
                id(Operation.WRITE, i),
                chunk(source, i),
                peer.written.advertise().slice(at, chunkBytes)));
      }
      if (kinds.contains(Operation.SEND)) {
        work.add(new Send(id(Operation.SEND, i), chunk(source, i)));
      }
      if (kinds.contains(Operation.READ) && reads) {
        work.add(
            new Read(
                id(Operation.READ, i),
                chunk(read, i),
                peer.source.advertise().slice(at, chunkBytes)));
      }
    }
    return work;
  }

  /** At most one; does not wait when there is more to post. */
  private int take(boolean hurry) throws IOException, InterruptedException {
    Completion one = connection.completions().poll(hurry ? Duration.ZERO : GLANCE).orElse(null);
    if (one == null) {
      return 0;
    }
    if (one.id() >>> KIND_SHIFT == 1L + TICK) {
      repeated.addAndGet(ticks.complete(one) ? 0 : 1);
      return 1;
    }
    int chunk = (int) one.id();
    BitSet seen = done.get(one.operation());
    if (seen == null
        || one.status() != CompletionStatus.SUCCESS
        || one.id() != id(one.operation(), chunk)
        || one.bytes() != chunkBytes) {
      throw new IOException(
          one + ", expected a success of " + chunkBytes + " bytes; " + connection.end());
    }
    if (seen.get(chunk)) {
      repeated.incrementAndGet();
      return 1;
    }
    seen.set(chunk);
    completed.incrementAndGet();
    return 1;
  }

  private LocalBuffer chunk(MemoryRegion region, int i) {
    return region.slice((long) i * chunkBytes, chunkBytes);
  }

  private static long id(Operation kind, int chunk) {
    return (1L + KINDS.indexOf(kind)) << KIND_SHIFT | chunk;
  }

  /**
   * How many bytes are not what the peer has: all of an operation's whose digests differ. Of use
   * when both ends are done.
   */
  long lostBytes(MatrixEnd peer) {
    String expected = Pattern.digest(peer.source.segment());
    long lost = 0;
    for (MemoryRegion region : reads ? List.of(written, inbox, read) : List.of(written, inbox)) {
      if (!Pattern.digest(region.segment()).equals(expected)) {
        lost += region.segment().byteSize();
      }
    }
    return lost + peer.ticks.lostBytes(ticked);
  }
}
