package dev.offramp.provider.intel;

import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompletionQueue;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.provider.intel.ring.CompletionRing;
import dev.offramp.provider.intel.ring.WorkCompletion;
import dev.offramp.spi.ConnectionMovedException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A connection at the device.
 *
 * <p>One lock guards its queues and its {@link StreamLife}. What the device says comes into a
 * mailbox, and whoever lets go of the lock empties it, so that no thread of the device's ever waits
 * for the application. Threads that wait look at the queues themselves, besides being woken.
 */
final class IntelConnection implements RdmaConnection, DeviceListener {
  private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Adapter adapter;
  private final QueuePair pair;
  private final ConnectionFacts facts;
  private final Consumer<IntelConnection> onGone;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition goesOn = lock.newCondition();
  private final Queue<Runnable> mailbox = new ConcurrentLinkedQueue<>();
  private final Wakeup wakeup = new Wakeup();
  private final StreamLife life;
  private final WorkLog log;
  private final WorkPoster poster;
  private final CompletionStore store;
  private final Regions regions;
  private final Traffic traffic = new Traffic();
  private final CompletionStall stall;
  private final IntelCompletionQueue completions;
  private final WorkCompletion completion = new WorkCompletion();
  private final AtomicBoolean disposed = new AtomicBoolean();

  /**
   * An event is asked for and has not come. To ask again would count as another request; should the
   * event be lost, threads that wait look at the queue now and then all the same.
   */
  private final AtomicBoolean armed = new AtomicBoolean();

  /** Something has completed; for {@link #idle}, as the next: a race would do no harm. */
  private volatile boolean busy = true;

  private volatile long quietSinceNanos;

  /** For a move; under the lock, as the next. */
  private boolean stopped;

  private boolean moved;

  /** The first Receive is the connection's own: see {@link FirstWork}. */
  private boolean ownReceive;

  /** Receives complete in order: where in the ring the next one stands. */
  private int nextReceive;

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
    this.onGone = onGone;
    this.ownReceive = facts.ownReceive();
    this.life = new StreamLife(this, adapter, pair);
    this.log = new WorkLog(pair.memory().sends().size());
    facts.countIndication(log);
    this.poster = new WorkPoster(this, adapter, pair.memory(), log);
    this.store =
        new CompletionStore(
            adapter.settings().sendQueueEntries() + adapter.settings().receiveQueueEntries());
    this.regions = new Regions(this, adapter, pair.memory().pdId());
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

  /**
   * For the application: waits while the connection is stopped for a move.
   *
   * @throws ConnectionMovedException when it has left
   */
  void enter() {
    lock.lock();
    while (stopped && lock.getHoldCount() == 1) {
      goesOn.awaitUninterruptibly();
    }
    if (moved) {
      lock.unlock();
      throw new ConnectionMovedException(ownerName());
    }
  }

  /** For whoever stops it, and for its end. */
  void enterAnyway() {
    lock.lock();
  }

  /** Lets go of the lock, and does what came into the mailbox meanwhile. */
  void exit() {
    if (lock.getHoldCount() > 1) {
      lock.unlock();
      return;
    }
    do {
      try {
        Runnable letter;
        while ((letter = mailbox.poll()) != null) {
          letter.run();
        }
      } finally {
        lock.unlock();
      }
    } while (!mailbox.isEmpty() && lock.tryLock());
  }

  /** Has {@code letter} run under the lock, soon, by this thread or another. */
  void deliver(Runnable letter) {
    mailbox.add(letter);
    if (!lock.isHeldByCurrentThread() && lock.tryLock()) {
      exit();
    }
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
    armed.set(false);
    wakeup.wake();
  }

  @Override
  public void deviceFailed(String reason) {
    deliver(() -> life.deviceFailed(reason));
  }

  void wake() {
    wakeup.wake();
  }

  // ---- completions; under the lock

  /** Takes what the device has completed. Once all is over the queues' memory may be gone. */
  void drain() {
    while (!life.isDead()) {
      switch (pair.memory().completions().poll(completion)) {
        case NOTHING -> {
          life.drained();
          return;
        }
        case SKIPPED -> {
          // Of the connection itself, and no request of the application's.
          if (completion.status() == WorkCompletion.Status.UNKNOWN) {
            life.completionFailed(completion.majorError(), completion.minorError());
          }
        }
        case FOREIGN ->
            adapter
                .context()
                .logger()
                .log(
                    System.Logger.Level.WARNING,
                    "a completion for QP [{0}], which is not this connection''s; ignored",
                    completion.qpId());
        case IMPOSSIBLE ->
            life.defective(
                "a completion of quantum [%d] of the %s queue, where no work is outstanding"
                    .formatted(completion.wqeIndex(), completion.isSend() ? "send" : "receive"));
        case COMPLETED -> accept();
      }
    }
  }

  private void accept() {
    busy = true;
    CompletionStatus status =
        switch (completion.status()) {
          case SUCCESS -> CompletionStatus.SUCCESS;
          case FLUSHED ->
              completion.minorError() == TerminateCause.FLUSH_PROTECTION
                  ? CompletionStatus.INVALID_REGION
                  : CompletionStatus.FLUSHED;
          case UNKNOWN -> CompletionStatus.DEVICE_ERROR;
        };
    if (completion.isSend()) {
      acceptSend(status);
    } else {
      acceptReceive(status);
    }
    if (status == CompletionStatus.DEVICE_ERROR) {
      life.completionFailed(completion.majorError(), completion.minorError());
    }
  }

