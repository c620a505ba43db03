package dev.offramp.provider.softiwarp;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler.CompletionDetail;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One end of an RDMA conversation under full load: Writes, Reads and Sends of all of a region, in
 * chunks, while the peer does the same. Every request has to complete exactly once, and every octet
 * has to be where it belongs.
 */
final class LoadSide {
  private static final Operation[] KINDS = {
    Operation.WRITE, Operation.SEND, Operation.READ, Operation.RECEIVE
  };

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int KIND_SHIFT = 32;
  private static final int BATCH = 16;

  private final String name;
  private final int bytes;
  private final int chunkBytes;
  private final boolean blocking;
  private final Map<Operation, BitSet> done = new EnumMap<>(Operation.class);
  private final AtomicLong completed = new AtomicLong();

  /** A stretch without any completion. */
  private final AtomicLong longestSilenceNanos = new AtomicLong();

  /** How many requests may be posted so far. */
  private final AtomicInteger budget = new AtomicInteger();

  private volatile @Nullable End prepared;
  private final BlockingQueue<End> successors = new LinkedBlockingQueue<>();
  private int posted;

  /** The connection and its memory. */
  private record End(
      RdmaConnection connection,
      MemoryRegion source,
      MemoryRegion written,
      MemoryRegion read,
      MemoryRegion inbox) {}

  /**
   * An end that has no connection yet.
   *
   * @param blocking whether it takes completions by waiting in a handler's call, or polls with a
   *     limit
   */
  LoadSide(String name, int bytes, int chunkBytes, boolean blocking) {
    this.name = name;
    this.bytes = bytes;
    this.chunkBytes = chunkBytes;
    this.blocking = blocking;
    for (Operation kind : KINDS) {
      done.put(kind, new BitSet());
    }
  }

  /** Registers memory and posts all Receives, while the connection is silent. */
  void prepare(RdmaConnection with) {
    try {
      End end =
          new End(
              with,
              with.allocate(bytes, Access.REMOTE_READ),
              with.allocate(bytes, Access.REMOTE_WRITE),
              with.allocate(bytes, Access.REMOTE_WRITE),
              with.allocate(bytes));
      fill(end.source.segment(), end.source.stag());
      for (int i = 0; i < chunks(); i++) {
        with.post(new Receive(id(Operation.RECEIVE, i), chunk(end.inbox, i)));
      }
      prepared = end;
    } catch (WorkQueueFullException | ConnectionClosedException e) {
      throw new IllegalStateException(e);
    }
  }

  private End end() {
    return Objects.requireNonNull(prepared, "not prepared");
  }

  private static void fill(MemorySegment segment, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (long at = 0; at + Long.BYTES <= segment.byteSize(); at += Long.BYTES) {
      segment.set(ValueLayout.JAVA_LONG_UNALIGNED, at, random.nextLong());
    }
  }

  private int chunks() {
    return (bytes + chunkBytes - 1) / chunkBytes;
  }

  private int length(int chunk) {
    return Math.min(chunkBytes, bytes - chunk * chunkBytes);
  }

  private LocalBuffer chunk(MemoryRegion region, int i) {
    return region.slice((long) i * chunkBytes, length(i));
  }

  private static long id(Operation kind, int chunk) {
    return (1L + List.of(KINDS).indexOf(kind)) << KIND_SHIFT | chunk;
  }

  int total() {
    return KINDS.length * chunks();
  }

  long completed() {
    return completed.get();
  }

  long longestSilenceNanos() {
    return longestSilenceNanos.get();
  }

  /** Lets so many more requests be posted. */
  void allow(int more) {
    budget.accumulateAndGet(
        more, (now, add) -> (int) Math.min(Integer.MAX_VALUE, (long) now + add));
  }

