package dev.offramp.provider.softiwarp;

import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.spi.ConnectionMovedException;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.StreamWaiter;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who moves the bytes of one connection, and who wakes whom.
 *
 * <p>One lock guards the engine, and whoever holds it may move bytes:
 *
 * <ul>
 *   <li>a <b>poster</b> writes what it has posted, and reads nothing;
 *   <li>a <b>poller</b> reads and writes as far as that goes at once;
 *   <li>the <b>leader</b>, one thread of those that wait, waits in the kernel for this stream, with
 *       the lock let go, and then does what a poller does: no other thread is between it and TCP;
 *   <li><b>followers</b> wait for the {@link #changed condition}: all other threads that wait, and
 *       all that wait while no {@link StreamWaiter} is to be had;
 *   <li>the <b>event loop</b> serves when nobody else does. It is <em>armed</em>, that is, its
 *       selector tells once, or it <em>watches</em>: looks within two ticks of {@link LoopWatch}
 *       whether threads of the application still come by, and takes over when not.
 * </ul>
 *
 * <p>What holds whenever the lock is let go and the stream is neither to start nor over:
 *
 * <ol>
 *   <li><b>Somebody will come back</b> when TCP has bytes, or room that bytes wait for, or when a
 *       server's turns were over before its work was ({@link StreamPump#awaitsRoom}): a leader that
 *       waits for just that, or an armed loop, or a watching loop, or a loop with the connection in
 *       its queue of tasks. Whoever serves makes it so before leaving ({@link #served}). A leader
 *       that finds bytes waiting for room which it did not ask for is woken to ask.
 *   <li><b>Followers are not forgotten.</b> A leader that leaves for good wakes one of them ({@link
 *       #leave}), who finds no leader and becomes it. Where followers cannot lead for want of a
 *       waiter, the loop is armed, not just watching.
 *   <li><b>News reaches all.</b> Whoever moved bytes and finds completions to be polled, a stream
 *       that ended, or a region's bytes gone while somebody waits for that, wakes the followers and
 *       the leader ({@link #tell}). A thread that waits looks at what it waits for under the lock
 *       before each wait, and a wake-up between the two is kept: by the condition because the lock
 *       is held, by the {@link StreamWaiter} because it keeps it for the next wait.
 *   <li><b>The loop never waits for the lock</b>: a thread may hold it while it runs the
 *       application's {@code CompletionHandler}, and other connections share the loop. It tries,
 *       and else watches.
 * </ol>
 */
final class Serving implements LoopWatch.Watched {
  /** Turns before others of the same event loop get theirs: the busy must not starve the rest. */
  private static final int ROUNDS = 16;

  /**
   * How long a thread looks again and again before it sleeps: about what going to sleep and waking
   * up cost. Where that does not help, because the peer is slow or the processor is needed
   * elsewhere, it is tried ever more seldom.
   */
  private static final long MAX_SPIN_NANOS = TimeUnit.MICROSECONDS.toNanos(40);

  /** At least one wait in so many begins with looking. */
  private static final int MAX_SPIN_PENALTY = 256;

  private static final boolean CAN_SPIN = Runtime.getRuntime().availableProcessors() > 1;

  /** A poller that has found nothing so often lets others have the processor between its polls. */
  private static final int PATIENT_POLLS = 128;

  private static final int LOCK_SPINS = 100;
  private static final long GIVE_WAY_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** What {@link #await} takes as no limit at all. */
  static final long FOR_EVER_NANOS = Long.MAX_VALUE;

  private final RdmapStream stream;
  private final LoopWatch watch;
  private final EventLoop loop;
  private final LongSupplier clock;
  private final System.Logger log;
  private final Runnable onNews;
  private final String owner;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** The connection goes on after a departure, or has left. */
  private final Condition decided = lock.newCondition();

  /** The leader is back from the kernel. */
  private final Condition back = lock.newCondition();

  private final Runnable resume = this::resume;

  /** Whether the loop has this on its list; set by who puts it there. */
  private final AtomicBoolean watched = new AtomicBoolean();

  /** Departures that want the lock. */
  private final AtomicInteger stopping = new AtomicInteger();

  // ---- all under the lock from here

  private @Nullable StreamPump pump;
  private @Nullable StreamWaiter waiter;
  private boolean waiterRefused;

  /** A leader is in the kernel, or on its way there or back. */
  private boolean waiting;

  private boolean waitingForRoom;
  private int followers;

  /** Threads that wait until TCP has taken what a region lent. */
  private int regionWaits;

  /** A departure is under way: whoever comes waits until it is decided. */
  private boolean paused;

  /** The connection is another owner's. */
  private boolean moved;

  /** The loop has been asked to tell, and has not. */
  private boolean armed;

  private boolean armedForRoom;

  /** The loop has a task for this. */
  private boolean queued;

  /** A thread of the application has served since the loop looked last. */
  private boolean touched;

  private int spinPenalty = 1;
  private int spinsToSkip;
  private int emptyPolls;

  /**
   * Serves nothing yet.
   *
   * @param onNews called under the lock whenever bytes may have moved
   * @param owner the RNIC's name
   */
  Serving(
      RdmapStream stream,
      LoopWatch watch,
      LongSupplier clock,
      System.Logger log,
      Runnable onNews,
      String owner) {
    this.owner = owner;
    this.stream = stream;
    this.watch = watch;
    this.loop = watch.loop();
    this.clock = clock;
    this.log = log;
    this.onNews = onNews;
  }

  /** The clock that the driver was handed. */
  long nanoTime() {
    return clock.getAsLong();
  }

  /** The stream runs from now on. */
  void start(StreamPump started) {
    lock.lock();
    try {
      pump = started;
      started.port().attach(loop, (readable, writable) -> ready());
      started.move(ROUNDS);
      if (!started.isOver()) {
        arm(started);
      }
      // Most have nothing to read yet, and thousands may wait for long before they have.
      started.releaseIdleMemory();
      tell();
      // Those that wait since before, and cannot know that they could lead now.
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Nullable StreamPump pump() {
    return pump;
  }

  ReentrantLock lock() {
    return lock;
  }

  Condition changed() {
    return changed;
  }

  /**
   * Takes the lock, once no departure is under way.
   *
   * @throws ConnectionMovedException when the connection has left; without the lock
   */
  void enter() {
    enterAnyway();
    if (paused || moved) {
      try {
        awaitDecision();
      } catch (ConnectionMovedException e) {
        lock.unlock();
        throw e;
      }
    }
  }

  /** Under the lock, and with it when it throws. */
  private void awaitDecision() {
    while (paused) {
      decided.awaitUninterruptibly();
    }
    if (moved) {
      throw new ConnectionMovedException(owner);
    }
  }

  /**
   * Takes the lock, also while a departure is under way or after it: to look, and no more. It is
   * held for moments only, so looking again is cheaper than sleeping.
   */
  void enterAnyway() {
    if (stopping.get() > 0 && !lock.isHeldByCurrentThread()) {
      giveWay();
    }
    takeLock();
  }

  /**
   * Takes the lock as {@link #enter} does, before all others that come for it: it is not fair, and
   * threads that poll all the time would never let another one have it.
   */
  void enterToStop() {
    stopping.incrementAndGet();
    try {
      lock.lock();
    } finally {
      stopping.decrementAndGet();
    }
    if (paused || moved) {
      try {
        awaitDecision();
      } catch (ConnectionMovedException e) {
        lock.unlock();
        throw e;
      }
    }
  }

  private void giveWay() {
    for (int i = 0; stopping.get() > 0; i++) {
      if (i < LOCK_SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(GIVE_WAY_NANOS);
      }
    }
  }

  private void takeLock() {
    for (int i = 0; i < LOCK_SPINS; i++) {
      if (lock.tryLock()) {
        return;
      }
      Thread.onSpinWait();
    }
    lock.lock();
  }

  void exit() {
    lock.unlock();
  }

  /** Serves as a poster. Under the lock. */
  void transmit() {
    StreamPump running = pump;
    if (running != null) {
      running.transmit();
      served(running);
    }
  }

  /** Serves as a poller. Under the lock. */
  void poll() {
    StreamPump running = pump;
    if (running != null) {
      move(running);
      emptyPolls = running.hasReceived() || isNews() ? 0 : emptyPolls + 1;
    }
  }

  /** Whether polling has found nothing for a while. Under the lock. */
  boolean isPollingForNothing() {
    return emptyPolls > PATIENT_POLLS;
  }

  private void move(StreamPump running) {
    touched = true;
    running.move(ROUNDS);
    running.yieldMemory();
    served(running);
  }

  /**
   * Waits for news, at most so long; may come back without any. The caller has looked under the
   * same lock, and calls {@link #leave} when it waits no more.
   *
   * @return what is left of {@code nanos}; {@link #FOR_EVER_NANOS} stays what it is
   */
  long await(long nanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    long start = nanos == FOR_EVER_NANOS ? 0 : clock.getAsLong();
    StreamPump running = pump;
    if (running == null || running.isOver() || waiting || !canLead(running)) {
      follow(running, nanos);
    } else {
      lead(running, nanos);
    }
    return nanos == FOR_EVER_NANOS ? nanos : nanos - (clock.getAsLong() - start);
  }

  /** To be called under the lock by who has called {@link #await} and will not again. */
  void leave() {
    if (followers > 0 && !waiting) {
      changed.signal();
    }
  }

  /** Says that a region's bytes are waited for, or no more. Under the lock. */
  void awaitRegion(boolean begins) {
    regionWaits += begins ? 1 : -1;
  }

  /** Whether the caller is inside a handler's call, where the lock is held twice. */
  boolean isNested() {
    return lock.getHoldCount() > 1;
  }

  /**
   * Keeps everybody out, the event loop included, until {@link #goOn} or {@link #left}. Under the
   * lock; returns when no thread is in the kernel for this stream.
   */
  void pause() {
    paused = true;
    wakeLeader();
    while (waiting) {
      back.awaitUninterruptibly();
    }
    closeWaiter();
  }

  /** Serves again. */
  void goOn() {
    enterAnyway();
    try {
      paused = false;
      armed = false;
      StreamPump running = pump;
      if (running != null && !running.isOver()) {
        arm(running);
      }
      decided.signalAll();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The connection is another owner's: whoever waits is told. */
  void left() {
    enterAnyway();
    try {
      moved = true;
      paused = false;
      StreamPump running = pump;
      if (running != null) {
        running.leave();
      }
      decided.signalAll();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean canLead(StreamPump running) {
    if (lock.getHoldCount() > 1) {
      return false; // a handler's call: letting go once would not let others in
    }
    if (waiter == null && !waiterRefused) {
      try {
        waiter = running.port().openWaiter().orElse(null);
      } catch (IOException e) {
        log.log(System.Logger.Level.DEBUG, "no waiter; the event loop serves", e);
      }
      waiterRefused = waiter == null;
    }
    return waiter != null;
  }

  @SuppressWarnings("WaitNotInLoop") // the caller's loop knows what is waited for
  private void follow(@Nullable StreamPump running, long nanos) throws InterruptedException {
    followers++;
    try {
      if (running != null && !running.isOver() && !waiting) {
        arm(running);
      }
      if (nanos == FOR_EVER_NANOS) {
        changed.await();
      } else {
        changed.awaitNanos(nanos);
      }
    } finally {
      followers--;
    }
    awaitDecision();
  }

  private void lead(StreamPump running, long nanos) throws InterruptedException {
    StreamWaiter own = waiter;
    if (own == null || (!running.awaitsRoom() && spin(running, nanos))) {
      return;
    }
    waiting = true;
    waitingForRoom = running.awaitsRoom();
    boolean bytes = running.awaitsBytes();
    boolean room = waitingForRoom;
    lock.unlock();
    IOException failure = null;
    try {
      own.await(bytes, room, nanos);
    } catch (IOException e) {
      failure = e;
    } finally {
      takeLock();
      waiting = false;
      back.signalAll();
    }
    awaitDecision();
    if (failure != null) {
      log.log(System.Logger.Level.WARNING, "a waiter failed; the event loop serves", failure);
      closeWaiter();
      waiterRefused = true;
    }
    move(running);
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  /** Looks again and again for a moment; true when something came, or somebody else leads. */
  private boolean spin(StreamPump running, long nanos) {
    if (!CAN_SPIN || nanos < MAX_SPIN_NANOS) {
      return false;
    }
    if (spinsToSkip > 0) {
      spinsToSkip--;
      return false;
    }
    long start = clock.getAsLong();
    do {
      lock.unlock();
      Thread.onSpinWait();
      takeLock();
      awaitDecision();
      if (waiting || waiter == null || isNews()) {
        return true;
      }
      move(running);
      if (running.hasReceived() || running.isOver()) {
        spinPenalty = 1;
        return true;
      }
    } while (clock.getAsLong() - start < MAX_SPIN_NANOS);
    spinPenalty = Math.min(2 * spinPenalty, MAX_SPIN_PENALTY);
    spinsToSkip = spinPenalty - 1;
    return false;
  }

  private boolean isNews() {
    return regionWaits > 0 || stream.completionCount() > 0 || stream.end().isPresent();
  }

  /** Wakes those that wait, when there is something for them. Under the lock. */
  void tell() {
    onNews.run();
    if ((followers > 0 || waiting) && isNews()) {
      changed.signalAll();
      wakeLeader();
    }
  }

  private void wakeLeader() {
    StreamWaiter known = waiter;
    if (waiting && known != null) {
      known.wakeup();
    }
  }

  /** Makes sure that somebody comes back. Under the lock, after bytes may have moved. */
  private void served(StreamPump running) {
    tell();
    if (running.isOver()) {
      return;
    }
    if (waiting) {
      if (running.awaitsRoom() && !waitingForRoom) {
        waitingForRoom = true;
        wakeLeader();
      }
    } else if (armed) {
      if (running.awaitsRoom() && !armedForRoom) {
        arm(running);
      }
    } else if (followers > 0 && waiter == null) {
      arm(running);
    } else if (!queued) {
      watch();
    }
  }

  private void watch() {
    if (watched.compareAndSet(false, true)) {
      watch.add(this);
    }
  }

  private void arm(StreamPump running) {
    boolean room = running.awaitsRoom();
    if (!armed || (room && !armedForRoom)) {
      armed = true;
      armedForRoom = room;
      running.port().interest(running.awaitsBytes(), room);
    }
  }

  // ---- on the loop's thread

  /** The selector has told what it was asked. */
  private void ready() {
    if (!lock.tryLock()) {
      watch(); // and that comes back to it; `armed` stays set until then, which does no harm
      return;
    }
    try {
      armed = false;
      serveOnLoop();
    } finally {
      lock.unlock();
    }
  }

  private void resume() {
    if (!lock.tryLock()) {
      watch();
      return;
    }
    try {
      queued = false;
      serveOnLoop();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean look() {
    if (!lock.tryLock()) {
      return true;
    }
    try {
      if (touched || paused) {
        touched = false;
        return true;
      }
      watched.set(false);
      // What was lost to a lock that was held: the selector has told, or a task has come.
      armed = false;
      queued = false;
      serveOnLoop();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void serveOnLoop() {
    StreamPump running = pump;
    if (running == null || running.isOver() || paused || moved) {
      return;
    }
    if (waiting) {
      // It is told by the kernel as well.
      running.releaseIdleMemory();
      return;
    }
    try {
      boolean more = running.move(ROUNDS);
      tell();
      if (running.isOver()) {
        return;
      }
      if (more) {
        queued = true;
        loop.execute(resume);
      } else if (touched) {
        watch();
      } else {
        closeWaiter();
        arm(running);
      }
      running.releaseIdleMemory();
    } catch (RuntimeException | Error e) {
      // A fault of ours: this connection ends and says so; the loop has others.
      log.log(System.Logger.Level.ERROR, "a connection fails by a fault in softiwarp", e);
      running.fail(new StreamEnd.Failed("internal fault: " + e));
      tell();
    }
  }

  /** For timers: runs work under the lock, soon after its time when that is held. */
  EventLoop.Timer schedule(long deadlineNanos, Runnable work) {
    return loop.schedule(deadlineNanos, () -> onLoop(work));
  }

  private void onLoop(Runnable work) {
    if (!lock.tryLock()) {
      loop.schedule(clock.getAsLong() + RETRY_NANOS, () -> onLoop(work));
      return;
    }
    try {
      if (paused) {
        loop.schedule(clock.getAsLong() + RETRY_NANOS, () -> onLoop(work));
        return;
      }
      if (moved) {
        return;
      }
      work.run();
      StreamPump running = pump;
      if (running != null) {
        served(running);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The stream is closed for good: nobody waits for it any more. Under the lock. */
  void gone() {
    closeWaiter();
    changed.signalAll();
  }

  private void closeWaiter() {
    StreamWaiter known = waiter;
    if (known != null) {
      waiter = null;
      known.close();
    }
    waiterRefused = false;
  }
}
