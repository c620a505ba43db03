package dev.offramp.provider.chelsio.adapter;

import dev.offramp.spi.RnicException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An answer of the adapter that somebody waits for. Completed once, by the thread that drains the
 * event queue or by whoever finds that the adapter has failed. Safe for several threads.
 */
public final class Reply {
  private final String what;
  private final Object key;
  private volatile @Nullable Outcome outcome;
  private @Nullable Runnable listener;

  /** What came: a status and, for some kinds, a value; or why nothing will come. */
  private record Outcome(
      int status, long value, MemorySegment bytes, @Nullable RnicException failure) {}

  /**
   * Nothing yet.
   *
   * @param what is waited for, for messages
   */
  Reply(String what, Object key) {
    this.what = what;
    this.key = key;
  }

  String what() {
    return what;
  }

  Object key() {
    return key;
  }

  void complete(int status, long value, MemorySegment bytes) {
    finish(new Outcome(status, value, bytes, null));
  }

  void fail(RnicException failure) {
    finish(new Outcome(0, 0, MemorySegment.NULL, failure));
  }

  private void finish(Outcome found) {
    Runnable told;
    synchronized (this) {
      if (outcome != null) {
        return;
      }
      outcome = found;
      told = listener;
      listener = null;
    }
    if (told != null) {
      told.run();
    }
  }

  /** Has {@code task} run when the outcome is known, on the thread that finds out. Once. */
  public void onDone(Runnable task) {
    synchronized (this) {
      if (outcome == null) {
        listener = task;
        return;
      }
    }
    task.run();
  }

  /** Whether the outcome is known. */
  public boolean isDone() {
    return outcome != null;
  }

  /** Why nothing came; null when something did. Only when {@link #isDone}. */
  public @Nullable RnicException failure() {
    return known().failure();
  }

  /** The status that came: {@code FW_E*} or {@code CPL_ERR_*}. */
  public int status() {
    return known().status();
  }

  /** The value that came with it. */
  public long value() {
    return known().value();
  }

  /** The bytes that came with it: a copy. */
  public MemorySegment bytes() {
    return known().bytes();
  }

  private Outcome known() {
    return Objects.requireNonNull(outcome, what);
  }
}
