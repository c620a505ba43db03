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
import org.jspecify.annotations.Nullable;

/**
 * Says who works, and what time it is. One at a time: the driver in a call of the kit, a task of an
 * event loop, or a model. So the same inputs give the same trace. The driver's call runs on a
 * thread of its own; while it waits for something, the tasks of the event loops run. A model runs
 * when the driver looks at the clock or at a register, and whenever the kit has the baton.
 *
 * <p>The clock stands still while somebody works, except that it advances a little each time that
 * the driver looks at it, and more the longer it looks without doing anything else: so a wait for a
 * silent device is over after some thousand looks.
 */
public final class Conductor implements EventLoops, AutoCloseable {
  /** Any number but 0, so that a driver which takes a time for a duration is noticed. */
  private static final long START_NANOS = 7_000_000_000_000L;

  private static final long LOOK_NANOS = 100;
  private static final long MAX_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int PATIENT_LOOKS = 1024;
  private static final int LOOKS_PER_DOUBLING = 128;
  private static final int MAX_DOUBLINGS = 20;
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

  private final CallThread caller = new CallThread();
  private final TaskQueue loops = new TaskQueue(this::now);
  private final TaskQueue device = new TaskQueue(this::now);
  private final List<Throwable> taskFailures = new ArrayList<>();
  private final long hangNanos;
  private final AtomicLong nowNanos = new AtomicLong(START_NANOS);
  private final AtomicLong progress = new AtomicLong();
  private final AtomicLong allLooks = new AtomicLong();
  private long looks;
  private boolean deviceRuns;
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
    progress.incrementAndGet();
    looks = 0;
  }

  /** The driver looks at the clock. */
  long look() {
    if (deviceRuns) {
      return nowNanos.get();
    }
    runDevice();
    allLooks.incrementAndGet();
    long count = ++looks;
    long idle = Math.max(0, count - PATIENT_LOOKS) / LOOKS_PER_DOUBLING;
    nowNanos.addAndGet(Math.min(MAX_LOOK_NANOS, LOOK_NANOS << Math.min(idle, MAX_DOUBLINGS)));
    if (count % PATIENT_LOOKS == 0 && caller.isCurrent()) {
      // It may wait for what an interrupt handler does.
      caller.yieldToWaiter();
    }
    return nowNanos.get();
  }

  /** Lets the model do what it has to do. */
  void runDevice() {
    if (deviceRuns || !device.isDue()) {
      return;
    }
    deviceRuns = true;
    beforeDevice.run();
    try {
      for (int i = 0; i < MAX_TASKS; i++) {
        Runnable task = device.poll();
        if (task == null) {
          return;
        }
        task.run();
      }
      throw new IllegalStateException("the model does not come to rest");
    } finally {
      afterDevice.run();
      deviceRuns = false;
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
    int waiting = 0;
    long looked = allLooks.get();
    while (!caller.isIdle()) {
      if (caller.isYielding()) {
        runLoops();
        caller.resume();
        continue;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
      if (progress.get() != seen) {
        seen = progress.get();
        sinceNanos = System.nanoTime();
      }
      boolean quiet = progress.get() == seen && allLooks.get() == looked;
      looked = allLooks.get();
      Thread.State state = caller.thread().getState();
      waiting = quiet && caller.isAwake() && isWaiting(state) ? waiting + 1 : 0;
      boolean timed = state == Thread.State.TIMED_WAITING;
      if (waiting >= (timed ? TIMED_PAUSES : WAITING_PAUSES)) {
        if (runLoops()) {
          waiting = 0;
        } else if (waiting >= PATIENT_PAUSES) {
          waiting = 0;
          jumpToNextTimer();
        }
      }
      if (System.nanoTime() - sinceNanos > hangNanos) {
        throw new DriverHangsException(
            what, TimeUnit.NANOSECONDS.toSeconds(hangNanos), caller.thread().getStackTrace());
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
    long next = Math.min(loops.nextDeadlineNanos(), device.nextDeadlineNanos());
    if (next != Long.MAX_VALUE) {
      forwardTo(next);
    }
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
      long next = Math.min(loops.nextDeadlineNanos(), device.nextDeadlineNanos());
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
