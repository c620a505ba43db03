package dev.offramp.tck.bench;

import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.EventLoops;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Says who works, and what time it is. One at a time: the driver in a call of the kit, a task of an
 * event loop, or a model. So the same inputs give the same trace. The driver's call runs on a
 * thread of its own; while it waits for something, the tasks of the event loops run. A model runs
 * when the driver looks at the clock or at a register, and whenever the kit has the baton.
 *
 * <p>The clock stands still while somebody works, except that it advances a little each time that
 * the driver looks at it. One that looks again and again without doing anything else waits: then
 * time goes by in leaps, the longer the longer it has waited, but never beyond the moment at which
 * somebody has something to do. So a wait for a silent device is over after some hundred looks, and
 * an answer that comes in time is never late.
 *
 * <p>It is never much slower than the wall's clock either, so that a driver which wakes up by that
 * one keeps nobody waiting for ever.
 *
 * <p>A task may need a lock that the call holds while it looks at the clock. Then the call goes on
 * first, as it would anywhere else, and the task when the call rests.
 */
public final class Conductor implements EventLoops, AutoCloseable {
  /** Any number but 0, so that a driver which takes a time for a duration is noticed. */
  private static final long START_NANOS = 7_000_000_000_000L;

  private static final long LOOK_NANOS = 100;
  private static final long MAX_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** How many looks in a row, with nothing done in between, make a wait. */
  private static final int PATIENT_LOOKS = 256;

  /** A leap is this part of what was waited: deadlines are met to within so much. */
  private static final int LEAP_DIVISOR = 4;

  private static final int MAX_TASKS = 2_000_000;
  private static final long PAUSE_NANOS = 50_000;
  private static final int SPINS = 200;

  /** How many pauses in a row a thread has to be waiting before the loops get their turn. */
  private static final int WAITING_PAUSES = 12;

  /** The same for a wait with a time-out: a thread that polls waits like that between two looks. */
  private static final int TIMED_PAUSES = 80;

  /**
   * The same for the clock's turn. One that was woken seems to wait until the machine has time for
   * it: what time it is must not depend on that.
   */
  private static final int PATIENT_PAUSES = 400;

  /** After so long without a leap the clock goes with the wall's. */
  private static final long WALL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final CallThread caller = new CallThread();
  private final TaskQueue loops = new TaskQueue(this::now);
  private final TaskQueue device = new TaskQueue(this::now);
  private final List<Throwable> taskFailures = new ArrayList<>();
  private final long hangNanos;
  private final AtomicLong nowNanos = new AtomicLong(START_NANOS);
  private final AtomicLong progress = new AtomicLong();
  private final AtomicLong allLooks = new AtomicLong();
  private final ReentrantLock deviceTurn = new ReentrantLock();
  private volatile long looks;
  private volatile long waitsSinceNanos;
  private Runnable beforeDevice = () -> {};
  private Runnable afterDevice = () -> {};
  private volatile @Nullable String inTask;
  private volatile long taskSinceNanos;

  /**
   * A conductor with an idle thread.
   *
   * @param hangSeconds how long a call may go without doing anything at a port
   */
  public Conductor(long hangSeconds) {
    this.hangNanos = TimeUnit.SECONDS.toNanos(hangSeconds);
  }

  /** What runs before and after each turn of a model, on the same thread. */
  void aroundDevice(Runnable before, Runnable after) {
    beforeDevice = before;
    afterDevice = after;
  }

  /** The clock, without moving it. */
  public long now() {
    return nowNanos.get();
  }

  @Override
  public EventLoop next() {
    return loops;
  }

  /** Where a model works. */
  EventLoop deviceLoop() {
    return device;
  }

  /** For what the kit itself does at a time of its own. */
  public EventLoop kitLoop() {
    return loops;
  }

  /** Something happened at a port. */
  void progressed() {
    awaitTurn();
    progress.incrementAndGet();
    looks = 0;
  }

