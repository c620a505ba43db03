package dev.offramp.provider.intel;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompletionQueue;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.spi.RnicException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection at the device: what the application and the RNIC call. Its parts are guarded by one
 * {@link ConnectionLock}: {@link StreamLife} is how it lives and ends, {@link WorkPoster} what goes
 * to the device, {@link CompletionIntake} what comes back, {@link Watch} how threads wait.
 */
final class IntelConnection implements RdmaConnection, DeviceListener {
  private final Adapter adapter;
  private final QueuePair pair;
  private final ConnectionFacts facts;

  private final CachedState state;
  private final Consumer<IntelConnection> onGone;
  private final ConnectionLock lock;
  private final StreamLife life;
  private final WorkLog log;
  private final ReceiveLog receiveLog;
  private final WorkPoster poster;
  private final CompletionStore store;
  private final CompletionIntake intake;
  private final Watch watch;
  private final Regions regions;
  private final Traffic traffic = new Traffic();
  private final CompletionStall stall;
  private final IntelCompletionQueue completions;
  private final AtomicBoolean disposed = new AtomicBoolean();

  /** Under the lock. */
  private boolean described;

  /**
   * A connection that is prepared on the device.
   *
   * @param onGone told once, when nothing of it is on the device any more
   */
  IntelConnection(
      Adapter adapter, QueuePair pair, ConnectionFacts facts, Consumer<IntelConnection> onGone) {
    this.adapter = adapter;
    this.pair = pair;
    this.facts = facts;
    this.state = new CachedState(pair.route(), facts.descriptor());
    this.onGone = onGone;
    this.lock = new ConnectionLock(adapter.context().device().name());
    this.life = new StreamLife(this, adapter, pair);
    this.log = new WorkLog(pair.memory().sends().size());
    facts.countIndication(log);
    this.receiveLog = new ReceiveLog(pair.memory().receives());
    this.poster = new WorkPoster(this, adapter, pair.memory(), log, receiveLog);
    this.store =
        new CompletionStore(
            adapter.settings().sendQueueEntries() + adapter.settings().receiveQueueEntries());
    this.regions = new Regions(this, adapter, pair.memory().pdId());
    this.intake =
        new CompletionIntake(
            adapter,
            pair.memory(),
            life,
            log,
            receiveLog,
            store,
            regions,
            traffic,
            facts.ownReceive());
    this.watch = new Watch(adapter, lock, pair.memory(), life, intake);
    this.stall =
        new CompletionStall(
            store,
            adapter.context()::nanoTime,
            nanos -> adapter.context().events().stalled(this, nanos));
    this.completions =
        new IntelCompletionQueue(this, store, poster, stall, () -> adapter.events().service());
    adapter.events().add(pair.memory().completionContext(), pair.memory().cqContext(), this);
  }

  // ---- the lock

  /** As {@link ConnectionLock#enter}. */
  void enter() {
    lock.enter();
  }

  /** As {@link ConnectionLock#enterAnyway}. */
  void enterAnyway() {
    lock.enterAnyway();
  }

  /** As {@link ConnectionLock#exit}. */
  void exit() {
    lock.exit();
  }

  /** Has {@code letter} run under the lock, soon, by this thread or another. */
  void deliver(Runnable letter) {
    lock.deliver(letter);
  }

  @Override
  public void happened(DeviceEvent event) {
    deliver(() -> life.happened(event));
  }

  @Override
  public void eventsLost() {
    deliver(life::eventsLost);
  }

  @Override
  public void completed() {
    adapter.events().acknowledge(pair.memory().cqId());
    watch.completed();
  }

  @Override
  public void deviceFailed(String reason) {
    deliver(() -> {
      if (!described) {
        life.deviceFailed(reason);
      }
    });
  }

  void wake() {
    watch.wake();
  }

  // ---- completions; under the lock

  /** Takes what the device has completed. Once all is over the queues' memory may be gone. */
  void drain() {
    intake.drain();
  }

  /** Completes what the device never will. */
  void sweep() {
    intake.sweep();
  }

  /** Whether the stream is over and each posted request has its completion. */
  boolean isFlushed() {
    return life.isDead();
  }

  /** What is thrown when all is over. Under the lock. */
  ConnectionClosedException closedException() {
    StreamEnd end = life.end();
    return new ConnectionClosedException(end == null ? new StreamEnd.ClosedLocally() : end);
  }

  // ---- waiting

