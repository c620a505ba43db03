package dev.offramp.runtime;

import dev.offramp.api.ConnectionSetup;
import dev.offramp.api.DriverReport;
import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.failover.Failover;
import dev.offramp.api.failover.FailoverPolicy;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.Drain;
import dev.offramp.linux.HostStack;
import dev.offramp.runtime.driver.DriverRegistry;
import dev.offramp.runtime.journal.TransferJournal;
import dev.offramp.runtime.loop.NioEventLoops;
import dev.offramp.runtime.move.ConnectionMover;
import dev.offramp.runtime.move.MigrationHost;
import dev.offramp.runtime.move.MovableConnection;
import dev.offramp.runtime.move.OpenRnic;
import dev.offramp.runtime.mpa.MpaAgreement;
import dev.offramp.runtime.mpa.MpaExchange;
import dev.offramp.runtime.paths.PathUpdates;
import dev.offramp.runtime.stream.ResidentStack;
import dev.offramp.runtime.transfer.TransferCoordinator;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicCapabilities;
import dev.offramp.spi.RnicException;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;

/** The front door's one implementation. */
final class DefaultOfframp implements Offramp, MigrationHost {
  private final OfframpOptions options;
  private final DriverRegistry drivers;
  private final RnicFactory factory;
  private final NioEventLoops loops;
  private final ResidentStack residentStack;
  private final HostStack hostStack;
  private final TransferCoordinator coordinator;
  private final Moves moves;
  private final ConnectionMover mover;
  private final Failovers failovers;
  private final TransferJournal journal;
  private final PathUpdates paths = PathUpdates.ofThisNamespace();
  private final OpenConnections connections = new OpenConnections(paths::forget);

  /** By name, in the order in which they were opened. */
  private final Map<String, RnicFactory.Opened> opened = new LinkedHashMap<>();

  private RdmaCounters finalCounters = RdmaCounters.ZERO;
  private boolean closed;

  @Inject
  DefaultOfframp(
      OfframpOptions options,
      DriverRegistry drivers,
      RnicFactory factory,
      NioEventLoops loops,
      ResidentStack residentStack,
      HostStack hostStack,
      TransferCoordinator coordinator,
      TransferJournal journal) {
    this.journal = journal;
    this.options = options;
    this.drivers = drivers;
    this.factory = factory;
    this.loops = loops;
    this.residentStack = residentStack;
    this.hostStack = hostStack;
    this.coordinator = coordinator;
    this.moves = new Moves(paths, hostStack);
    this.mover = new ConnectionMover(coordinator, options.drainTimeout(), moves);
    this.failovers = new Failovers(mover, this::rnicInService, connections::at);
  }

  @Override
  public RdmaConnection offload(SocketChannel tcp, MpaOptions mpa, ConnectionSetup setup)
      throws IOException {
    OpenRnic owner = rnicInService(options.rnic());
    Rnic rnic = owner.rnic();
    boolean travels = rnic.capabilities().tcpResidence() == TcpResidence.NEW_OWNER;
    StateTransfer<SocketChannel> host = travels ? hostStack : residentStack;
    ConnectionProfile profile = profile(tcp, mpa, travels);
    coordinator.requireAdmission(profile, rnic);
    MpaAgreement agreement = MpaExchange.run(tcp, mpa, rnic.capabilities().maxIrd());
    AtomicReference<MovableConnection> prepared = new AtomicReference<>();
    AtomicReference<IwarpConnectionDescriptor> described = new AtomicReference<>();
    try {
      coordinator.move(
          coordinator.depart(
              profile, host.ownerName(), rnic, () -> depart(tcp, rnic.capabilities())),
          host.ownerName(),
          departed -> {
            described.set(agreement.addTo(departed));
            return described.get();
          },
          rnic,
          arrival -> {
            MovableConnection connection =
                new MovableConnection(
                    owner, ((RnicArrival) arrival).prepared(), connections::remove);
            prepared.set(connection);
            setup.prepare(connection);
          });
    } catch (TransferException e) {
      MovableConnection abandoned = prepared.get();
      if (abandoned != null) {
        abandoned.close();
      }
      if (travels && e.whereabouts() == Whereabouts.LOST) {
        moves.lost(described.get());
      }
      takeBack(tcp, agreement, e);
      throw e;
    }
    connections.add(prepared.get());
    paths.arrived(prepared.get(), described.get());
    failovers.arrived(owner.name());
    return prepared.get();
  }

  @Override
  public void move(RdmaConnection connection, String rnic) throws TransferException {
    mover.move(own(connection), rnicInService(rnic));
    failovers.arrived(rnic);
  }

  @Override
  public TransferCoordinator coordinator() {
    return coordinator;
  }

  @Override
  public ConnectionMover mover() {
    return mover;
  }

  @Override
  public void arrived(MovableConnection connection, IwarpConnectionDescriptor descriptor) {
    connections.add(connection);
    paths.arrived(connection, descriptor);
    failovers.arrived(connection.owner().name());
  }

  @Override
  public void gone(MovableConnection connection) {
    connections.remove(connection);
  }

