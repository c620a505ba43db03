package com.acme.offramp;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompletionQueue;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.spi.port.EventLoop;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection at the adapter. One lock guards its rings; it is never held while a command is under
 * way, so the interrupt's handler never waits long. Threads that wait are woken by interrupts,
 * which this adapter never loses; time-outs are timers of the event loop.
 */
final class AcmeConnection implements RdmaConnection {
  static final long FOR_EVER_NANOS = Long.MAX_VALUE;

  /** How long {@link #close} waits for the peer's FIN. */
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Adapter adapter;
  private final InetSocketAddress local;
  private final InetSocketAddress remote;
  private final MpaResult mpa;
  private final Consumer<AcmeConnection> onGone;
  private final EventLoop loop;
  private final QueueMemory memory;
  private final int queuePair;
  private final WorkPoster poster;
  private final CompletionRing ring;
  private final Regions regions;
  private final AcmeCompletionQueue completions;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean started;
  private boolean closing;
  private boolean disposed;
  private @Nullable StreamEnd end;
  private boolean failed;

  /**
   * Has the adapter take a connection, silent until {@link #start}.
   *
   * @param onGone told once, when nothing of it is at the adapter any more
   * @throws IOException when the adapter does not take it; nothing is left behind
   */
  AcmeConnection(Adapter adapter, IwarpConnectionDescriptor d, Consumer<AcmeConnection> onGone)
      throws IOException {
    this.adapter = adapter;
    this.local = d.value(DescriptorFields.LOCAL_ADDRESS);
    this.remote = d.value(DescriptorFields.REMOTE_ADDRESS);
    this.mpa = MpaResult.of(d);
    this.onGone = onGone;
    this.loop = adapter.context().eventLoops().next();
    this.memory = QueueMemory.of(adapter.window(), d);
    try {
      this.queuePair =
          adapter.run(
              "CREATE",
              AdminCommand.CREATE,
              command -> {
                command.set(Words.U64, AdminCommand.ADDRESS, memory.deviceAddress());
                command.set(Words.U64, AdminCommand.SIZE_BYTES, memory.sizeBytes());
              },
              AdminCommand.QUEUE_PAIR);
    } catch (IOException | RuntimeException | Error e) {
      memory.close();
      throw e;
    }
    this.poster = new WorkPoster(this, memory.segment());
    this.ring = new CompletionRing(memory.segment(), poster);
    this.regions = new Regions(this, adapter, queuePair);
    this.completions = new AcmeCompletionQueue(this, ring, regions);
  }

  // ---- the lock, and waiting

  void lock() {
    lock.lock();
  }

  void lockInterruptibly() throws InterruptedException {
    lock.lockInterruptibly();
  }

  void unlock() {
    lock.unlock();
  }

  /** Waits, under the lock, until {@code done} or the time is over. */
  void await(long timeoutNanos, BooleanSupplier done) throws InterruptedException {
    if (done.getAsBoolean() || timeoutNanos <= 0) {
      return;
    }
    boolean[] late = {false};
    EventLoop.Timer timer = timeoutNanos == FOR_EVER_NANOS ? null : alarm(timeoutNanos, late);
    try {
      while (!done.getAsBoolean() && !late[0]) {
        changed.await();
      }
    } finally {
      if (timer != null) {
        timer.cancel();
      }
    }
  }

  private EventLoop.Timer alarm(long timeoutNanos, boolean[] late) {
    return loop.schedule(
        adapter.context().nanoTime() + timeoutNanos,
        () -> {
          lock.lock();
          try {
            late[0] = true;
            changed.signalAll();
          } finally {
            lock.unlock();
          }
        });
  }

