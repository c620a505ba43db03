package dev.offramp.provider.softiwarp;

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
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.iwarp.rdmap.Posted;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.iwarp.rdmap.TerminateCause;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.port.StreamPort;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection at the software RNIC. One lock guards the engine; whoever holds it moves bytes:
 * the thread that posts, the thread that polls, or the event loop when nobody else does.
 */
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
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<SoftRegion> regions = new HashSet<>();
  private @Nullable StreamPump pump;

  /** Threads that wait until TCP has taken what a region lent. Under the lock. */
  private int deregistering;

  /** Since when completions that nobody polls keep work from being posted; 0 when they do not. */
  private long stalledSinceNanos;

  private long stalls;
  private boolean endTold;

  SoftConnection(
      StreamSetup setup,
      SoftiwarpSettings settings,
      MemoryTable memory,
      int domain,
      DriverContext context,
      Set<Operation> operations,
      Consumer<SoftConnection> onGone) {
    this.setup = setup;
    this.settings = settings;
    this.memory = memory;
    this.domain = domain;
    this.context = context;
    this.operations = operations;
    this.onGone = onGone;
    long now = context.nanoTime();
    this.stream =
        new RdmapStream(
            StreamConfig.of(setup.mpa())
                .queueDepths(settings.sendQueueEntries(), settings.receiveQueueEntries())
                .domain(domain)
                .extensions(settings.atomics(), settings.immediateData())
                .batchBytes(settings.batchBytes())
                .stagingBytes(settings.stagingBytes())
                .firstFpduNotBeforeNanos(now + settings.firstFpduDelayNanos())
                .build(),
            memory);
    this.poster = new WorkPoster(this, stream);
    this.completions = new SoftCompletionQueue(this);
  }

  /** The stream runs from now on. */
  void start(StreamPort port) {
    lock.lock();
    try {
      StreamPump started =
          new StreamPump(
              stream, port, context, settings.lingerNanos(), this::onEvent, this::onGone);
      pump = started;
      started.start();
      changed.signalAll();
    } finally {
      lock.unlock();
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
    lock.lock();
    try {
      Region region = memory.register(domain, segment, segment.address(), rights);
      SoftRegion registered = new SoftRegion(this, region, release);
      regions.add(registered);
      context.events().registered(this, registered, rights);
      return registered;
    } finally {
      lock.unlock();
    }
  }

  /** Revokes a region's STag, and waits until TCP has taken what it lent. */
  void deregister(SoftRegion region) {
    lock.lock();
    try {
      if (!regions.remove(region)) {
        return;
      }
      memory.remove(region.region());
      while (region.region().isBusy()) {
        advance();
        if (region.region().isBusy()) {
          deregistering++;
          try {
            changed.awaitUninterruptibly();
          } finally {
            deregistering--;
          }
        }
      }
    } finally {
      lock.unlock();
    }
    region.release();
    context.events().deregistered(this, region);
  }

  @Override
  public void post(WorkRequest request) throws WorkQueueFullException, ConnectionClosedException {
    lock.lock();
    try {
      if (pump == null && stream.end().isPresent()) {
        throw new ConnectionClosedException(stream.end().get());
      }
      Posted verdict = poster.post(request);
      if (verdict == Posted.QUEUE_FULL) {
        noticeStall();
      }
      if (verdict == Posted.ACCEPTED) {
        if (request.operation() != Operation.RECEIVE) {
          advance();
        }
        return;
      }
      switch (refusal(verdict, request)) {
        case WorkQueueFullException full -> throw full;
        case ConnectionClosedException ended -> throw ended;
        case RuntimeException misuse -> throw misuse;
        case Exception other -> throw new AssertionError(other);
      }
    } finally {
      lock.unlock();
    }
  }

  private Exception refusal(Posted verdict, WorkRequest request) {
    boolean receive = request.operation() == Operation.RECEIVE;
    return switch (verdict) {
      case QUEUE_FULL ->
          new WorkQueueFullException(
              receive ? "receive" : "send",
              receive ? settings.receiveQueueEntries() : settings.sendQueueEntries());
      case NOT_OFFERED ->
          new UnsupportedOperationException(
              "seen ["
                  + request.operation()
                  + "], offered on this connection "
                  + new TreeSet<>(operations)
                  + "; Reads and atomics besides need an ORD above 0, it is "
                  + setup.mpa().ord());
      case TOO_MANY_BUFFERS, TOO_LONG, NO_ACCESS ->
          new IllegalArgumentException(
              request.operation()
                  + " "
                  + request.id()
                  + ": "
                  + verdict
                  + "; see the queue limits of the RNIC, and the access of the regions");
      case STREAM_ENDED, ACCEPTED ->
          new ConnectionClosedException(stream.end().orElse(new StreamEnd.ClosedLocally()));
    };
  }

  @Override
  public CompletionQueue completions() {
    return completions;
  }

  @Override
  public RdmaCounters counters() {
    lock.lock();
    try {
      StreamEnd end = stream.end().orElse(null);
      StreamPump running = pump;
      return new RdmaCounters(
          stream.sent(),
          stream.received(),
          end instanceof StreamEnd.TerminatedLocally local && isCrc(local.terminate()) ? 1 : 0,
          end instanceof StreamEnd.TerminatedLocally ? 1 : 0,
          end instanceof StreamEnd.TerminatedByPeer ? 1 : 0,
          stalls,
          running == null ? 0 : running.readCalls(),
          running == null ? 0 : running.writeCalls());
    } finally {
      lock.unlock();
    }
  }

  private static boolean isCrc(Terminate terminate) {
    return TerminateCause.of(terminate.layer(), terminate.type(), terminate.code())
        .filter(cause -> cause == TerminateCause.LLP_CRC)
        .isPresent();
  }

  @Override
  public Optional<StreamEnd> end() {
    lock.lock();
    try {
      return stream.end();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public StreamEnd disconnect() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      stream.closeRequested();
      advance();
      while (stream.end().isEmpty()) {
        changed.await();
      }
      return stream.end().get();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void abort() {
    lock.lock();
    try {
      stream.connectionLost(new StreamEnd.ClosedLocally());
      StreamPump running = pump;
      if (running == null) {
        onGone();
      } else {
        running.reset();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      stream.closeRequested();
      advance();
      long left = settings.lingerNanos();
      while (!isOver() && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    if (!isOver()) {
      abort();
    }
    for (SoftRegion region : regionsLeft()) {
      region.close();
    }
  }

  private boolean isOver() {
    lock.lock();
    try {
      StreamPump running = pump;
      return running == null ? stream.end().isPresent() : running.isOver();
    } finally {
      lock.unlock();
    }
  }

  private List<SoftRegion> regionsLeft() {
    lock.lock();
    try {
      return List.copyOf(regions);
    } finally {
      lock.unlock();
    }
  }

  /** For the completion queue: the engine, under {@link #lock}. */
  RdmapStream stream() {
    return stream;
  }

  ReentrantLock lock() {
    return lock;
  }

  Condition changed() {
    return changed;
  }

  /** Moves bytes as far as they go without waiting. Under the lock. */
  void advance() {
    StreamPump running = pump;
    if (running != null) {
      running.advance();
      signal();
    }
  }

  /**
   * Whoever moved the bytes, all that wait have to look. Costs next to nothing when nobody does.
   */
  private void signal() {
    if (deregistering > 0 || stream.completionCount() > 0 || stream.end().isPresent()) {
      noticeEnd();
      changed.signalAll();
    }
  }

  /** Work was refused: is it that completions lie there? Under the lock. */
  private void noticeStall() {
    if (stream.completionCount() > 0 && stalledSinceNanos == 0) {
      stalledSinceNanos = context.nanoTime();
      stalls++;
    }
  }

  /** Completions were polled. Under the lock. */
  void polled() {
    if (stalledSinceNanos != 0) {
      context.events().stalled(this, context.nanoTime() - stalledSinceNanos);
      stalledSinceNanos = 0;
    }
  }

  /** Tells of the stream's end, once. Under the lock. */
  private void noticeEnd() {
    if (!endTold && stream.end().isPresent()) {
      endTold = true;
      context.events().ended(this, stream.end().get());
    }
  }

  /** On an event loop's thread: the stream can go on. */
  private void onEvent(Runnable work) {
    lock.lock();
    try {
      work.run();
      signal();
    } finally {
      lock.unlock();
    }
  }

  /** The stream is closed for good. Under the lock. */
  private void onGone() {
    noticeEnd();
    changed.signalAll();
    onGone.accept(this);
  }
}