  @Override
  public MovableConnection own(RdmaConnection connection) throws TransferException {
    if (!(connection instanceof MovableConnection movable) || !connections.contains(movable)) {
      throw TransferException.refused(
          TransferStep.ADMIT,
          List.of(
              new Refusal(
                  RefusalReason.NO_OWNER,
                  "a connection that is closed, or of another Offramp",
                  "an open one of this",
                  "move it where it was offloaded")));
    }
    return movable;
  }

  @Override
  public Admission admission(SocketChannel tcp, MpaOptions mpa) throws TransferException {
    Rnic rnic = rnic(options.rnic()).rnic();
    boolean travels = rnic.capabilities().tcpResidence() == TcpResidence.NEW_OWNER;
    ConnectionProfile profile = profile(tcp, mpa, travels);
    Admission admission = rnic.admits(profile);
    List<Refusal> refusals = new ArrayList<>(profile.obstacles());
    refusals.addAll(admission.refusals());
    return new Admission(refusals, admission.losses());
  }

  private ConnectionProfile profile(SocketChannel tcp, MpaOptions mpa, boolean travels)
      throws TransferException {
    return MpaWishes.addTo(travels ? hostStack.profile(tcp) : residentStack.profile(tcp), mpa);
  }

  private Departure depart(SocketChannel tcp, RnicCapabilities rnic) throws TransferException {
    if (rnic.tcpResidence() == TcpResidence.HOST_STACK) {
      return residentStack.depart(tcp);
    }
    return hostStack.depart(
        tcp, rnic.needsDrainedSendQueue() ? Drain.within(options.drainTimeout()) : Drain.NONE);
  }

  /** A Responder that cannot do what it was about to accept says so, and TCP stays open. */
  private static void takeBack(SocketChannel tcp, MpaAgreement agreement, TransferException why) {
    Octets rejection = agreement.rejection();
    if (why.whereabouts() != Whereabouts.OLD_OWNER || rejection.isEmpty()) {
      return;
    }
    try {
      boolean wasBlocking = tcp.isBlocking();
      tcp.configureBlocking(true);
      ByteBuffer bytes = rejection.asByteBuffer();
      while (bytes.hasRemaining()) {
        tcp.write(bytes);
      }
      tcp.configureBlocking(wasBlocking);
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }

  @Override
  public Failover failover(FailoverPolicy policy) {
    return failovers.open(policy);
  }

  @Override
  public StateTransfer<SocketChannel> hostStack() {
    return hostStack;
  }

  @Override
  public synchronized RdmaCounters counters() {
    RdmaCounters sum = finalCounters;
    for (RnicFactory.Opened known : opened.values()) {
      sum = sum.plus(known.rnic().rnic().counters());
    }
    return sum;
  }

  @Override
  public List<DriverReport> drivers() {
    return drivers.reports(Devices.all(), capabilities());
  }

  private Map<String, Set<String>> capabilities() {
    try {
      Rnic rnic = rnic(options.rnic()).rnic();
      return Map.of(
          drivers.idFor(Devices.kindOf(options.rnic()), Devices.all()), words(rnic.capabilities()));
    } catch (TransferException e) {
      return Map.of();
    }
  }

  private static Set<String> words(RnicCapabilities c) {
    Set<String> words = new TreeSet<>();
    c.operations().forEach(operation -> words.add("operation " + operation));
    c.mpaRevisions().forEach(revision -> words.add("MPA revision " + revision));
    words.add("IRD up to " + c.maxIrd());
    words.add("ORD up to " + c.maxOrd());
    words.add("private data up to " + c.maxPrivateDataBytes() + " bytes");
    words.add("markers: send " + c.sendMarkers() + ", receive " + c.receiveMarkers());
    words.add("CRC32c can be off: " + c.crcCanBeOff());
    words.add("queues: " + c.sendQueueEntries() + " send, " + c.receiveQueueEntries() + " receive");
    return words;
  }

  @Override
  public void close() {
    failovers.close();
    paths.close();
    List<RnicFactory.Opened> last;
    synchronized (this) {
      closed = true;
      last = List.copyOf(opened.values());
      opened.clear();
    }
    for (RnicFactory.Opened known : last.reversed()) {
      known.close();
      synchronized (this) {
        finalCounters = finalCounters.plus(known.rnic().rnic().counters());
      }
    }
    loops.close();
    journal.close();
  }

  @Override
  public OpenRnic rnicInService(String name) throws TransferException {
    failovers.requireNotLeft(name);
    return rnic(name);
  }

  /** Opened on first use: a driver may have much to bring up. */
  private synchronized OpenRnic rnic(String name) throws TransferException {
    if (closed) {
      throw refused("a closed Offramp", "open it again");
    }
    RnicFactory.Opened known = opened.get(name);
    if (known == null) {
      try {
        known = factory.open(name, reason -> failovers.failing(name, reason));
        opened.put(name, known);
      } catch (RnicException e) {
        TransferException refusal =
            refused(String.valueOf(e.getMessage()), "see 'offramp drivers'");
        refusal.initCause(e);
        throw refusal;
      }
    }
    return known.rnic();
  }

  private static TransferException refused(String seen, String remedy) {
    return TransferException.refused(
        TransferStep.ADMIT,
        List.of(new Refusal(RefusalReason.NO_OWNER, seen, "an RNIC that is up", remedy)));
  }
}