  /** The driver looks at the clock. */
  long look() {
    if (deviceTurn.isHeldByCurrentThread()) {
      return nowNanos.get();
    }
    boolean hasNews = runDevice();
    allLooks.incrementAndGet();
    long count = looks + 1;
    looks = count;
    if (count <= PATIENT_LOOKS) {
      waitsSinceNanos = nowNanos.get();
    }
    boolean waits = count > PATIENT_LOOKS && !hasNews && !othersWorked();
    return nowNanos.addAndGet(waits ? leapNanos() : LOOK_NANOS);
  }

  /** What it waits for may be a task of an event loop. */
  private boolean othersWorked() {
    return caller.isCurrent()
        && (loops.isDue() || caller.hasLeftTask())
        && caller.yieldToWaiter(() -> inTask != null);
  }

  private long leapNanos() {
    long now = nowNanos.get();
    long leap = Math.clamp((now - waitsSinceNanos) / LEAP_DIVISOR, LOOK_NANOS, MAX_LOOK_NANOS);
    long next = Math.min(loops.nextDeadlineNanos(), device.nextDeadlineNanos());
    return next > now ? Math.min(leap, next - now) : leap;
  }

  /** A task that the call has left alone goes on only while the call rests. */
  private void awaitTurn() {
    int waiting = 0;
    while (inTask != null
        && caller.hasLeftTask()
        && caller.isWaiter()
        && !caller.isIdle()
        && !caller.isYielding()
        && waiting < WAITING_PAUSES) {
      LockSupport.parkNanos(PAUSE_NANOS);
      Thread.State state = caller.thread().getState();
      boolean rests = state == Thread.State.WAITING || state == Thread.State.BLOCKED;
      waiting = caller.isAwake() && rests ? waiting + 1 : 0;
    }
  }

  /** Lets the model do what it has to do; whether there was anything. */
  boolean runDevice() {
    if (deviceTurn.isHeldByCurrentThread()) {
      return false;
    }
    awaitTurn();
    if (!device.isDue()) {
      return false;
    }
    deviceTurn.lock();
    beforeDevice.run();
    try {
      for (int i = 0; i < MAX_TASKS; i++) {
        Runnable task = device.poll();
        if (task == null) {
          return true;
        }
        task.run();
      }
      throw new IllegalStateException("the model does not come to rest");
    } finally {
      afterDevice.run();
      deviceTurn.unlock();
    }
  }

