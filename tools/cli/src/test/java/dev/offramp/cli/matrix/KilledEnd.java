package dev.offramp.cli.matrix;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Write;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One end of a conversation that goes on until the connection ends. Writes never pause. A Send
 * answers each Send that came, and the peer's end Reads when it was sent to: so a moving end whose
 * threads are kept out comes to rest, as an adapter needs it, while the peer waits for nothing.
 */
final class KilledEnd {
  /** How many Writes are under way at once; there are more places, so that their order shows. */
  private static final int WRITES = 2;

  private static final int SLOTS = 4;
  private static final int TOKENS = 4;
  private static final int READS = 2;
  private static final int READABLE = 8;

  private static final long WRITE_SEED = 0x7772_6974L << 32;
  private static final long SEND_SEED = 0x7365_6e64L << 32;
  private static final long READ_SEED = 0x7265_6164L << 32;
  private static final List<Operation> KINDS = List.of(Operation.values());
  private static final int KIND_SHIFT = 40;
  private static final Duration GLANCE = Duration.ofMillis(1);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What an end does. */
  enum Role {
    /** Moves, and answers. */
    MOVING,
    /** Begins, and goes on whatever happens. */
    PEER
  }

  private final RdmaConnection connection;
  private final Role role;
  private final MemoryRegion outgoing;
  private final MemoryRegion written;
  private final MemoryRegion readable;
  private final MemoryRegion sink;
  private final MemoryRegion inbox;
  private final MemoryRegion outbox;
  private final Map<Operation, AtomicInteger> posted = new EnumMap<>(Operation.class);
  private final Map<Operation, AtomicInteger> completed = new EnumMap<>(Operation.class);
  private final Set<Long> outstanding = new HashSet<>();
  private int owedSends;
  private int owedReads;

  /**
   * Registers memory and posts Receives.
   *
   * @param isMixed whether there are Sends and Reads, too
   */
  KilledEnd(RdmaConnection connection, Role role, boolean isMixed) throws IOException {
    this.connection = connection;
    this.role = role;
    outgoing = connection.allocate(KilledSlots.bytes(SLOTS));
    written = connection.allocate(KilledSlots.bytes(SLOTS), Access.REMOTE_WRITE);
    readable = connection.allocate(KilledSlots.bytes(READABLE), Access.REMOTE_READ);
    sink = connection.allocate(KilledSlots.bytes(READS), Access.REMOTE_WRITE);
    inbox = connection.allocate(KilledSlots.bytes(TOKENS));
    outbox = connection.allocate(KilledSlots.bytes(TOKENS));
    for (Operation kind : Operation.values()) {
      posted.put(kind, new AtomicInteger());
      completed.put(kind, new AtomicInteger());
    }
    for (int i = 0; i < READABLE; i++) {
      KilledSlots.fill(KilledSlots.slot(readable.segment(), i), READ_SEED, i);
    }
    for (int i = 0; i < TOKENS; i++) {
      receive();
    }
    owedSends = isMixed && role == Role.PEER ? TOKENS : 0;
    owedReads = isMixed ? READS : 0;
  }

  /** Where the other end may Write, and what it may Read. */
  List<RemoteBuffer> advertised() {
    return List.of(written.advertise(), readable.advertise());
  }

  /** How many requests of a kind have completed. */
  int completed(Operation kind) {
    return counter(completed, kind).get();
  }