  /** Does all of it, and returns when every request has completed. */
  boolean run(LoadSide peer) throws Exception {
    while (true) {
      try {
        runHere(peer);
        return true;
      } catch (ConnectionClosedException e) {
        if (!(e.end() instanceof StreamEnd.Migrated)) {
          throw e;
        }
        prepared =
            Objects.requireNonNull(
                successors.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS), "no successor");
      }
    }
  }

  /** The connection has gone on as another one, with this one's regions. */
  void goOnAs(RdmaConnection connection, Map<Integer, MemoryRegion> regions) {
    End last = end();
    successors.add(
        new End(
            connection,
            same(last.source, regions),
            same(last.written, regions),
            same(last.read, regions),
            same(last.inbox, regions)));
  }

  private static MemoryRegion same(MemoryRegion region, Map<Integer, MemoryRegion> regions) {
    return Objects.requireNonNull(regions.get(region.stag()), region::toString);
  }

  private void runHere(LoadSide peer) throws Exception {
    List<WorkRequest> work = work(peer);
    long last = System.nanoTime();
    while (completed.get() < total()) {
      int limit = Math.min(work.size(), Math.min(budget.get(), posted + BATCH));
      if (posted < limit) {
        posted += end().connection.post(work.subList(posted, limit));
      }
      int taken = posted < work.size() ? poll(posted < budget.get()) : take();
      long now = System.nanoTime();
      if (taken > 0) {
        longestSilenceNanos.accumulateAndGet(now - last, Math::max);
        last = now;
      } else if (now - last > PATIENCE.toNanos()) {
        throw new AssertionError(name + ": no completion for " + PATIENCE + ", " + this);
      }
    }
  }

  private List<WorkRequest> work(LoadSide peer) {
    List<WorkRequest> work = new ArrayList<>();
    for (int i = 0; i < chunks(); i++) {
      long at = (long) i * chunkBytes;
      work.add(
          new Write(
              id(Operation.WRITE, i),
              chunk(end().source, i),
              peer.end().written.advertise().slice(at, length(i))));
      work.add(new Send(id(Operation.SEND, i), chunk(end().source, i)));
      work.add(
          new Read(
              id(Operation.READ, i),
              chunk(end().read, i),
              peer.end().source.advertise().slice(at, length(i))));
    }
    return work;
  }

  /** Not for long, because there is more to post, or may be soon. */
  private int poll(boolean more) throws Exception {
    return more
        ? end().connection.completions().poll(this::check, Integer.MAX_VALUE)
        : poll(Duration.ofMillis(1));
  }

  private int take() throws Exception {
    return blocking ? end().connection.completions().take(this::check, BATCH) : poll(PATIENCE);
  }

  private int poll(Duration timeout) throws Exception {
    Completion one = end().connection.completions().poll(timeout).orElse(null);
    if (one == null) {
      return 0;
    }
    check(one.id(), one.operation(), one.status(), one.bytes());
    return 1;
  }

  private void check(
      long id, Operation operation, CompletionStatus status, long moved, CompletionDetail detail) {
    check(id, operation, status, moved);
  }

  private void check(long id, Operation operation, CompletionStatus status, long moved) {
    int chunk = (int) id;
    BitSet seen = done.get(operation);
    if (seen == null
        || status != CompletionStatus.SUCCESS
        || id != id(operation, chunk)
        || moved != length(chunk)
        || seen.get(chunk)) {
      throw new AssertionError(
          name + ": " + operation + " " + chunk + " " + status + " " + moved + " in " + this);
    }
    seen.set(chunk);
    completed.incrementAndGet();
  }

  /** What is wrong with the memory that the peer had to fill; empty when nothing is. */
  String difference(LoadSide peer) {
    StringBuilder wrong = new StringBuilder();
    compare("written by the peer", end().written, peer.end().source, wrong);
    compare("read from the peer", end().read, peer.end().source, wrong);
    compare("sent by the peer", end().inbox, peer.end().source, wrong);
    return wrong.toString();
  }

  private void compare(String what, MemoryRegion is, MemoryRegion should, StringBuilder wrong) {
    long at = is.segment().mismatch(should.segment());
    if (at >= 0) {
      wrong.append(name).append(": ").append(what).append(" differs at ").append(at).append("; ");
    }
  }

  void close() {
    end().connection.close();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(name);
    done.forEach(
        (kind, seen) -> text.append(' ').append(kind).append('=').append(seen.cardinality()));
    return text.append(" of ").append(chunks()).append(" each").toString();
  }
}
