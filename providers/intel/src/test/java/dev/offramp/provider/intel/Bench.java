package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.iwarp.mpa.MpaFrame;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.Faults;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.ModelClock;
import dev.offramp.models.ModelLoop;
import dev.offramp.models.ModelWindow;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.SimulatedLink;
import dev.offramp.models.intel.E810Factory;
import dev.offramp.models.intel.IntelModel;
import dev.offramp.models.intel.IntelResources;
import dev.offramp.models.intel.X722Factory;
import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicEvents;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.EventLoops;
import dev.offramp.spi.port.StreamPorts;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A model on the bench: the chip, a cable in memory, a peer at its other end, and the driver under
 * test.
 */
final class Bench implements AutoCloseable {
  private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long JUMP_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  final ModelClock clock = new ModelClock();
  final ModelLoop modelLoop = new ModelLoop("model", clock);
  final ModelLoop driverLoop = new ModelLoop("driver", clock);
  final ModelLoop peerLoop = new ModelLoop("peer", clock);
  final SimulatedLink link = new SimulatedLink(modelLoop, clock);
  final ModelWindow window;
  final Map<String, String> settings = new HashMap<>();
  private final DeviceWindow seenByDriver;
  private RnicEvents events = RnicEvents.NONE;
  private volatile boolean closed;
  private @Nullable IntelRnic rnic;

  Bench(AdapterModelFactory kind) {
    this(kind, Faults.NONE, seen -> seen);
  }

  Bench(AdapterModelFactory kind, Faults faults, UnaryOperator<DeviceWindow> wrapper) {
    window = new ModelWindow(kind, modelLoop, link, clock, faults);
    seenByDriver = wrapper.apply(window);
  }

  /** Both kinds, for tests of both. */
  static Stream<AdapterModelFactory> kinds() {
    return Stream.of(new X722Factory(), new E810Factory());
  }

  Bench with(String setting, String value) {
    settings.put(setting, value);
    return this;
  }

  Bench tell(RnicEvents whom) {
    events = whom;
    return this;
  }

  IntelModel model() {
    return (IntelModel) window.model();
  }

  /** The driver, brought up at first use. */
  IntelRnic rnic() throws RnicException {
    IntelRnic known = rnic;
    if (known == null) {
      known = (IntelRnic) new IntelDriver().open(new Context());
      rnic = known;
    }
    return known;
  }

  /** Waits until each loop has done what it had to do when this was called. */
  void settle() {
    for (ModelLoop loop : List.of(peerLoop, modelLoop, driverLoop)) {
      loop.run(() -> {});
    }
  }