  /** As {@link Watch#await}. */
  boolean await(long timeoutNanos, BooleanSupplier done) throws InterruptedException {
    return watch.await(timeoutNanos, done);
  }

  /** Somebody has looked in vain. */
  void idle() {
    watch.idle();
  }

  /** Waits until the device has done all that names a region, but no longer than a close waits. */
  void awaitUnused(IntelRegion region) {
    boolean interrupted = false;
    while (true) {
      try {
        await(
            adapter.settings().lingerNanos(),
            () ->
                (!life.isServed() && life.phase() != StreamLife.Phase.CLOSING)
                    || log.completed() >= region.lastUse());
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- for the application

  @Override
  public InetSocketAddress localAddress() {
    return facts.local();
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return facts.remote();
  }

  @Override
  public String ownerName() {
    return adapter.context().device().name();
  }

  @Override
  public MpaResult mpa() {
    return facts.mpa();
  }

  @Override
  public Set<Operation> operations() {
    return IntelRnic.OPERATIONS;
  }

  Regions regions() {
    return regions;
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
    enter();
    try {
      if (queue(request) == Posted.QUEUE_FULL) {
        throw queueFull(request);
      }
      if (request.operation() != Operation.RECEIVE) {
        ringDoorbell();
      }
    } finally {
      exit();
    }
  }

  /** All are queued before the doorbell rings. */
  @Override
  public int post(List<? extends WorkRequest> requests) throws ConnectionClosedException {
    enter();
    try {
      int queued = 0;
      while (queued < requests.size() && queue(requests.get(queued)) == Posted.ACCEPTED) {
        queued++;
      }
      return queued;
    } finally {
      // Those before one that was refused start all the same.
      ringDoorbell();
      exit();
    }
  }

  private void ringDoorbell() {
    if (life.isServed()) {
      pair.memory().sends().ringDoorbell();
    }
  }

  private Posted queue(WorkRequest request) throws ConnectionClosedException {
    boolean receive = request.operation() == Operation.RECEIVE;
    if (life.end() != null || (life.isClosing() && !receive)) {
      throw closedException();
    }
    Posted verdict = poster.post(request);
    if (verdict == Posted.QUEUE_FULL) {
      // Places in the rings are free when completions have been taken off the CQ.
      drain();
      verdict = poster.post(request);
    }
    if (verdict == Posted.QUEUE_FULL) {
      stall.refused();
    }
    return verdict;
  }

  private WorkQueueFullException queueFull(WorkRequest request) {
    boolean receive = request.operation() == Operation.RECEIVE;
    return new WorkQueueFullException(
        receive ? "receive" : "send",
        receive ? adapter.settings().receiveQueueEntries() : adapter.settings().sendQueueEntries());
  }

  UnsupportedOperationException notOffered(Operation operation) {
    return new UnsupportedOperationException(
        "seen ["
            + operation
            + "], offered on this connection "
            + new TreeSet<>(operations())
            + "; Reads besides need an ORD above 0, it is "
            + mpa().ord());
  }

  @Override
  public CompletionQueue completions() {
    return completions;
  }

  @Override
  public RdmaCounters counters() {
    return totals();
  }

  /** What it did, wherever it is now. */
  RdmaCounters totals() {
    enterAnyway();
    try {
      return traffic.counters(life.end(), stall.count());
    } finally {
      exit();
    }
  }

  @Override
  public Optional<StreamEnd> end() {
    enter();
    try {
      drain();
      return Optional.ofNullable(life.end());
    } finally {
      exit();
    }
  }

  @Override
  public StreamEnd disconnect() throws InterruptedException {
    enter();
    try {
      life.requestClose();
    } finally {
      exit();
    }
    await(Long.MAX_VALUE, () -> life.end() != null);
    return end().orElseThrow();
  }

  @Override
  public void abort() {
    enter();
    try {
      life.abort();
    } finally {
      exit();
    }
  }

  @Override
  public void close() {
    enter();
    try {
      life.requestClose();
    } finally {
      exit();
    }
    awaitDeath(adapter.settings().lingerNanos());
    regions.close();
    dispose();
  }

  /** Waits for the end, and then makes it. */
  private void awaitDeath(long patienceNanos) {
    boolean interrupted = false;
    try {
      await(patienceNanos, life::isDead);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    abort();
    while (true) {
      try {
        // The device has its own deadlines for the commands of an end.
        await(Long.MAX_VALUE, life::isDead);
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- for the RNIC

  /**
   * Lets the device run it.
   *
   * @throws CommandException when it does not; the connection is over then, without a word
   */
  void start() throws CommandException {
    try {
      pair.start();
    } catch (CommandException e) {
      vanish(new StreamEnd.Failed(String.valueOf(e.getMessage())));
      throw e;
    }
    enter();
    try {
      life.started();
      pair.memory().sends().ringAlways();
    } finally {
      exit();
    }
  }

  /** Ends it without a word to the peer, and takes it off the device. */
  void vanish(StreamEnd how) {
    enter();
    try {
      life.abandon(how);
    } finally {
      exit();
    }
    regions.forgetAdopted();
    regions.close();
    dispose();
  }

  // ---- for a move: see IntelDeparture

  ConnectionFacts facts() {
    return facts;
  }

  /** What it arrived with, and what the host has told since. */
  IwarpConnectionDescriptor descriptor() {
    return state.descriptor();
  }

  /**
   * Takes what the host has decided anew.
   *
   * @throws RnicException as {@link dev.offramp.spi.Rnic#update}
   */
  void update(IwarpConnectionDescriptor cached) throws RnicException {
    lock.enterHere();
    lock.exit();
    state.update(this, cached);
  }

  /** Hands a command over. */
  @FunctionalInterface
  interface Submission {
    void to(Consumer<@Nullable CommandException> then) throws CommandException;
  }

  /**
   * Gives a command while the device works on this connection, and waits until it is done.
   *
   * @param prepare what has to be in memory before
   * @throws CommandException when the device does not do it, or the connection is not there for it
   */
  void runWhileServed(Runnable prepare, Submission submission) throws CommandException {
    AtomicReference<Optional<CommandException>> answer = new AtomicReference<>();
    lock.enterHere();
    try {
      if (!life.isServed()) {
        throw new CommandException(
            "the connection is %s, expected one that runs; connect anew".formatted(life.phase()));
      }
      prepare.run();
      // Under the lock, so that no command of its end comes before.
      submission.to(error -> answer.set(Optional.ofNullable(error)));
    } finally {
      lock.exit();
    }
    Patience.await(
        adapter.context()::nanoTime,
        Long.MAX_VALUE,
        () -> {
          adapter.control().drain();
          return answer.get() != null;
        });
    Optional<CommandException> error = answer.get();
    if (error.isPresent()) {
      throw error.get();
    }
  }

  boolean isOf(Adapter which) {
    return adapter == which;
  }

  QueuePair queuePair() {
    return pair;
  }

  StreamLife life() {
    return life;
  }

  Watch watch() {
    return watch;
  }

  WorkLog workLog() {
    return log;
  }

  Traffic traffic() {
    return traffic;
  }

  ReceiveLog receiveLog() {
    return receiveLog;
  }

  CompletionStore completionStore() {
    return store;
  }

  CompletionIntake intake() {
    return intake;
  }

  /** Whether this thread is inside a call already, as in a completion handler. */
  boolean isNested() {
    return lock.isNested();
  }

  /** Threads of the application wait from now on. Under the lock. */
  void stop() {
    lock.stop();
  }

  /**
   * It is stopped and described, and may go on elsewhere: that its device fails does not end it.
   * Who wants it to go on here learns that by the command for that. Under the lock.
   */
  void described() {
    described = true;
  }

  /** They go on, here or at the next owner. */
  private void letGo(boolean left) {
    enterAnyway();
    try {
      described = false;
    } finally {
      exit();
    }
    lock.letGo(left);
    watch.wake();
  }

  /** It goes on here. */
  void goOn() {
    letGo(/* left= */ false);
  }

  /** It is another owner's: takes it off the device without a word to anybody. */
  void leave() {
    enterAnyway();
    try {
      life.left();
    } finally {
      exit();
    }
    letGo(/* left= */ true);
    regions.forgetAll();
    dispose();
  }

  /** The RNIC is closed: ends it at once, and leaves the application its memory. */
  void shutDown() {
    // One that is stopped for a move ends as well: there is no RNIC any more for it to go on at.
    goOn();
    awaitDeath(0);
    regions.detachAll();
    dispose();
  }

  private void dispose() {
    boolean first;
    enterAnyway();
    try {
      // Under the lock: nobody may be looking at the queues when they go.
      first = disposed.compareAndSet(false, true);
    } finally {
      exit();
    }
    if (first) {
      adapter.events().remove(pair.memory().completionContext(), pair.memory().cqContext());
      pair.dispose();
      onGone.accept(this);
    }
  }
}
