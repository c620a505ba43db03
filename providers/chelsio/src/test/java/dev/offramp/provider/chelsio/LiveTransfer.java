package dev.offramp.provider.chelsio;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.Faults;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.chelsio.ChelsioChip;
import dev.offramp.models.chelsio.ChelsioOptions;
import dev.offramp.provider.chelsio.FlippingWindow.Command;
import dev.offramp.provider.chelsio.FlippingWindow.Flip;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A connection arrives, moves some bytes with every operation, both ways, and closes; one bit of
 * one command may be wrong.
 */
final class LiveTransfer {
  private static final int BYTES = 16384;
  private static final int PART = 3000;
  private static final long PATIENCE_MILLIS = 5000;
  private static final int TURNS = 50;

  private final MpaRole role;
  private @Nullable FlippingWindow window;

  /** One that a {@link Flip} may disturb. */
  LiveTransfer(MpaRole role) {
    this.role = role;
  }

  /** The commands of the arrival and of the transfer. */
  List<Command> commands() {
    return watched().commands();
  }

  boolean hasFlipped() {
    return watched().hasFlipped();
  }

  private FlippingWindow watched() {
    FlippingWindow known = window;
    if (known == null) {
      throw new IllegalStateException("not run yet");
    }
    return known;
  }

  /** What anybody noticed of the wrong bit; null when nobody did. */
  @Nullable String run(@Nullable Flip flip) throws Exception {
    Bench bench =
        new Bench(
            role == MpaRole.INITIATOR ? ChelsioChip.T6 : ChelsioChip.T5,
            ChelsioOptions.defaults(),
            Faults.NONE,
            plain -> window = new FlippingWindow(plain, flip));
    bench
        .setting("reply-timeout-millis", PATIENCE_MILLIS)
        .setting("linger-millis", PATIENCE_MILLIS);
    try (bench) {
      bench.open();
      String seen;
      try (Ticker ticker =
          new Ticker(
              bench.clock(), List.of(bench.chipLoop(), bench.peerLoop()), bench.driverLoop())) {
        ticker.start();
        seen = live(bench);
        bench.rnic().close();
      }
      if (!bench.model().violations().isEmpty()) {
        return bench.model().violations().getFirst().toString();
      }
      return seen;
    }
  }

  private @Nullable String live(Bench bench) throws Exception {
    Pair.Spec spec = Pair.spec(bench).role(role);
    SimulatedConnection wire = spec.lay();
    try (GoldenPeer peer = new GoldenPeer(bench.peerLoop(), bench.clock(), wire.peer())) {
      RdmaConnection host;
      try {
        RnicArrival arrival = bench.rnic().arrive(spec.descriptor(wire));
        if (role == MpaRole.INITIATOR) {
          peer.enterRdma(spec.peerConfig());
        }
        host = arrival.activate();
      } catch (TransferException | UncheckedIOException e) {
        return "arrival: " + e.getMessage();
      }
      try (host) {
        if (role == MpaRole.RESPONDER) {
          MemorySegment reply = MemorySegment.ofArray(spec.reply().toByteArray());
          if (!streams(bench, peer, reply)) {
            return "the MPA Reply";
          }
          peer.enterRdma(spec.peerConfig());
        }
        return use(bench, host, peer);
      } catch (ConnectionClosedException e) {
        return "the stream ended: " + e.getMessage();
      } catch (UncheckedIOException e) {
        if (e.getCause() instanceof RnicException) {
          return "call: " + e.getMessage();
        }
        throw e;
      }
    }
  }

  private static boolean streams(Bench bench, GoldenPeer peer, MemorySegment expected) {
    for (int i = 0; i < TURNS; i++) {
      bench.chipLoop().run(() -> {});
      bench.peerLoop().run(() -> {});
      MemorySegment seen = MemorySegment.ofArray(peer.awaitStreamed(0));
      if (seen.byteSize() >= expected.byteSize()) {
        return seen.mismatch(expected) == -1;
      }
    }
    return false;
  }

  private @Nullable String use(Bench bench, RdmaConnection host, GoldenPeer peer) throws Exception {
    Region far = peer.register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
    MemoryRegion near = host.allocate(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
    Patterns.fill(far.segment(), 1);
    Patterns.fill(near.segment(), 2);
    MemorySegment expected =
        MemorySegment.ofArray(near.segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
    try {
      host.post(new Receive(1, near.slice(0, PART)));
      bench.chipLoop().run(() -> {});
      peer.receive(1, far, 0, PART);
      if (role == MpaRole.RESPONDER) {
        peer.send(2, far, 4096, PART);
        if (!take(host, 1, Operation.RECEIVE)) {
          return "the peer's Send";
        }
      }
      host.post(new Send(2, near.slice(4096, PART)));
      if (!take(host, 2, Operation.SEND)) {
        return "the Send";
      }
      host.post(new Write(3, near.slice(8192, PART), GoldenPeer.advertise(far).slice(8192, PART)));
      if (!take(host, 3, Operation.WRITE)) {
        return "the Write";
      }
      host.post(new Read(4, near.slice(12288, PART), GoldenPeer.advertise(far).slice(12288, PART)));
      if (!take(host, 4, Operation.READ)) {
        return "the Read";
      }
      if (role == MpaRole.INITIATOR) {
        peer.send(2, far, 4096, PART);
        if (!take(host, 1, Operation.RECEIVE)) {
          return "the peer's Send";
        }
      }
      peer.read(5, far, 14000 + 1384, near.advertise().slice(100, 900));
    } catch (IllegalStateException e) {
      return "the peer: " + e.getMessage();
    }
    watched().lookAway();
    if (MemorySegment.mismatch(far.segment(), 0, PART, expected, 4096, 4096 + PART) != -1) {
      return "what the peer received";
    }
    if (MemorySegment.mismatch(far.segment(), 8192, 8192 + PART, expected, 8192, 8192 + PART)
        != -1) {
      return "what was written at the peer";
    }
    StreamEnd end = host.disconnect();
    if (!end.equals(new StreamEnd.ClosedLocally())) {
      return "the end: " + end;
    }
    MemorySegment.copy(far.segment(), 4096, expected, 0, PART);
    MemorySegment.copy(far.segment(), 12288, expected, 12288, PART);
    long wrong = near.segment().mismatch(expected);
    if (wrong != -1) {
      return "this end's byte " + wrong;
    }
    return null;
  }

  private static boolean take(RdmaConnection host, long id, Operation operation) throws Exception {
    Optional<Completion> completion = host.completions().poll(Duration.ofMillis(PATIENCE_MILLIS));
    return completion.isPresent() && completion.get().equals(Patterns.done(id, operation, PART));
  }
}