  /** Waits until so many more requests of a kind have completed. */
  synchronized void awaitMore(Operation kind, int more) throws IOException, InterruptedException {
    int target = completed(kind) + more;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (completed(kind) < target) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new IOException("no more requests of kind " + kind + " complete");
      }
      wait(left);
    }
  }

  private synchronized int complete(Operation kind) {
    notifyAll();
    return counter(completed, kind).getAndIncrement();
  }

  private static AtomicInteger counter(Map<Operation, AtomicInteger> counters, Operation kind) {
    return java.util.Objects.requireNonNull(counters.get(kind));
  }

  /** Goes on until the connection ends; all requests have completed exactly once by then. */
  StreamEnd run(List<RemoteBuffer> peer) throws IOException, InterruptedException {
    try {
      while (true) {
        post(peer);
        take(GLANCE);
      }
    } catch (ConnectionClosedException e) {
      drain();
    }
    if (!outstanding.isEmpty()) {
      throw new IOException("never completed: " + outstanding.size() + " requests");
    }
    return connection.end().orElseThrow(() -> new IOException("it has ended, and nobody says how"));
  }

  private void drain() throws IOException, InterruptedException {
    try {
      while (take(PATIENCE)) {
        // Until none is left.
      }
      throw new IOException("no completion for 60 s, and the connection has ended");
    } catch (ConnectionClosedException e) {
      // That was all.
    }
  }

  private void post(List<RemoteBuffer> peer) throws IOException {
    while (underWay(Operation.WRITE) < WRITES) {
      int number = next(Operation.WRITE);
      KilledSlots.fill(KilledSlots.slot(outgoing.segment(), number), WRITE_SEED, number);
      post(
          Operation.WRITE,
          number,
          id ->
              connection.post(new Write(id, local(outgoing, number), remote(peer.get(0), number))));
    }
    for (; owedSends > 0 && underWay(Operation.SEND) < TOKENS; owedSends--) {
      int number = next(Operation.SEND);
      KilledSlots.fill(KilledSlots.slot(outbox.segment(), number), SEND_SEED, number);
      post(Operation.SEND, number, id -> connection.post(new Send(id, local(outbox, number))));
    }
    for (; owedReads > 0 && underWay(Operation.READ) < READS; owedReads--) {
      int number = next(Operation.READ);
      post(
          Operation.READ,
          number,
          id -> connection.post(new Read(id, local(sink, number), remote(peer.get(1), number))));
    }
  }

  private void receive() throws IOException {
    int number = next(Operation.RECEIVE);
    post(Operation.RECEIVE, number, id -> connection.post(new Receive(id, local(inbox, number))));
  }

  private interface Posting {
    void post(long id) throws IOException;
  }

  private void post(Operation kind, int number, Posting how) throws IOException {
    long id = id(kind, number);
    how.post(id);
    counter(posted, kind).incrementAndGet();
    outstanding.add(id);
  }

  private int next(Operation kind) {
    return counter(posted, kind).get();
  }

  private int underWay(Operation kind) {
    return counter(posted, kind).get() - completed(kind);
  }

  private static long id(Operation kind, long number) {
    return (long) KINDS.indexOf(kind) << KIND_SHIFT | number;
  }

  private static LocalBuffer local(MemoryRegion region, long number) {
    long count = region.sizeBytes() / KilledSlots.SLOT_BYTES;
    return region.slice(number % count * KilledSlots.SLOT_BYTES, KilledSlots.SLOT_BYTES);
  }

  private static RemoteBuffer remote(RemoteBuffer all, long number) {
    long count = all.lengthBytes() / KilledSlots.SLOT_BYTES;
    return all.slice(number % count * KilledSlots.SLOT_BYTES, KilledSlots.SLOT_BYTES);
  }

  /** Takes at most one; false when none came. */
  private boolean take(Duration patience) throws IOException, InterruptedException {
    Completion one = connection.completions().poll(patience).orElse(null);
    if (one == null) {
      return false;
    }
    if (!outstanding.remove(one.id())) {
      throw new IOException("completed twice, or never posted: " + one);
    }
    if (one.id() != id(one.operation(), completed(one.operation()))) {
      throw new IOException("completed out of order: " + one);
    }
    int number = complete(one.operation());
    if (one.status() == CompletionStatus.FLUSHED) {
      return true;
    }
    if (!one.isSuccess()) {
      throw new IOException(one + ", expected a success or FLUSHED");
    }
    succeeded(one.operation(), number, one.bytes());
    return true;
  }

  private void succeeded(Operation kind, int number, long bytes) throws IOException {
    if (kind == Operation.RECEIVE) {
      require(inbox, SEND_SEED, number, number, bytes, "Send");
      receive();
      owedSends++;
      owedReads += role == Role.PEER && owedReads + underWay(Operation.READ) < READS ? 1 : 0;
    } else if (kind == Operation.READ) {
      require(sink, READ_SEED, number, number % READABLE, bytes, "Read");
      owedReads += role == Role.MOVING ? 1 : 0;
    }
  }

  private static void require(
      MemoryRegion where, long seed, int number, long contents, long bytes, String what)
      throws IOException {
    if (bytes != KilledSlots.SLOT_BYTES
        || !KilledSlots.isWhole(KilledSlots.slot(where.segment(), number), seed, contents)) {
      throw new IOException("%s %d has brought what was not sent".formatted(what, number));
    }
  }

  /** Of use when the connection has ended: throws when memory has got what was not sent. */
  void requireTrueMemory() throws IOException {
    String wrong = KilledSlots.wrongIn(written.segment(), WRITE_SEED).orElse("");
    if (!wrong.isEmpty()) {
      throw new IOException("the Writes' target: " + wrong);
    }
    wrong = KilledSlots.wrongIn(inbox.segment(), SEND_SEED).orElse("");
    if (!wrong.isEmpty()) {
      throw new IOException("the Receives: " + wrong);
    }
    // A Read that was flushed may have brought some of its octets.
    for (int i = 0; i < READS; i++) {
      long last = posted(Operation.READ) - 1L;
      long newer = last - Math.floorMod(last - i, (long) READS);
      long older = newer - READS;
      if (!KilledSlots.isTurn(
          KilledSlots.slot(sink.segment(), i),
          READ_SEED,
          older < 0 ? -1 : older % READABLE,
          newer < 0 ? -1 : newer % READABLE)) {
        throw new IOException("the sink of Read " + newer + " has got what was not sent");
      }
    }
  }

  private int posted(Operation kind) {
    return counter(posted, kind).get();
  }
}
