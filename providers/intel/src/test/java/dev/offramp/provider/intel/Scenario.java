package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.LocalInvalidate;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;

/**
 * A connection's whole life, from the driver's bring-up to its end, of which any step may fail.
 * Whatever happens, each request that was posted has one completion.
 */
final class Scenario {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int BYTES = 10_000;
  private static final int REQUESTS = 8;

  private final Bench bench;
  private final MpaResult mpa;
  private final int peerPort;
  private final Map<Long, CompletionStatus> seen = new HashMap<>();
  private int posted;

  Scenario(Bench bench, MpaRole role, int peerPort) {
    this.bench = bench;
    this.mpa = Agreement.of(role).result();
    this.peerPort = peerPort;
  }

  /** Lives it, and says how far it came. */
  String live() throws Exception {
    try {
      bench.rnic();
    } catch (RnicException e) {
      assertThat(e.getMessage()).isNotBlank();
      System.getLogger("dev.offramp.intel").log(System.Logger.Level.WARNING, e.getMessage());
      return "not opened";
    }
    SimulatedConnection connection = bench.connection().ports(7471, peerPort).build();
    long segments = bench.link.segmentCount();
    RnicArrival arrival;
    try {
      arrival = bench.rnic().arrive(Bench.described(connection, mpa));
    } catch (TransferException e) {
      assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
      assertThat(bench.link.segmentCount()).isEqualTo(segments);
      return "not prepared";
    }
    GoldenPeer peer = new GoldenPeer(bench.peerLoop, bench.clock, connection.peer());
    try {
      return activate(arrival, peer);
    } finally {
      peer.close();
    }
  }

  private String activate(RnicArrival arrival, GoldenPeer peer) throws Exception {
    boolean responder = mpa.role() == MpaRole.RESPONDER;
    if (!responder) {
      peer.enterRdma(Bench.mirrored(mpa));
    }
    RdmaConnection connection;
    try {
      connection = arrival.activate();
    } catch (UncheckedIOException e) {
      assertThat(e.getMessage()).isNotBlank();
      return "not activated";
    }
    String result = work(connection, peer, responder);
    connection.close();
    connection.close();
    collect(connection);
    assertThat(seen).hasSize(posted);
    return result;
  }

  private String work(RdmaConnection connection, GoldenPeer peer, boolean responder)
      throws Exception {
    if (responder) {
      if (!awaitReply(connection, peer)) {
        return "ended " + how(connection);
      }
      peer.enterRdma(Bench.mirrored(mpa));
    }
    Region theirs = peer.register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
    MemoryRegion mine;
    MemoryRegion other;
    MemoryRegion third;
    try {
      mine = connection.allocate(BYTES, Access.REMOTE_WRITE, Access.REMOTE_READ);
      other = connection.allocate(BYTES);
      third = connection.allocate(10);
    } catch (IllegalStateException e) {
      return "no memory registered";
    }
    try {
      for (int i = 0; i < 3; i++) {
        peer.receive(i, theirs, 0, BYTES);
      }
      post(connection, theirs, mine, other);
      peer.send(1, theirs, 0, BYTES);
      peer.send(2, theirs, 0, 100);
    } catch (ConnectionClosedException e) {
      return "ended " + how(connection);
    } catch (IllegalStateException e) {
      // The golden peer's stream is over already.
      assertThat(connection.end().isPresent() || !peer.isRunning()).isTrue();
    }
    while (seen.size() < posted) {
      Optional<Completion> next;
      try {
        next = connection.completions().poll(PATIENCE);
      } catch (ConnectionClosedException e) {
        break;
      }
      if (next.isEmpty()) {
        return "silent";
      }
      see(next.get());
    }
    if (connection.end().isPresent()) {
      return "ended " + how(connection);
    }
    assertThat(seen.values()).hasSize(REQUESTS).containsOnly(CompletionStatus.SUCCESS);
    assertThat(theirs.segment().mismatch(mine.segment())).isEqualTo(-1);
    mine.close();
    try {
      // Flushed in the end.
      post(connection, new Receive(posted, third.whole()));
    } catch (ConnectionClosedException e) {
      return "ended " + how(connection);
    }
    return "done";
  }

  /** False when the connection is over before. */
  private static boolean awaitReply(RdmaConnection connection, GoldenPeer peer) throws Exception {
    FutureTask<Boolean> reply = new FutureTask<>(() -> peer.awaitStreamed(20).length > 0);
    Thread waiting = Thread.ofVirtual().start(reply);
    try {
      while (!reply.isDone() && connection.end().isEmpty()) {
        connection.completions().poll(Duration.ofMillis(1));
      }
      return connection.end().isEmpty() && reply.get();
    } catch (ConnectionClosedException e) {
      return false;
    } finally {
      waiting.interrupt();
      waiting.join();
    }
  }

  private void post(RdmaConnection connection, Region theirs, MemoryRegion mine, MemoryRegion other)
      throws ConnectionClosedException, WorkQueueFullException {
    RemoteBuffer far = new RemoteBuffer(theirs.stag(), theirs.taggedOffset(), BYTES);
    post(connection, new Receive(posted, mine.whole()));
    post(connection, new Receive(posted, mine.slice(0, 100)));
    post(connection, new Send(posted, other.slice(0, 50)));
    post(connection, new Send(posted, other.whole()));
    post(connection, new Write(posted, other.slice(0, 20), far.slice(0, 20)));
    post(connection, new Read(posted, mine.whole(), far));
    post(connection, new LocalInvalidate(posted, other.stag()));
    post(connection, new Send(posted, mine.slice(0, 0)));
  }

  private void post(RdmaConnection connection, WorkRequest request)
      throws ConnectionClosedException, WorkQueueFullException {
    connection.post(request);
    posted++;
  }

  private void see(Completion completion) {
    assertThat(seen.put(completion.id(), completion.status())).as("twice").isNull();
  }

  private void collect(RdmaConnection connection) {
    for (Optional<Completion> next = connection.completions().poll();
        next.isPresent();
        next = connection.completions().poll()) {
      see(next.get());
    }
  }

  private static String how(RdmaConnection connection) {
    return connection.end().map(end -> end.getClass().getSimpleName()).orElse("not");
  }
}