  private void acceptSend(CompletionStatus seen) {
    int slot = completion.slot();
    while (log.oldestSlot() != slot) {
      int lost = log.oldestSlot();
      log.complete();
      store.add(
          pair.memory().sends().idAt(lost),
          log.operationAt(lost),
          CompletionStatus.DEVICE_ERROR,
          0);
      life.defective(
          "a completion was left out: of quantum [%d] of the send queue".formatted(lost));
    }
    Operation operation = log.operationAt(slot);
    log.complete();
    CompletionStatus status = seen;
    if (seen == CompletionStatus.SUCCESS && log.isInvalidAt(slot)) {
      status = CompletionStatus.INVALID_REGION;
    } else if (seen == CompletionStatus.FLUSHED
        && life.end() instanceof StreamEnd.TerminatedByPeer(var terminate)
        && BadFrame.isAbout(terminate, operation == Operation.READ, log.msnAt(slot))) {
      status = CompletionStatus.TERMINATED_BY_PEER;
    }
    long bytes = status == CompletionStatus.SUCCESS ? completion.bytes() : 0;
    if (status == CompletionStatus.SUCCESS) {
      traffic.sent(operation, bytes);
    }
    store.add(completion.id(), operation, status, bytes);
  }

  private int nextReceive() {
    int next = nextReceive;
    nextReceive = (next + 1) % pair.memory().receives().size();
    return next;
  }

  private boolean takeOwnReceive() {
    boolean own = ownReceive;
    ownReceive = false;
    return own;
  }

  private void acceptReceive(CompletionStatus seen) {
    int slot = completion.slot();
    int lost;
    while ((lost = nextReceive()) != slot) {
      if (!takeOwnReceive()) {
        store.add(
            pair.memory().receives().idAt(lost),
            Operation.RECEIVE,
            CompletionStatus.DEVICE_ERROR,
            0);
      }
      life.defective("a completion was left out: of Receive [%d] of the ring".formatted(lost));
    }
    if (takeOwnReceive()) {
      return;
    }
    boolean success = seen == CompletionStatus.SUCCESS;
    CompletionStatus status =
        seen == CompletionStatus.FLUSHED && completion.minorError() == TerminateCause.FLUSH_TOO_LONG
            ? CompletionStatus.MESSAGE_TOO_LONG
            : seen;
    boolean invalidated = success && completion.isStagInvalidated();
    if (invalidated) {
      IntelRegion region = regions.find(completion.invalidatedStag());
      if (region != null) {
        region.invalidate();
      }
    }
    long bytes = success ? completion.bytes() : 0;
    if (success) {
      traffic.received(bytes);
    }
    store.add(
        completion.id(),
        Operation.RECEIVE,
        status,
        bytes,
        success && completion.isSolicited(),
        invalidated,
        completion.invalidatedStag());
  }

  /** Completes what the device never will. */
  void sweep() {
    CompletionRing ring = pair.memory().completions();
    drain();
    while (ring.sweep(/* send= */ true, completion)) {
      acceptSend(CompletionStatus.FLUSHED);
    }
    while (ring.sweep(/* send= */ false, completion)) {
      acceptReceive(CompletionStatus.FLUSHED);
    }
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

  /**
   * Waits until {@code done}, which is asked under the lock after the queues were looked at.
   *
   * @param timeoutNanos {@link Long#MAX_VALUE} for as long as it takes
   * @return whether it was so within the time
   */
  boolean await(long timeoutNanos, BooleanSupplier done) throws InterruptedException {
    Waiting waiting = new Waiting(adapter, timeoutNanos);
    while (true) {
      long news = wakeup.news();
      if (look(done, waiting.wantsEvent())) {
        return true;
      }
      adapter.events().service();
      if (look(done, /* arm= */ false)) {
        return true;
      }
      if (waiting.isOver()) {
        return false;
      }
      waiting.pause(wakeup, news);
      idle();
    }
  }

  private boolean look(BooleanSupplier done, boolean arm) {
    enter();
    try {
      drain();
      if (done.getAsBoolean()) {
        return true;
      }
      if (arm && !life.isDead() && armed.compareAndSet(false, true)) {
        pair.memory().completions().arm(/* solicitedOnly= */ false);
        drain();
        return done.getAsBoolean();
      }
      return false;
    } finally {
      exit();
    }
  }

  /** Somebody has looked in vain: after a long time of that something may be wrong. */
  void idle() {
    long now = adapter.context().nanoTime();
    if (busy) {
      busy = false;
      quietSinceNanos = now;
    } else if (now - quietSinceNanos >= LONG_NANOS) {
      quietSinceNanos = now;
      nudge();
    }
  }

  /** Is the device well, and has it heard the doorbell? */
  private void nudge() {
    adapter.events().checkHealth();
    enter();
    try {
      if (life.isServed() && !pair.memory().sends().isAllSeen()) {
        pair.memory().sends().ringAlways();
      }
    } finally {
      exit();
    }
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
    regions.close();
    dispose();
  }

  // ---- for a move: see IntelDeparture

  ConnectionFacts facts() {
    return facts;
  }

  QueuePair queuePair() {
    return pair;
  }

  StreamLife life() {
    return life;
  }

  WorkLog workLog() {
    return log;
  }

  Traffic traffic() {
    return traffic;
  }

  /** Whether nothing is posted, and nobody has a completion to take. Under the lock. */
  boolean isIdle() {
    return !pair.memory().hasWork() && store.isEmpty();
  }

  /** Whether this thread is inside a call already, as in a completion handler. */
  boolean isNested() {
    return lock.isHeldByCurrentThread();
  }

  /** Threads of the application wait from now on. Under the lock. */
  void stop() {
    stopped = true;
  }

  /** They go on, here or at the next owner. */
  private void letGo(boolean left) {
    enterAnyway();
    try {
      stopped = false;
      moved = left;
      goesOn.signalAll();
    } finally {
      exit();
    }
    wakeup.wake();
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