  /** Asks a model for something that it does on its loop and that is waited for. */
  boolean alongside(Callable<Boolean> what) {
    FutureTask<Boolean> task = new FutureTask<>(what);
    Thread.ofVirtual().start(task);
    while (!task.isDone()) {
      runDevice();
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /**
   * Calls the driver, and lets the others work while it waits.
   *
   * @param what for messages
   * @return what the call returns
   * @throws Exception what the call throws
   */
  public <T extends @Nullable Object> T call(String what, Callable<T> body) throws Exception {
    FutureTask<T> task = new FutureTask<>(body);
    looks = 0;
    caller.start(task);
    awaitIdle(what);
    try {
      return task.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case Exception thrown -> throw thrown;
        case Error thrown -> throw thrown;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  private void awaitIdle(String what) {
    for (int i = 0; i < SPINS; i++) {
      if (caller.isIdle()) {
        return;
      }
      Thread.onSpinWait();
    }
    long seen = progress.get();
    long sinceNanos = System.nanoTime();
    long leapNanos = sinceNanos;
    int waiting = 0;
    long looked = allLooks.get();
    while (!caller.isIdle()) {
      boolean progressed = progress.get() != seen;
      if (progressed) {
        seen = progress.get();
        sinceNanos = System.nanoTime();
      } else if (System.nanoTime() - sinceNanos > hangNanos) {
        throw new DriverHangsException(
            what, TimeUnit.NANOSECONDS.toSeconds(hangNanos), caller.thread().getStackTrace());
      }
      if (caller.isYielding()) {
        runLoops();
        caller.resume();
        continue;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
      boolean quiet = !progressed && progress.get() == seen && allLooks.get() == looked;
      looked = allLooks.get();
      Thread.State state = caller.thread().getState();
      waiting = quiet && caller.isAwake() && isWaiting(state) ? waiting + 1 : 0;
      boolean timed = state == Thread.State.TIMED_WAITING;
      long wallNanos = System.nanoTime();
      if (waiting >= (timed ? TIMED_PAUSES : WAITING_PAUSES)) {
        if (runLoops()) {
          waiting = 0;
        } else if (waiting >= PATIENT_PAUSES) {
          waiting = 0;
          leapNanos = wallNanos;
          jumpToNextTimer();
        }
      }
      if (wallNanos - leapNanos >= WALL_NANOS && caller.isAwake() && isWaiting(state)) {
        // Who wakes up again and again by a clock of its own, to ring a doorbell, is never quiet.
        goWithTheWall(wallNanos - leapNanos);
        leapNanos = wallNanos;
      }
    }
  }

  private static boolean isWaiting(Thread.State state) {
    return switch (state) {
      case WAITING, TIMED_WAITING, BLOCKED -> true;
      default -> false;
    };
  }

  private void jumpToNextTimer() {
    long next = nextDeadlineNanos();
    if (next != Long.MAX_VALUE) {
      forwardTo(next);
    }
  }

  private void goWithTheWall(long nanos) {
    forwardTo(Math.min(nowNanos.get() + nanos, nextDeadlineNanos()));
    runLoops();
  }

  private long nextDeadlineNanos() {
    return Math.min(loops.nextDeadlineNanos(), device.nextDeadlineNanos());
  }

  private void forwardTo(long nanos) {
    nowNanos.accumulateAndGet(nanos, Math::max);
  }

  /** Runs all that is due; whether there was anything. */
  boolean runLoops() {
    boolean any = false;
    for (int i = 0; i < MAX_TASKS; i++) {
      if (device.isDue()) {
        runDevice();
        any = true;
      }
      Runnable task = loops.poll();
      if (task == null) {
        if (!device.isDue()) {
          return any;
        }
        continue;
      }
      any = true;
      guarded(task);
    }
    throw new DriverHangsException("an event loop", 0, Thread.currentThread().getStackTrace());
  }

  private void guarded(Runnable task) {
    taskSinceNanos = System.nanoTime();
    inTask = "a task of an event loop";
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      synchronized (taskFailures) {
        taskFailures.add(e);
      }
    } finally {
      inTask = null;
    }
  }

  /** What tasks have thrown so far. */
  public List<Throwable> taskFailures() {
    synchronized (taskFailures) {
      return List.copyOf(taskFailures);
    }
  }

  /** For a watchdog: since when a task of an event loop has been running; 0 when none is. */
  public long taskSinceNanos() {
    return inTask == null ? 0 : taskSinceNanos;
  }

  /** Runs all that is due now or within {@code nanos}; the clock goes no further than needed. */
  public void settle(long nanos) {
    long end = nowNanos.get() + nanos;
    for (int i = 0; i < MAX_TASKS; i++) {
      runLoops();
      long next = nextDeadlineNanos();
      if (next > end) {
        return;
      }
      forwardTo(next);
    }
    throw new DriverHangsException("an event loop", 0, Thread.currentThread().getStackTrace());
  }

  /** Lets {@code nanos} pass. */
  public void pass(long nanos) {
    long end = nowNanos.get() + nanos;
    settle(nanos);
    forwardTo(end);
    runLoops();
  }

  /** Timers that are set. */
  public int timerCount() {
    return loops.timerCount();
  }

  /** The thread on which the driver is called. */
  public Thread callThread() {
    return caller.thread();
  }

  @Override
  public void close() {
    caller.close();
  }
}
