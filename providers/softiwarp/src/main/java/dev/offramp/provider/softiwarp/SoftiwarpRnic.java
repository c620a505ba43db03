package dev.offramp.provider.softiwarp;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.iwarp.mpa.StreamMemory;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicCapabilities;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.PreparedStream;
import java.security.SecureRandom;
import java.util.EnumSet;
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
  private static final int MAX_REGIONS = 1 << 20;

  private final DriverContext context;
  private final SoftiwarpSettings settings;
  private final RnicCapabilities capabilities;
  private final MemoryTable memory = new MemoryTable(new SecureRandom(), MAX_REGIONS);
  private final StreamMemory buffers;
  private final AtomicInteger domains = new AtomicInteger();
  private final Map<EventLoop, LoopWatch> watches = new ConcurrentHashMap<>();
  private final Set<SoftConnection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicReference<RdmaCounters> ended = new AtomicReference<>(RdmaCounters.ZERO);
  private volatile boolean closed;

  SoftiwarpRnic(DriverContext context, SoftiwarpSettings settings) {
    this.context = context;
    this.settings = settings;
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
    return switch (phase) {
      case STARTED -> context.streams().admits(profile);
      case STREAMING ->
          Admission.refused(
              List.of(
                  new Refusal(
                      RefusalReason.MPA_OPTION,
                      "a plain TCP connection",
                      "a connection on which MPA start-up is agreed",
                      "run MPA start-up first: Offramp.offload does")));
      case RDMA ->
          Admission.refused(
              List.of(
                  new Refusal(
                      RefusalReason.NOT_QUIET,
                      "an iWARP stream on which FPDUs flow",
                      "a connection that has not sent an FPDU",
                      "move the connection before its first FPDU")));
    };
  }

  @Override
  public Departure depart(RdmaConnection connection) throws TransferException {
    throw TransferException.refused(
        TransferStep.ADMIT,
        List.of(
            new Refusal(
                RefusalReason.UNSUPPORTED,
                "an iWARP stream at the software RNIC",
                "a connection of the host's stack",
                "close it, and connect anew: this release moves connections onto RNICs only")));
  }

  @Override
  public RnicArrival arrive(IwarpConnectionDescriptor descriptor) throws TransferException {
    Admission admission = admits(ConnectionProfile.of(descriptor));
    if (!admission.isAdmitted()) {
      throw TransferException.refused(TransferStep.PREPARE, admission.refusals());
    }
    if (closed) {
      throw TransferException.refused(
          TransferStep.PREPARE,
          List.of(
              new Refusal(
                  RefusalReason.NO_OWNER, "a closed RNIC", "an open one", "open Offramp again")));
    }
    StreamSetup setup = StreamSetup.of(descriptor);
    PreparedStream stream = context.streams().prepare(descriptor);
    SoftConnection connection =
        new SoftConnection(
            setup,
            settings,
            memory,
            domains.incrementAndGet(),
            context,
            watch(),
            buffers,
            capabilities.operations(),
            this::gone);
    connections.add(connection);
    return new SoftArrival(stream, connection);
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