  /** The adapter has raised its interrupt, for this connection or another. */
  void interrupted() {
    lock.lock();
    try {
      look();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Notices the end, once. Under the lock. */
  private @Nullable StreamEnd look() {
    if (end == null && !disposed) {
      end = StreamStatus.end(memory.segment());
      if (end != null) {
        adapter.context().events().ended(this, end);
      }
    }
    return end;
  }

  /** Whether the stream is over and each request has its completion. Under the lock. */
  boolean isFlushed() {
    return disposed || failed || (look() != null && StreamStatus.isFlushed(memory.segment()));
  }

  private boolean isOver() {
    return disposed || failed || StreamStatus.isOver(memory.segment());
  }

  /** The adapter was stopped: what it has not completed it never will. */
  void adapterFailed(IOException why) {
    lock.lock();
    try {
      if (!disposed && !failed) {
        if (look() == null) {
          end = new StreamEnd.Failed(String.valueOf(why.getMessage()));
          adapter.context().events().ended(this, end);
        }
        failed = true;
        ring.flush();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // ---- for the application

  @Override
  public InetSocketAddress localAddress() {
    return local;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return remote;
  }

  @Override
  public String ownerName() {
    return adapter.name();
  }

  @Override
  public MpaResult mpa() {
    return mpa;
  }

  @Override
  public Set<Operation> operations() {
    return AcmeRnic.OPERATIONS;
  }

  @Override
  public MemoryRegion register(MemorySegment segment, Access... access) {
    return regions.register(segment, access);
  }

  @Override
  public MemoryRegion allocate(long sizeBytes, Access... access) {
    return regions.allocate(sizeBytes, access);
  }

  @Override
  public void post(WorkRequest request) throws WorkQueueFullException, ConnectionClosedException {
    lock.lock();
    try {
      requireOpen(request);
      if (!poster.post(request)) {
        boolean receive = request.operation() == Operation.RECEIVE;
        throw new WorkQueueFullException(
            receive ? "receive" : "send", receive ? Rings.RECEIVE_ENTRIES : Rings.SEND_ENTRIES);
      }
      ringDoorbells();
    } finally {
      lock.unlock();
    }
  }

  /** All are in the rings before the doorbell rings. */
  @Override
  public int post(List<? extends WorkRequest> requests) throws ConnectionClosedException {
    lock.lock();
    try {
      int queued = 0;
      for (; queued < requests.size(); queued++) {
        requireOpen(requests.get(queued));
        if (!poster.post(requests.get(queued))) {
          break;
        }
      }
      return queued;
    } finally {
      // Those before one that was refused start all the same.
      ringDoorbells();
      lock.unlock();
    }
  }

  private void requireOpen(WorkRequest request) throws ConnectionClosedException {
    if (disposed || look() != null || (closing && request.operation() != Operation.RECEIVE)) {
      throw closedException();
    }
  }

  ConnectionClosedException closedException() {
    StreamEnd how = look();
    return new ConnectionClosedException(how == null ? new StreamEnd.ClosedLocally() : how);
  }

  UnsupportedOperationException notOffered(Operation operation) {
    return new UnsupportedOperationException(
        "seen [%s], offered on this connection %s; Reads besides need an ORD above 0, it is %d"
            .formatted(operation, new TreeSet<>(operations()), mpa.ord()));
  }

  /** Receives first: what is sent may be answered at once. */
  private void ringDoorbells() {
    if (disposed || failed) {
      return;
    }
    adapter.window().fence();
    ring(Registers.RECEIVE_DOORBELL, poster.receivesPosted());
    ring(Registers.SEND_DOORBELL, poster.sendsPosted());
  }

  private void ring(long doorbell, int posted) {
    adapter
        .window()
        .write64(
            Registers.BAR,
            doorbell,
            (long) queuePair << Integer.SIZE | Integer.toUnsignedLong(posted));
  }

  @Override
  public CompletionQueue completions() {
    return completions;
  }

  @Override
  public Optional<StreamEnd> end() {
    lock.lock();
    try {
      return Optional.ofNullable(look());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public StreamEnd disconnect() throws InterruptedException {
    if (!requestClose()) {
      abort();
    }
    lock.lockInterruptibly();
    try {
      await(FOR_EVER_NANOS, () -> disposed || look() != null);
    } finally {
      lock.unlock();
    }
    return end().orElse(new StreamEnd.ClosedLocally());
  }

  /** Has the adapter close in order; false where nothing was started that could be closed. */
  private boolean requestClose() {
    lock.lock();
    try {
      if (started && !closing && !disposed && !failed) {
        adapter.window().write32(Registers.BAR, Registers.CLOSE, queuePair);
      }
      closing = true;
      return started;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void abort() {
    lock.lock();
    try {
      closing = true;
      if (isOver()) {
        return;
      }
    } finally {
      lock.unlock();
    }
    command("ABORT", AdminCommand.ABORT);
    interrupted();
  }

  private void command(String what, int opcode) {
    adapter.runOrFail(
        what, opcode, command -> command.set(Words.U32, AdminCommand.QUEUE_PAIR, queuePair));
  }

  @Override
  public void close() {
    if (requestClose()) {
      awaitOver();
    }
    abort();
    regions.closeAll();
    dispose();
  }

  private void awaitOver() {
    try {
      lock.lockInterruptibly();
      try {
        await(LINGER_NANOS, this::isOver);
      } finally {
        lock.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- for the RNIC

  /** Lets the stream run: one register write, which nothing can refuse. */
  void start() {
    lock.lock();
    try {
      if (!closing) {
        started = true;
        adapter.window().fence();
        adapter.window().write32(Registers.BAR, Registers.START, queuePair);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The RNIC is closed: ends it at once, and leaves the application its memory. */
  void shutDown() {
    abort();
    regions.detachAll();
    dispose();
  }

  private void dispose() {
    lock.lock();
    try {
      if (disposed) {
        return;
      }
      look();
      completions.keepLeft();
      disposed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    command("DESTROY", AdminCommand.DESTROY);
    memory.close();
    onGone.accept(this);
  }
}
