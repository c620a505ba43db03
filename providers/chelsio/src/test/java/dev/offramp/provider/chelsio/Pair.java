package dev.offramp.provider.chelsio;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.iwarp.mpa.MpaFrame;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.spi.ConnectionMovedException;
import dev.offramp.spi.RnicArrival;
import java.io.IOException;
import java.util.Set;
import java.util.function.UnaryOperator;

/** A connection with both its ends: one at the driver, the other a golden peer's. */
final class Pair implements AutoCloseable {
  private static final int PRIVATE_BYTES = 12;

  private final Bench bench;
  private final RdmaConnection host;
  private final GoldenPeer peer;
  private final SimulatedConnection wire;
  private boolean closed;

  private Pair(Bench bench, RdmaConnection host, GoldenPeer peer, SimulatedConnection wire) {
    this.bench = bench;
    this.host = host;
    this.peer = peer;
    this.wire = wire;
  }

  RdmaConnection host() {
    return host;
  }

  GoldenPeer peer() {
    return peer;
  }

  SimulatedConnection wire() {
    return wire;
  }

  /**
   * Posts a Receive, and waits until the chip has it: doorbells take no longer than segments only
   * where there is hardware.
   */
  void receive(Receive receive) throws IOException {
    host.post(receive);
    bench.chipLoop().run(() -> {});
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      peer.close();
      try {
        host.close();
      } catch (ConnectionMovedException e) {
        // Another owner's by now.
      }
    }
  }

  static Spec spec(Bench bench) {
    return new Spec(bench);
  }

  /** How a connection is to be. */
  static final class Spec {
    private final Bench bench;
    private MpaRole role = MpaRole.RESPONDER;
    private boolean crc = true;
    private boolean sendMarkers;
    private boolean receiveMarkers;
    private int ird = 4;
    private int ord = 4;
    private RtrKind rtr = RtrKind.NONE;
    private int revision = 2;
    private UnaryOperator<SimulatedConnection.Builder> wiring = wire -> wire;
    private UnaryOperator<IwarpConnectionDescriptor> amend = descriptor -> descriptor;
    private int skip;

    private Spec(Bench bench) {
      this.bench = bench;
    }

    /** What the host is. */
    Spec role(MpaRole host) {
      role = host;
      return this;
    }

    Spec crc(boolean on) {
      crc = on;
      return this;
    }

    Spec markers(boolean send, boolean receive) {
      sendMarkers = send;
      receiveMarkers = receive;
      return this;
    }

    Spec depths(int inbound, int outbound) {
      ird = inbound;
      ord = outbound;
      return this;
    }

    Spec rtr(RtrKind kind) {
      rtr = kind;
      return this;
    }

    Spec revision(int number) {
      revision = number;
      return this;
    }

    Spec wire(UnaryOperator<SimulatedConnection.Builder> how) {
      wiring = how;
      return this;
    }

    Spec amend(UnaryOperator<IwarpConnectionDescriptor> how) {
      amend = how;
      return this;
    }

    /** Bytes that come before the Reply. */
    Spec skip(int bytes) {
      skip = bytes;
      return this;
    }

    MpaResult mpa() {
      return new MpaResult(
          role,
          revision,
          crc,
          sendMarkers,
          receiveMarkers,
          ird,
          ord,
          revision == 2 ? ord : -1,
          revision == 2 ? ird : -1,
          rtr,
          Octets.empty());
    }

    Octets reply() {
      if (role == MpaRole.INITIATOR) {
        return Octets.empty();
      }
      MpaFrame frame =
          new MpaFrame(
              true,
              receiveMarkers,
              crc,
              false,
              revision == 2,
              revision,
              revision == 2 ? ird : -1,
              revision == 2 ? ord : -1,
              rtr != RtrKind.NONE,
              rtr == RtrKind.NONE ? Set.of() : Set.of(rtr),
              Octets.copyOf(new byte[PRIVATE_BYTES]));
      return Octets.copyOf(frame.encode());
    }

    /** A connection before it arrives. */
    SimulatedConnection lay() {
      return wiring.apply(SimulatedConnection.builder(bench.link())).build();
    }

    IwarpConnectionDescriptor descriptor(SimulatedConnection wire) {
      return amend.apply(wire.started(mpa(), Octets.copyOf(new byte[PRIVATE_BYTES]), reply()));
    }

    /** Lets one arrive, and its peer enter RDMA mode. */
    Pair connect() throws TransferException {
      SimulatedConnection wire = lay();
      GoldenPeer peer = new GoldenPeer(bench.peerLoop(), bench.clock(), wire.peer());
      RnicArrival arrival;
      try {
        arrival = bench.rnic().arrive(descriptor(wire));
      } catch (TransferException | RuntimeException e) {
        peer.close();
        throw e;
      }
      return activate(arrival, wire, peer);
    }

    Pair activate(RnicArrival arrival, SimulatedConnection wire, GoldenPeer peer) {
      if (role == MpaRole.INITIATOR) {
        // The peer has sent its Reply long ago, and what comes next is an FPDU.
        peer.enterRdma(peerConfig());
      }
      RdmaConnection host = arrival.activate();
      if (role == MpaRole.RESPONDER) {
        peer.awaitReply(skip);
        peer.enterRdma(peerConfig());
      }
      return new Pair(bench, host, peer, wire);
    }

    /** The same agreement from the other end. */
    StreamConfig peerConfig() {
      MpaResult other =
          new MpaResult(
              role == MpaRole.INITIATOR ? MpaRole.RESPONDER : MpaRole.INITIATOR,
              revision,
              crc,
              receiveMarkers,
              sendMarkers,
              ord,
              ird,
              revision == 2 ? ird : -1,
              revision == 2 ? ord : -1,
              rtr,
              Octets.empty());
      return StreamConfig.of(other).emss(1460).build();
    }
  }
}
