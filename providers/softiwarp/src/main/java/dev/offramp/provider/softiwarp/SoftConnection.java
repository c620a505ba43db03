package dev.offramp.provider.softiwarp;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompletionQueue;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.iwarp.mpa.StreamMemory;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.iwarp.rdmap.Posted;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.iwarp.rdmap.StreamState;
import dev.offramp.iwarp.rdmap.TerminateCause;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One connection at the software RNIC. {@link Serving} says who moves its bytes, and its lock. */
final class SoftConnection implements RdmaConnection {
  private static final long PAGE_BYTES = 4096;

  private final StreamSetup setup;
  private final SoftiwarpSettings settings;
  private final MemoryTable memory;
  private final DriverContext context;
  private final Set<Operation> operations;
  private final Consumer<SoftConnection> onGone;
  private final int domain;
  private final RdmapStream stream;
  private final WorkPoster poster;
  private final SoftCompletionQueue completions;
  private final Serving serving;
  private final Set<SoftRegion> regions = new HashSet<>();

  private final CompletionStall stall;
  private boolean endTold;

  SoftConnection(
      StreamSetup setup,
      SoftiwarpSettings settings,
      MemoryTable memory,
      int domain,
      DriverContext context,
      LoopWatch watch,
      StreamMemory buffers,
      Set<Operation> operations,
      Consumer<SoftConnection> onGone) {
    this.setup = setup;
    this.settings = settings;
    this.memory = memory;
    this.domain = domain;
    this.context = context;
    this.operations = operations;
    this.onGone = onGone;
    StreamState state = setup.state();
    boolean first = state.position().sentOctets() == 0;
    long now = context.nanoTime();
    this.stream =
        new RdmapStream(
            StreamConfig.of(setup.mpa())
                .queueDepths(settings.sendQueueEntries(), settings.receiveQueueEntries())
                .domain(domain)
                .extensions(settings.atomics(), settings.immediateData())
                .batchBytes(settings.batchBytes())
                .stagingBytes(settings.stagingBytes())
                .firstFpduNotBeforeNanos(
                    first ? now + settings.firstFpduDelayNanos() : StreamConfig.NO_TIME)
                .wakeUpNanos(settings.wakeUpNanos())
                .start(state.position())
                .build(),
            memory,
            buffers);
    this.serving =
        new Serving(
            stream,
            watch,
            context::nanoTime,
            context.logger(),
            this::noticeEnd,
            context.device().name());
    this.stall =
        new CompletionStall(
            stream, context::nanoTime, nanos -> context.events().stalled(this, nanos));
    this.poster = new WorkPoster(this, stream);
    this.completions = new SoftCompletionQueue(serving, stream, stall);
  }

  /**
   * Registers the regions that came with the connection, and goes on with its work.
   *
   * @return the regions by STag
   * @throws IllegalArgumentException when it does not fit this RNIC
   * @throws IllegalStateException when the table of STags is full
   */
  Map<Integer, MemoryRegion> restore(
      List<RegisteredMemory> described, Map<Integer, MemorySegment> segments) {
    Map<Integer, MemoryRegion> byStag = new HashMap<>();
    serving.enter();
    try {
      for (RegisteredMemory region : described) {
        byStag.put(region.stag(), adopt(region, segments.get(region.stag())));
      }
      stream.restore(
          setup.state(),
          stag -> byStag.get(stag) instanceof SoftRegion region ? region.region() : null);
    } finally {
      serving.exit();
    }
    return byStag;
  }

  private SoftRegion adopt(RegisteredMemory described, @Nullable MemorySegment segment) {
    Region region =
        segment == null || !described.valid()
            ? Region.revoked(described, domain)
            : memory.adopt(
                described.stag(), domain, segment, described.taggedOffset(), described.access());
    // Its memory is the application's.
    SoftRegion adopted = new SoftRegion(this, region, () -> {});
    regions.add(adopted);
    context.events().registered(this, adopted, described.access());
    return adopted;
  }

  /** The stream runs from now on. */
  void start(StreamPort port) {
    serving.enter();
    try {
      serving.start(
          new StreamPump(
              stream,
              port,
              context::nanoTime,
              settings.lingerNanos(),
              serving::schedule,
              this::onGone));
    } finally {
      serving.exit();
    }
  }

  @Override
  public InetSocketAddress localAddress() {
    return setup.local();
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return setup.remote();
  }

  @Override
  public String ownerName() {
    return context.device().name();
  }

