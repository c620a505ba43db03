package dev.offramp.benchmarks.posting;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.iwarp.rdmap.LocalBuffers;
import dev.offramp.iwarp.rdmap.Posted;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.models.AdapterModels;
import dev.offramp.models.Faults;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.ModelLoop;
import dev.offramp.models.ModelWindow;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.SimulatedLink;
import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicDriver;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.EventLoops;
import dev.offramp.spi.port.StreamPorts;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * A production driver that was brought up on the model of its chip, with one connection to a peer
 * in the same process.
 */
final class ModelledAdapter implements PostingDevice {
  private static final int READ_DEPTH = 16;
  private static final int MEMORY_BYTES = 1 << 16;
  private static final long BURST_BYTES = 64;
  private static final int PEER_ENTRIES = 512;

  private final String name;
  private final int inlineBytes;
  private final ModelLoop chipLoop;
  private final ModelLoop driverLoop;
  private final ModelLoop peerLoop;
  private final ModelWindow modelWindow;
  private final HeldWindow window;
  private final Rnic rnic;
  private final RdmaConnection connection;
  private final GoldenPeer peer;
  private final Region peerMemory;
  private final MemoryRegion source;

  /**
   * Brings it up.
   *
   * @param inlineBytes the longest message that the driver puts into the work request
   */
  ModelledAdapter(String name, int inlineBytes) throws Exception {
    this.name = name;
    this.inlineBytes = inlineBytes;
    chipLoop = new ModelLoop(name + "-chip");
    driverLoop = new ModelLoop(name + "-driver");
    peerLoop = new ModelLoop(name + "-peer");
    SimulatedLink link = new SimulatedLink(chipLoop, System::nanoTime);
    modelWindow =
        new ModelWindow(
            AdapterModels.find(name).orElseThrow(), chipLoop, link, System::nanoTime, Faults.NONE);
    window = new HeldWindow(modelWindow, Arena.ofAuto().allocate(BURST_BYTES, BURST_BYTES));
    rnic = driver(modelWindow.device()).open(new Context());
    SimulatedConnection wire = SimulatedConnection.builder(link).build();
    peer = new GoldenPeer(peerLoop, System::nanoTime, wire.peer());
    try (RnicArrival arrival =
        rnic.arrive(wire.started(agreed(MpaRole.INITIATOR), Octets.empty(), Octets.empty()))) {
      // An Initiator has the Reply: the peer is in RDMA mode.
      peer.enterRdma(
          StreamConfig.of(agreed(MpaRole.RESPONDER))
              .queueDepths(PEER_ENTRIES, PEER_ENTRIES)
              .build());
      connection = arrival.activate();
    }
    peerMemory = peer.register(MEMORY_BYTES, Access.REMOTE_WRITE);
    source = connection.allocate(MEMORY_BYTES, Access.REMOTE_READ);
  }

  private static RnicDriver driver(Device device) {
    return ServiceLoader.load(RnicDriver.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(each -> each.matches(device))
        .findFirst()
        .orElseThrow();
  }

  private static MpaResult agreed(MpaRole role) {
    return new MpaResult(
        role,
        2,
        /* crc= */ true,
        /* sendMarkers= */ false,
        /* receiveMarkers= */ false,
        READ_DEPTH,
        READ_DEPTH,
        READ_DEPTH,
        READ_DEPTH,
        RtrKind.NONE,
        Octets.empty());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public RdmaConnection connection() {
    return connection;
  }

  @Override
  public MemoryRegion source() {
    return source;
  }

  @Override
  public RemoteBuffer target() {
    return GoldenPeer.advertise(peerMemory);
  }

  @Override
  public int gatherEntries() {
    return rnic.capabilities().maxGatherEntries();
  }

  @Override
  public int inlineBytes() {
    return inlineBytes;
  }

  @Override
  public void hold(int messages) {
    if (messages > 0) {
      peer.ask(engine -> {
        LocalBuffers buffers = new LocalBuffers(1).add(peerMemory, 0, MEMORY_BYTES);
        for (int i = 0; i < messages; i++) {
          Posted posted = engine.postReceive(0, buffers);
          if (posted != Posted.ACCEPTED) {
            throw new IllegalStateException("seen [" + posted + "], expected an accepted Receive");
          }
        }
        return messages;
      });
    }
    window.hold();
  }

  @Override
  public int release() {
    return window.release();
  }

  @Override
  public void settle(int messages) {
    for (int i = 0; i < messages; i++) {
      peer.take();
    }
  }

  @Override
  public void close() {
    connection.abort();
    peer.close();
    rnic.close();
    modelWindow.close();
    driverLoop.close();
    peerLoop.close();
    chipLoop.close();
  }

  /** What the runtime would give. */
  private final class Context implements DriverContext {
    @Override
    public Device device() {
      return modelWindow.device();
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
      return System.nanoTime();
    }

    @Override
    public System.Logger logger() {
      return System.getLogger(ModelledAdapter.class.getName());
    }

    @Override
    public Map<String, String> settings() {
      return Map.of();
    }
  }
}
