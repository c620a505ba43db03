package dev.offramp.runtime.loop;

import dev.offramp.spi.port.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One selector and one thread. Besides it only {@link ChannelWaiters} let a thread wait in the
 * kernel. What a handler or task throws is logged and stops nobody else; a selector that keeps
 * failing ends the loop, and closes its channels.
 */
final class NioEventLoop implements EventLoop, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(NioEventLoop.class.getName());

  /** A selector that fails so often in a row does not come back. */
  private static final int MAX_FAILURES = 100;

  private static final long MAX_WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** What is attached to a selection key. */
  @FunctionalInterface
  interface KeyHandler {
    void selected(SelectionKey key);
  }

  private final Selector selector;
  private final Thread thread;
  private final ChannelWaiters waiters;
  private final List<SelectionKey> ready = new ArrayList<>();
  private final Consumer<SelectionKey> collect = ready::add;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final PriorityQueue<DeadlineTask> timers = new PriorityQueue<>();
  private volatile boolean closed;

  NioEventLoop(String name, ChannelWaiters waiters) {
    this.waiters = waiters;
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make an event loop", e);
    }
    thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Registers a channel with no interest yet. To be called on the loop's own thread. */
  SelectionKey register(SelectableChannel channel, KeyHandler handler)
      throws ClosedChannelException {
    return channel.register(selector, 0, handler);
  }

  /**
   * Takes a channel out of the selector at once, as a departure needs it. To be called on the
   * loop's own thread; others whose time comes meanwhile get their turn as soon as the caller is
   * through.
   */
  void deregister(SelectionKey key) throws IOException {
    key.cancel();
    selector.selectNow(ready -> execute(() -> dispatchIfValid(ready)));
  }

  private static void dispatchIfValid(SelectionKey key) {
    if (key.isValid()) {
      dispatch(key);
    }
  }

  boolean isLoopThread() {
    return Thread.currentThread() == thread;
  }

  /** What threads can wait with that do not want to wait for this one. */
  ChannelWaiters waiters() {
    return waiters;
  }

  /** Makes the loop look again; needed after another thread changed a key's interest. */
  void wakeup() {
    selector.wakeup();
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (!isLoopThread()) {
      selector.wakeup();
    }
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

  @Override
  public Timer schedule(Timer ran, long deadlineNanos, Runnable task) {
    if (ran instanceof DeadlineTask used && used.hasRun && isLoopThread()) {
      used.deadlineNanos = deadlineNanos;
      used.task = task;
      used.hasRun = false;
      used.cancelled = false;
      timers.add(used);
      return used;
    }
    return schedule(deadlineNanos, task);
  }

  @Override
  public void close() {
    closed = true;
    selector.wakeup();
  }

  private void run() {
    int failures = 0;
    while (!closed) {
      try {
        select();
        failures = 0;
      } catch (IOException | RuntimeException | Error e) {
        LOG.log(System.Logger.Level.ERROR, "the event loop " + thread.getName() + " failed", e);
        if (++failures == MAX_FAILURES) {
          break;
        }
      }
      runTasks();
      runTimers();
    }
    finish();
  }

  /** Nobody may wait for ever for a loop that is no more: its channels are closed, loudly. */
  private void finish() {
    boolean failed = !closed;
    try {
      if (failed) {
        LOG.log(System.Logger.Level.ERROR, "the event loop {0} gives up", thread.getName());
        for (SelectionKey key : List.copyOf(selector.keys())) {
          key.channel().close();
          dispatch(key);
        }
      }
      selector.close();
    } catch (IOException | RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "closing the event loop " + thread.getName(), e);
    }
  }

  private void select() throws IOException {
    if (tasks.isEmpty()) {
      selector.select(collect, waitMillis());
    } else {
      selector.selectNow(collect);
    }
    // After the selection: within it a handler could take no channel out of the selector.
    for (int i = 0; i < ready.size(); i++) {
      dispatchIfValid(ready.get(i));
    }
    ready.clear();
  }

  private static void dispatch(SelectionKey key) {
    try {
      ((KeyHandler) key.attachment()).selected(key);
    } catch (RuntimeException | Error e) {
      // One connection's error must not stop the others that share this loop.
      LOG.log(System.Logger.Level.ERROR, "a stream handler threw", e);
      key.cancel();
    }
  }

  /** Only those that wait now: a task that queues itself again must let the others through. */
  private void runTasks() {
    for (int left = tasks.size(); left > 0; left--) {
      Runnable task = tasks.poll();
      if (task == null) {
        return;
      }
      guarded(task);
    }
  }

  private void runTimers() {
    long now = System.nanoTime();
    for (DeadlineTask next = timers.peek();
        next != null && (next.cancelled || next.deadlineNanos - now <= 0);
        next = timers.peek()) {
      timers.poll();
      next.hasRun = true;
      if (!next.cancelled) {
        guarded(next.task);
      }
    }
  }

  /** At least 1, because 0 would mean "for ever" to the selector. */
  private long waitMillis() {
    DeadlineTask next = timers.peek();
    long nanos =
        next == null
            ? MAX_WAIT_NANOS
            : Math.min(MAX_WAIT_NANOS, next.deadlineNanos - System.nanoTime());
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  private static void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      // As above: an Error, too, belongs to one connection until shown otherwise.
      LOG.log(System.Logger.Level.ERROR, "a task threw", e);
    }
  }

  private static final class DeadlineTask implements Timer, Comparable<DeadlineTask> {
    /** These two are changed by the loop's thread only, and only while it is not on the list. */
    private long deadlineNanos;

    private Runnable task;

    /** For the loop's thread. */
    private boolean hasRun;

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
