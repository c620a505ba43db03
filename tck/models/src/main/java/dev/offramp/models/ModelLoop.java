package dev.offramp.models;

import dev.offramp.spi.port.EventLoop;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * One thread with tasks and timers, for models and tests that need no selector. What a task throws
 * is kept ({@link #failures}) and stops no other task.
 */
public final class ModelLoop implements EventLoop, AutoCloseable {
  /** A clock that can be put forward has to be looked at now and then. */
  private static final long MAX_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private static final long JOIN_MILLIS = TimeUnit.SECONDS.toMillis(60);

  private final LongSupplier clock;
  private final boolean canJump;
  private final Thread thread;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final PriorityQueue<DeadlineTask> timers = new PriorityQueue<>();
  private final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
  private volatile boolean sleeping;
  private volatile boolean closed;

  /** A loop by {@link System#nanoTime}, running. */
  public ModelLoop(String name) {
    this(name, System::nanoTime, false);
  }

  /** A loop by a clock that can be put forward, running. */
  public ModelLoop(String name, LongSupplier clock) {
    this(name, clock, true);
  }

  private ModelLoop(String name, LongSupplier clock, boolean canJump) {
    this.clock = clock;
    this.canJump = canJump;
    this.thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::run);
    thread.start();
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    wakeup();
  }

  @Override
  public Timer schedule(long deadlineNanos, Runnable task) {
    DeadlineTask timer = new DeadlineTask(deadlineNanos, task);
    if (isLoopThread()) {
      timers.add(timer);
    } else {
      execute(() -> timers.add(timer));
    }
    return timer;
  }

  /** Whether the caller is the loop's thread. */
  public boolean isLoopThread() {
    return Thread.currentThread() == thread;
  }

  /**
   * Runs {@code code} on the loop, and waits for it.
   *
   * @return what it returns
   * @throws IllegalStateException with what it threw as the cause, or when the loop is closed or
   *     the caller is interrupted
   */
  public <T> T call(Callable<T> code) {
    if (isLoopThread()) {
      throw new IllegalStateException("the loop cannot wait for itself");
    }
    FutureTask<T> task = new FutureTask<>(code);
    execute(task);
    if (closed) {
      task.cancel(false);
    }
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a task on the loop " + thread.getName(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (java.util.concurrent.CancellationException e) {
      throw new IllegalStateException("the loop " + thread.getName() + " is closed", e);
    }
  }

  /** Runs {@code code} on the loop, and waits for it. */
  public void run(Runnable code) {
    call(() -> {
      code.run();
      return true;
    });
  }

  /** What tasks have thrown so far. A test asserts that there is nothing. */
  public List<Throwable> failures() {
    return List.copyOf(failures);
  }

  /** Ends the thread after what is queued now, and waits for it. Idempotent. */
  @Override
  public void close() {
    closed = true;
    wakeup();
    if (!isLoopThread()) {
      try {
        thread.join(JOIN_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (thread.isAlive()) {
        throw new IllegalStateException("the loop " + thread.getName() + " does not end");
      }
    }
  }

  private void wakeup() {
    if (sleeping) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    while (!closed) {
      runTasks();
      runTimers();
      await();
    }
    runTasks();
  }

  private void runTasks() {
    // Only those that wait now: one that queues itself again must let the timers through.
    for (int left = tasks.size(); left > 0; left--) {
      Runnable task = tasks.poll();
      if (task != null) {
        guarded(task);
      }
    }
  }

  private void runTimers() {
    long now = clock.getAsLong();
    for (DeadlineTask next = timers.peek();
        next != null && (next.cancelled || next.deadlineNanos - now <= 0);
        next = timers.peek()) {
      timers.poll();
      if (!next.cancelled) {
        guarded(next.task);
      }
    }
  }

  private void await() {
    sleeping = true;
    DeadlineTask next = timers.peek();
    if (tasks.isEmpty() && !closed) {
      if (next == null) {
        LockSupport.park(this);
      } else {
        long left = next.deadlineNanos - clock.getAsLong();
        LockSupport.parkNanos(this, canJump ? Math.min(MAX_WAIT_NANOS, left) : left);
      }
    }
    sleeping = false;
  }

  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      failures.add(e);
    }
  }

  private static final class DeadlineTask implements Timer, Comparable<DeadlineTask> {
    private final long deadlineNanos;
    private final Runnable task;
    private volatile boolean cancelled;

    DeadlineTask(long deadlineNanos, Runnable task) {
      this.deadlineNanos = deadlineNanos;
      this.task = task;
    }

    @Override
    public void cancel() {
      cancelled = true;
    }

    @Override
    @SuppressWarnings(
        "ComparableType") // a difference of nanoTime values may not be compared directly
    public int compareTo(DeadlineTask other) {
      return Long.signum(deadlineNanos - other.deadlineNanos);
    }
  }
}
