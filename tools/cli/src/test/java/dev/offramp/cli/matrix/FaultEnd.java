package dev.offramp.cli.matrix;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.ConnectionClosedException;
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
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * One end of a connection to which something happens: rounds of a Write, a Read and a Send, each
 * with contents of its own, of which all must complete exactly once, well or flushed. For one
 * thread at a time.
 */
final class FaultEnd {
  private static final int BYTES = 240_000;
  private static final int TICK_BYTES = 1 << 12;
  private static final long TICK = 1L << 32;
  private static final Duration GLANCE = Duration.ofMillis(1);
  private static final Duration SILENCE = Duration.ofSeconds(3);
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final RdmaConnection connection;
  private final boolean reads;
  private final MemoryRegion source;
  private final MemoryRegion back;
  private final MemoryRegion written;
  private final MemoryRegion inbox;
  private final MemoryRegion ticked;
  private final MatrixTicks ticks;
  private final Set<Long> open = new HashSet<>();
  private final BitSet tickCompleted = new BitSet();
  private long nextId = 1;
  private int failed;

  FaultEnd(RdmaConnection connection, boolean reads) throws IOException {
    this.connection = connection;
    this.reads = reads;
    source = connection.allocate(BYTES, Access.REMOTE_READ);
    back = connection.allocate(BYTES, Access.REMOTE_WRITE);
    written = connection.allocate(BYTES, Access.REMOTE_WRITE);
    inbox = connection.allocate(BYTES);
    ticked = MatrixTicks.target(connection, TICK_BYTES);
    ticks = new MatrixTicks(connection, TICK_BYTES);
  }

  /** A round: contents of its own, and a place for the peer's Send. None may be under way. */
  void begin(long round) throws IOException {
    Pattern.fill(source.segment(), round);
    post(new Receive(nextId, inbox.whole()));
  }

  /** Posts this end's requests of the kinds, as far as it may. */
  void post(FaultEnd peer, Set<Operation> kinds) throws IOException {
    if (kinds.contains(Operation.WRITE)) {
      post(new Write(nextId, source.whole(), peer.written.advertise()));
    }
    if (kinds.contains(Operation.READ) && reads) {
      post(new Read(nextId, back.whole(), peer.source.advertise()));
    }
    if (kinds.contains(Operation.SEND)) {
      post(new Send(nextId, source.whole()));
    }
  }

  private void post(WorkRequest request) throws IOException {
    connection.post(request);
    open.add(nextId++);
  }

  /**
   * Writes over and over until told to stop, or the stream has ended. What has not completed by
   * then may wait for a Read before it, and that for an owner that is gone.
   */
  void tick(FaultEnd peer, BooleanSupplier goOn) throws IOException, InterruptedException {
    try {
      while (goOn.getAsBoolean()) {
        boolean posted = ticks.post(peer.ticked, TICK) > 0;
        take(posted ? Duration.ZERO : GLANCE);
      }
    } catch (ConnectionClosedException e) {
      // What became of it is looked at by whoever judges the case.
      return;
    }
  }

  /** Waits until all that was posted has completed, well. */
  void succeed() throws IOException, InterruptedException {
    while (!open.isEmpty()) {
      Completion one =
          connection
              .completions()
              .poll(PATIENCE)
              .orElseThrow(() -> new AssertionError("no completion of " + open + " in 40 s"));
      completed(one);
      if (one.status() != CompletionStatus.SUCCESS && connection.end().isEmpty()) {
        throw new AssertionError(one + ", expected a success");
      }
    }
    if (failed > 0) {
      throw new ConnectionClosedException(
          connection.end().orElseThrow(() -> new AssertionError(failed + " requests failed")));
    }
  }

  private void take(Duration timeout) throws IOException, InterruptedException {
    Completion one = connection.completions().poll(timeout).orElse(null);
    if (one != null) {
      completed(one);
    }
  }

  private void completed(Completion one) throws IOException {
    boolean well = one.status() == CompletionStatus.SUCCESS;
    failed += well ? 0 : 1;
    if ((one.id() & TICK) == 0) {
      if (!open.remove(one.id())) {
        throw new AssertionError(one + ", expected one of " + open + ", each once");
      }
      return;
    }
    int number = (int) one.id();
    if (tickCompleted.get(number) || number >= ticks.posted()) {
      throw new AssertionError(one + " once more, or never asked for");
    }
    tickCompleted.set(number);
    if (well && !ticks.complete(one)) {
      throw new AssertionError(one + " once more");
    }
  }

  /**
   * How it ended; all that was posted has completed exactly once by then, well or not. TCP repeats
   * no RST, so an end that has nothing to say may hear of one only when it speaks again.
   */
  String endedWith(FaultEnd peer) throws IOException, InterruptedException {
    if (isOver(SILENCE)) {
      return end();
    }
    try {
      post(peer, EnumSet.of(Operation.WRITE));
    } catch (ConnectionClosedException e) {
      // Just now.
    }
    if (isOver(PATIENCE)) {
      return end() + " when it speaks";
    }
    throw new AssertionError("no end in 40 s, with " + open + " open");
  }

  private String end() {
    int ticksOpen = ticks.posted() - tickCompleted.cardinality();
    if (!open.isEmpty() || ticksOpen > 0) {
      throw new AssertionError(
          "ended with " + open + " and " + ticksOpen + " Writes never completed");
    }
    return connection.end().orElseThrow().getClass().getSimpleName();
  }

  private boolean isOver(Duration patience) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      for (long left = patience.toNanos(); left > 0; left = deadline - System.nanoTime()) {
        take(Duration.ofNanos(left));
      }
      return false;
    } catch (ConnectionClosedException e) {
      return true;
    }
  }

  /** Compares what a round of all operations brought here, when that is over. */
  void compare(FaultEnd peer) {
    same(written, peer.source, "Written");
    same(inbox, peer.source, "Sent");
    if (reads) {
      same(back, peer.source, "Read");
    }
  }

  /** Compares what the peer has Written during the move. */
  void compareTicks(FaultEnd peer) {
    long lost = peer.ticks.lostBytes(ticked);
    if (lost > 0) {
      throw new AssertionError(lost + " bytes of the peer's Writes during the move are not here");
    }
  }

  private static void same(MemoryRegion here, MemoryRegion there, String how) {
    long at = here.segment().mismatch(there.segment());
    if (at != -1) {
      throw new AssertionError("what was " + how + " differs from byte " + at + " on");
    }
  }

  RdmaConnection connection() {
    return connection;
  }
}