  /**
   * From now on time flies, but only while nobody has anything to do: what can be answered is
   * answered before a deadline passes.
   */
  void hurry() {
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          while (!closed) {
            LockSupport.parkNanos(IDLE_NANOS);
            try {
              settle();
            } catch (IllegalStateException e) {
              return;
            }
            clock.jump(JUMP_NANOS);
          }
        });
  }

  /** Closes the driver. */
  void closeRnic() {
    IntelRnic known = rnic;
    rnic = null;
    if (known != null) {
      known.close();
    }
  }

  /** Closes the driver; nothing of it may be left, and no rule may have been broken. */
  void closeClean() {
    closeClean(0);
  }

  /** The same, when so many rules had been broken before, by a driver that was misled. */
  void closeClean(int violationsBefore) {
    closeRnic();
    assertThat(model().violations()).hasSize(violationsBefore);
    assertThat(model().resources()).isEqualTo(IntelResources.NONE);
    assertThat(window.memory().open()).isEmpty();
    assertThat(link.claimCount()).isZero();
    assertThat(modelLoop.failures()).isEmpty();
    assertThat(driverLoop.failures()).isEmpty();
    assertThat(peerLoop.failures()).isEmpty();
  }

  SimulatedConnection.Builder connection() {
    return SimulatedConnection.builder(link);
  }

  /** What start-up agreed: depths, CRC on, no markers, revision 2. */
  static MpaResult mpa(MpaRole role, RtrKind rtr) {
    return new MpaResult(role, 2, true, false, false, 16, 16, 16, 16, rtr, Octets.empty());
  }

  /** The Reply that a Responder still has to send. */
  static Octets reply(MpaResult mpa) {
    return Octets.copyOf(
        new MpaFrame(
                true,
                mpa.receiveMarkers(),
                mpa.crc(),
                false,
                mpa.revision() > 1,
                mpa.revision(),
                mpa.revision() > 1 ? mpa.ird() : -1,
                mpa.revision() > 1 ? mpa.ord() : -1,
                mpa.rtr() != RtrKind.NONE,
                mpa.rtr() == RtrKind.NONE ? Set.of() : Set.of(mpa.rtr()),
                Octets.empty())
            .encode());
  }

  /** What the host describes. */
  static IwarpConnectionDescriptor described(SimulatedConnection connection, MpaResult mpa) {
    Octets reply = mpa.role() == MpaRole.RESPONDER ? reply(mpa) : Octets.empty();
    return connection.started(mpa, Octets.empty(), reply);
  }

  /** The peer's view of the same agreement. */
  static StreamConfig mirrored(MpaResult mpa) {
    return StreamConfig.of(
            new MpaResult(
                mpa.role() == MpaRole.INITIATOR ? MpaRole.RESPONDER : MpaRole.INITIATOR,
                mpa.revision(),
                mpa.crc(),
                mpa.receiveMarkers(),
                mpa.sendMarkers(),
                mpa.ord(),
                mpa.ird(),
                mpa.peerOrd(),
                mpa.peerIrd(),
                mpa.rtr(),
                Octets.empty()))
        .build();
  }

  /** A connection at the device, and its peer. */
  record Pair(RdmaConnection connection, GoldenPeer peer) implements AutoCloseable {
    @Override
    public void close() {
      connection.close();
      peer.close();
    }
  }

  /** Moves a connection to the device; the peer is in RDMA mode then. */
  Pair move(SimulatedConnection connection, MpaResult mpa) throws TransferException, RnicException {
    RnicArrival arrival = rnic().arrive(described(connection, mpa));
    GoldenPeer peer = new GoldenPeer(peerLoop, clock, connection.peer());
    if (mpa.role() == MpaRole.INITIATOR) {
      // The Initiator's first FPDU comes at once.
      peer.enterRdma(mirrored(mpa));
      return new Pair(arrival.activate(), peer);
    }
    RdmaConnection activated = arrival.activate();
    peer.awaitReply(0);
    peer.enterRdma(mirrored(mpa));
    return new Pair(activated, peer);
  }

  /** The same, but the peer stays in streaming mode: no FPDU is sent. */
  Pair moveSilently(SimulatedConnection connection, MpaResult mpa)
      throws TransferException, RnicException {
    RnicArrival arrival = rnic().arrive(described(connection, mpa));
    GoldenPeer peer = new GoldenPeer(peerLoop, clock, connection.peer());
    RdmaConnection activated = arrival.activate();
    if (mpa.role() == MpaRole.RESPONDER) {
      peer.awaitReply(0);
    }
    return new Pair(activated, peer);
  }

  @Override
  public void close() {
    closeRnic();
    closed = true;
    window.close();
    driverLoop.close();
    peerLoop.close();
    modelLoop.close();
  }

  /** What the runtime would hand the driver. */
  private final class Context implements DriverContext {
    @Override
    public Device device() {
      return window.device();
    }

    @Override
    public DeviceWindow window() {
      return seenByDriver;
    }

    @Override
    public StreamPorts streams() {
      throw new IllegalStateException("an adapter");
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
    public RnicEvents events() {
      return events;
    }

    @Override
    public System.Logger logger() {
      return System.getLogger("dev.offramp.intel");
    }

    @Override
    public Map<String, String> settings() {
      return settings;
    }
  }
}