  @Override
  public MpaResult mpa() {
    return setup.mpa();
  }

  @Override
  public Set<Operation> operations() {
    return operations;
  }

  @Override
  public MemoryRegion register(MemorySegment segment, Access... access) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException(
          "seen [a segment on the Java heap], expected native memory; allocate it with an Arena");
    }
    return register(segment, () -> {}, access);
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // the region closes it
  public MemoryRegion allocate(long sizeBytes, Access... access) {
    Arena arena = Arena.ofShared();
    try {
      return register(arena.allocate(sizeBytes, PAGE_BYTES), arena::close, access);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private MemoryRegion register(MemorySegment segment, Runnable release, Access... access) {
    EnumSet<Access> rights = EnumSet.noneOf(Access.class);
    rights.addAll(List.of(access));
    serving.enter();
    try {
      Region region = memory.register(domain, segment, segment.address(), rights);
      SoftRegion registered = new SoftRegion(this, region, release);
      regions.add(registered);
      context.events().registered(this, registered, rights);
      return registered;
    } finally {
      serving.exit();
    }
  }

  /** Revokes a region's STag, and waits until TCP has taken what it lent. */
  void deregister(SoftRegion region) {
    boolean interrupted;
    serving.enter();
    try {
      if (!regions.remove(region)) {
        return;
      }
      memory.remove(region.region());
      interrupted = awaitReturn(region.region());
    } finally {
      serving.exit();
    }
    region.release();
    context.events().deregistered(this, region);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until TCP has taken what a region lent; true when interrupted meanwhile. */
  private boolean awaitReturn(Region region) {
    boolean interrupted = false;
    if (region.isBusy()) {
      serving.poll();
      serving.awaitRegion(true);
      while (region.isBusy()) {
        try {
          serving.await(Serving.FOR_EVER_NANOS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      serving.awaitRegion(false);
      serving.leave();
    }
    return interrupted;
  }

  @Override
  public void post(WorkRequest request) throws WorkQueueFullException, ConnectionClosedException {
    serving.enter();
    try {
      Posted verdict = queue(request);
      if (verdict == Posted.QUEUE_FULL) {
        throw queueFull(request);
      }
      if (request.operation() != Operation.RECEIVE) {
        serving.transmit();
      }
    } finally {
      serving.exit();
    }
  }

  /** All are queued before the first leaves, so that they share writes and segments. */
  @Override
  public int post(List<? extends WorkRequest> requests) throws ConnectionClosedException {
    serving.enter();
    try {
      int queued = 0;
      while (queued < requests.size() && queue(requests.get(queued)) == Posted.ACCEPTED) {
        queued++;
      }
      return queued;
    } finally {
      // Those before one that was refused start all the same.
      serving.transmit();
      serving.exit();
    }
  }

  /** Accepted, or no room for it. Under the lock. */
  private Posted queue(WorkRequest request) throws ConnectionClosedException {
    Posted verdict =
        serving.pump() == null && stream.end().isPresent()
            ? Posted.STREAM_ENDED
            : poster.post(request);
    return verdict == Posted.ACCEPTED ? verdict : refuse(verdict, request);
  }

  private Posted refuse(Posted verdict, WorkRequest request) throws ConnectionClosedException {
    return switch (verdict) {
      case ACCEPTED -> verdict;
      case QUEUE_FULL -> {
        stall.refused();
        yield verdict;
      }
      case STREAM_ENDED ->
          throw new ConnectionClosedException(stream.end().orElse(new StreamEnd.ClosedLocally()));
      case NOT_OFFERED ->
          throw new UnsupportedOperationException(
              "seen ["
                  + request.operation()
                  + "], offered on this connection "
                  + new TreeSet<>(operations)
                  + "; Reads and atomics besides need an ORD above 0, it is "
                  + setup.mpa().ord());
      case TOO_MANY_BUFFERS, TOO_LONG, NO_ACCESS ->
          throw new IllegalArgumentException(
              request.operation()
                  + " "
                  + request.id()
                  + ": "
                  + verdict
                  + "; see the queue limits of the RNIC, and the access of the regions");
    };
  }

  private WorkQueueFullException queueFull(WorkRequest request) {
    boolean receive = request.operation() == Operation.RECEIVE;
    return new WorkQueueFullException(
        receive ? "receive" : "send",
        receive ? settings.receiveQueueEntries() : settings.sendQueueEntries());
  }

  @Override
  public CompletionQueue completions() {
    return completions;
  }

  @Override
  public RdmaCounters counters() {
    serving.enterAnyway();
    try {
      StreamEnd end = stream.end().orElse(null);
      StreamPump running = serving.pump();
      return new RdmaCounters(
          stream.sent(),
          stream.received(),
          end instanceof StreamEnd.TerminatedLocally local && isCrc(local.terminate()) ? 1 : 0,
          end instanceof StreamEnd.TerminatedLocally ? 1 : 0,
          end instanceof StreamEnd.TerminatedByPeer ? 1 : 0,
          stall.count(),
          running == null ? 0 : running.readCalls(),
          running == null ? 0 : running.writeCalls());
    } finally {
      serving.exit();
    }
  }

  private static boolean isCrc(Terminate terminate) {
    return TerminateCause.of(terminate.layer(), terminate.type(), terminate.code())
        .filter(cause -> cause == TerminateCause.LLP_CRC)
        .isPresent();
  }

  @Override
  public Optional<StreamEnd> end() {
    serving.enterAnyway();
    try {
      return stream.end();
    } finally {
      serving.exit();
    }
  }

  @Override
  public StreamEnd disconnect() throws InterruptedException {
    serving.enter();
    try {
      stream.closeRequested();
      serving.poll();
      while (stream.end().isEmpty()) {
        serving.await(Serving.FOR_EVER_NANOS);
      }
      return stream.end().get();
    } finally {
      serving.leave();
      serving.exit();
    }
  }

  @Override
  public void abort() {
    serving.enter();
    try {
      stream.connectionLost(new StreamEnd.ClosedLocally());
      StreamPump running = serving.pump();
      if (running == null) {
        onGone();
      } else {
        running.reset();
        serving.tell();
      }
    } finally {
      serving.exit();
    }
  }

  @Override
  public void close() {
    serving.enter();
    try {
      stream.closeRequested();
      serving.poll();
      long left = settings.lingerNanos();
      while (!isOver() && left > 0) {
        left = serving.await(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      serving.leave();
      serving.exit();
    }
    if (!isOver()) {
      abort();
    }
    for (SoftRegion region : regionsLeft()) {
      region.close();
    }
  }

  private boolean isOver() {
    serving.enter();
    try {
      StreamPump running = serving.pump();
      return running == null ? stream.end().isPresent() : running.isOver();
    } finally {
      serving.exit();
    }
  }

  private List<SoftRegion> regionsLeft() {
    serving.enter();
    try {
      return List.copyOf(regions);
    } finally {
      serving.exit();
    }
  }

  /** Stops the connection and describes it: see {@link SoftDeparture}. */
  Departure depart(DepartureNeeds needs) throws TransferException {
    return SoftDeparture.of(this, needs);
  }

  /** What is known while it runs. */
  ConnectionProfile profile() {
    IwarpConnectionDescriptor.Builder facts = setup.facts().toBuilder();
    serving.enterAnyway();
    try {
      stream.profile(facts);
      StreamPump running = serving.pump();
      if (running != null) {
        running.port().describe(facts);
      }
    } catch (IOException e) {
      facts.absent(DescriptorFields.TCP_STATE, String.valueOf(e.getMessage()));
    } finally {
      serving.exit();
    }
    return new ConnectionProfile(facts.build(), 0, 0, 0, Set.of());
  }

  /** Whether this is a connection of the RNIC with that table, alive or not. */
  boolean isOf(MemoryTable table) {
    return memory.equals(table);
  }

  StreamSetup setup() {
    return setup;
  }

  RdmapStream stream() {
    return stream;
  }

  /** What is registered, valid or not. Under the lock, or while a departure keeps all out. */
  List<RegisteredMemory> describeRegions() {
    return regions.stream().map(region -> region.region().describe()).toList();
  }

  /** The connection is another owner's: the STags are no longer this one's. */
  void left() {
    serving.left();
    for (SoftRegion region : regions) {
      memory.remove(region.region());
    }
    onGone.accept(this);
  }

  /** Who moves the bytes. */
  Serving serving() {
    return serving;
  }

  /** Tells of the stream's end, once. Under the lock. */
  private void noticeEnd() {
    if (!endTold && stream.end().isPresent()) {
      endTold = true;
      context.events().ended(this, stream.end().get());
    }
  }

  /** The stream is closed for good. Under the lock. */
  private void onGone() {
    noticeEnd();
    serving.gone();
    onGone.accept(this);
  }
}
