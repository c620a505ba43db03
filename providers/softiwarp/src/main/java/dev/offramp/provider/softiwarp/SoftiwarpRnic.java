package dev.offramp.provider.softiwarp;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.Quiet;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.iwarp.mpa.StreamMemory;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.RegionMemory;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicCapabilities;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.PreparedStream;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** One software RNIC: a table of STags, and the connections that use it. */
final class SoftiwarpRnic implements Rnic {
  private static final int MAX_DEPTH = 16382;
  private static final int MAX_PIECES = 8;

  private final DriverContext context;
  private final SoftiwarpSettings settings;
  private final RnicCapabilities capabilities;
  private final MemoryTable memory;
  private final StreamMemory buffers;
  private final AtomicInteger domains = new AtomicInteger();
  private final Map<EventLoop, LoopWatch> watches = new ConcurrentHashMap<>();
  private final Set<SoftConnection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicReference<RdmaCounters> ended = new AtomicReference<>(RdmaCounters.ZERO);
  private volatile boolean closed;

  SoftiwarpRnic(DriverContext context, SoftiwarpSettings settings) {
    this.context = context;
    this.settings = settings;
    this.memory =
        new MemoryTable(new SecureRandom(), settings.maxRegions(), settings.stagIndexBits());
    this.buffers = new StreamMemory(settings.stagingBytes());
    this.capabilities = capabilities(context.device().kind(), settings);
  }

  @Override
  public String ownerName() {
    return context.device().name();
  }

  @Override
  public RnicCapabilities capabilities() {
    return capabilities;
  }

  /** Decides on what is known; a profile taken before MPA start-up has no iWARP fields yet. */
  @Override
  public Admission admits(ConnectionProfile profile) {
    IwarpPhase phase = profile.get(DescriptorFields.IWARP_PHASE).orElse(IwarpPhase.STARTED);
    if (phase == IwarpPhase.STREAMING) {
      return Admission.refused(
          List.of(
              new Refusal(
                  RefusalReason.MPA_OPTION,
                  "a plain TCP connection",
                  "a connection on which MPA start-up is agreed",
                  "run MPA start-up first: Offramp.offload does")));
    }
    List<Refusal> refusals = ArrivalLimits.refusals(profile, settings);
    return refusals.isEmpty() ? context.streams().admits(profile) : Admission.refused(refusals);
  }

  /** Nothing, unless told otherwise: the engine goes on wherever another one stood. */
  @Override
  public Set<Quiet> arrivalNeeds() {
    return settings.restOnArrival() ? EnumSet.allOf(Quiet.class) : Set.of();
  }

  @Override
  public ConnectionProfile profile(RdmaConnection connection) {
    return connection instanceof SoftConnection soft && soft.isOf(memory)
        ? soft.profile()
        : Rnic.super.profile(connection);
  }

  @Override
  public Departure depart(RdmaConnection connection) throws TransferException {
    return depart(connection, DepartureNeeds.none());
  }

  @Override
  public Departure depart(RdmaConnection connection, DepartureNeeds needs)
      throws TransferException {
    if (connection instanceof SoftConnection soft && soft.isOf(memory)) {
      return soft.depart(needs);
    }
    throw TransferException.refused(
        TransferStep.ADMIT,
        List.of(
            new Refusal(
                RefusalReason.NO_OWNER,
                "a connection that this RNIC does not have",
                "one of [" + ownerName() + "]",
                "ask its owner")));
  }

  @Override
  public RnicArrival arrive(IwarpConnectionDescriptor descriptor) throws TransferException {
    return arrive(descriptor, SoftiwarpRnic::noMemory);
  }

  private static MemorySegment noMemory(RegisteredMemory region) throws TransferException {
    throw TransferException.refused(
        TransferStep.PREPARE,
        List.of(
            new Refusal(
                RefusalReason.NO_RESOURCES,
                "a region of " + region.sizeBytes() + " bytes without its memory",
                "memory for each region",
                "arrive with a RegionMemory")));
  }

