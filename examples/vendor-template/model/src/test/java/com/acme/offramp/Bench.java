package com.acme.offramp;

import com.acme.offramp.model.AcmeModelFactory;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.models.Faults;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.ModelClock;
import dev.offramp.models.ModelLoop;
import dev.offramp.models.ModelWindow;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.SimulatedLink;
import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.EventLoops;
import dev.offramp.spi.port.StreamPorts;
import java.util.List;
import java.util.Map;

/** The driver on its model, with a peer at the other end of a cable in memory. */
final class Bench implements AutoCloseable {
  private static final int DEPTH = 16;

  final ModelClock clock = new ModelClock();
  final ModelLoop modelLoop = new ModelLoop("model", clock);
  final ModelLoop driverLoop = new ModelLoop("driver", clock);
  final ModelLoop peerLoop = new ModelLoop("peer", clock);
  final SimulatedLink link = new SimulatedLink(modelLoop, clock);
  final ModelWindow window;

  Bench(Faults faults) {
    window = new ModelWindow(new AcmeModelFactory(), modelLoop, link, clock, faults);
  }

  Rnic open() throws RnicException {
    return new AcmeDriver().open(new Context());
  }

  /** A connection of the host's, this end the Initiator, stopped after MPA start-up. */
  SimulatedConnection connection() {
    return SimulatedConnection.builder(link).build();
  }

  static IwarpConnectionDescriptor described(SimulatedConnection connection) {
    MpaResult mpa =
        new MpaResult(
            MpaRole.INITIATOR,
            2,
            true,
            false,
            false,
            DEPTH,
            DEPTH,
            DEPTH,
            DEPTH,
            RtrKind.WRITE,
            Octets.empty());
    return connection.started(mpa, Octets.empty(), Octets.empty());
  }

  static RnicArrival arrive(Rnic rnic, SimulatedConnection connection) throws TransferException {
    return rnic.arrive(described(connection));
  }

  /** The other end, in RDMA mode. */
  GoldenPeer peer(SimulatedConnection connection) {
    GoldenPeer peer = new GoldenPeer(peerLoop, clock, connection.peer());
    peer.enterRdma(
        StreamConfig.builder(MpaRole.RESPONDER)
            .readDepths(DEPTH, DEPTH)
            .rtr(RtrKind.WRITE)
            .build());
    return peer;
  }

  /** All that is still held, and all that went wrong; empty when nothing. */
  String leftovers() {
    for (ModelLoop loop : List.of(peerLoop, modelLoop, driverLoop)) {
      loop.run(() -> {});
    }
    String claims = link.claimCount() == 0 ? "" : "claims " + link.claimCount();
    return window.memory().leaks()
        + claims
        + String.join("\n", window.model().complaints())
        + failures(modelLoop)
        + failures(driverLoop)
        + failures(peerLoop);
  }

  private static String failures(ModelLoop loop) {
    return loop.failures().isEmpty() ? "" : loop.failures().toString();
  }

  @Override
  public void close() {
    window.close();
    driverLoop.close();
    peerLoop.close();
    modelLoop.close();
  }

  /** What the driver gets. */
  private final class Context implements DriverContext {
    @Override
    public Device device() {
      return window.device();
    }

    @Override
    public DeviceWindow window() {
      return window;
    }

    @Override
    public StreamPorts streams() {
      throw new IllegalStateException("an adapter has no streams");
    }

    @Override
    public EventLoops eventLoops() {
      return () -> driverLoop;
    }

    @Override
    public long nanoTime() {
      return clock.getAsLong();
    }

    @Override
    public System.Logger logger() {
      return System.getLogger("acme");
    }

    @Override
    public Map<String, String> settings() {
      return Map.of();
    }
  }
}