  @Override
  public RnicArrival arrive(IwarpConnectionDescriptor descriptor, RegionMemory from)
      throws TransferException {
    Admission admission = admits(ConnectionProfile.of(descriptor));
    if (!admission.isAdmitted()) {
      throw TransferException.refused(TransferStep.PREPARE, admission.refusals());
    }
    List<Refusal> absences = StreamSetup.absences(descriptor);
    if (!absences.isEmpty()) {
      throw TransferException.refused(TransferStep.PREPARE, absences);
    }
    if (closed) {
      throw TransferException.refused(
          TransferStep.PREPARE,
          List.of(
              new Refusal(
                  RefusalReason.NO_OWNER, "a closed RNIC", "an open one", "open Offramp again")));
    }
    List<RegisteredMemory> regions = descriptor.get(DescriptorFields.REGIONS).orElse(List.of());
    Map<Integer, MemorySegment> segments = new HashMap<>();
    for (RegisteredMemory region : regions) {
      if (region.valid()) {
        segments.put(region.stag(), ArrivalLimits.check(region, from.of(region)));
      }
    }
    PreparedStream stream = context.streams().prepare(descriptor);
    SoftConnection connection =
        new SoftConnection(
            StreamSetup.of(descriptor),
            settings,
            memory,
            domains.incrementAndGet(),
            context,
            watch(),
            buffers,
            capabilities.operations(),
            this::gone);
    connections.add(connection);
    try {
      return new SoftArrival(stream, connection, connection.restore(regions, segments));
    } catch (IllegalArgumentException | IllegalStateException e) {
      new SoftArrival(stream, connection, Map.of()).abandon();
      throw new TransferException(
          TransferStep.PREPARE, Whereabouts.OLD_OWNER, String.valueOf(e.getMessage()), e);
    }
  }

  /** The next event loop's list of connections that are served without it. */
  private LoopWatch watch() {
    return watches.computeIfAbsent(
        context.eventLoops().next(), loop -> new LoopWatch(loop, context::nanoTime));
  }

  /** A connection counts no more. */
  private void gone(SoftConnection connection) {
    if (connections.remove(connection)) {
      ended.accumulateAndGet(connection.counters(), RdmaCounters::plus);
    }
  }

  @Override
  public RdmaCounters counters() {
    RdmaCounters sum = ended.get();
    for (SoftConnection connection : connections) {
      sum = sum.plus(connection.counters());
    }
    return sum;
  }

  @Override
  public void close() {
    closed = true;
    for (SoftConnection connection : List.copyOf(connections)) {
      connection.abort();
      gone(connection);
    }
  }

  private static RnicCapabilities capabilities(Device.Kind kind, SoftiwarpSettings settings) {
    return new RnicCapabilities(
        operations(settings),
        kind == Device.Kind.HOST_STREAM ? TcpResidence.HOST_STACK : TcpResidence.NEW_OWNER,
        Set.of(1, 2),
        true,
        true,
        true,
        MAX_DEPTH,
        MAX_DEPTH,
        DescriptorFields.MAX_PRIVATE_DATA_BYTES,
        MAX_PIECES,
        MAX_PIECES,
        settings.sendQueueEntries(),
        settings.receiveQueueEntries(),
        false,
        consumed(kind),
        Map.of());
  }

  /** FetchAdd and CmpSwap are offered together or not at all (RFC 7306, section 5). */
  private static Set<Operation> operations(SoftiwarpSettings settings) {
    EnumSet<Operation> offered = EnumSet.allOf(Operation.class);
    if (!settings.atomics()) {
      offered.removeAll(EnumSet.of(Operation.FETCH_ADD, Operation.COMPARE_SWAP));
    }
    if (!settings.immediateData()) {
      offered.remove(Operation.IMMEDIATE);
    }
    return offered;
  }

  /** The engine reads the iWARP part; the stream under it takes all of TCP where that travels. */
  private static Set<FieldKey<?>> consumed(Device.Kind kind) {
    Set<FieldKey<?>> keys = new HashSet<>(StreamSetup.CONSUMES);
    keys.add(DescriptorFields.LOCAL_ADDRESS);
    keys.add(DescriptorFields.REMOTE_ADDRESS);
    keys.add(DescriptorFields.UNSENT);
    if (kind == Device.Kind.DETACHED_STREAM) {
      keys.add(DescriptorFields.SND_UNA);
      keys.add(DescriptorFields.SND_MAX);
      keys.add(DescriptorFields.RCV_NXT);
      keys.add(DescriptorFields.UNACKNOWLEDGED);
      keys.add(DescriptorFields.UNREAD);
    }
    return keys;
  }
}
