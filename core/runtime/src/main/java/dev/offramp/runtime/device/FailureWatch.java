package dev.offramp.runtime.device;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where whoever provides a device says that it fails, and those that use it hear of it. Safe for
 * any thread.
 */
public final class FailureWatch {
  private final List<Consumer<String>> watchers = new CopyOnWriteArrayList<>();
  private volatile @Nullable String failed;

  /** Nothing fails yet. */
  public FailureWatch() {}

  /**
   * Adds one who wants to know.
   *
   * @param watcher is given the reason; returns at once
   * @return ends that
   */
  public Runnable watch(Consumer<String> watcher) {
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }

  /** Why it fails; empty while it does not. */
  public Optional<String> reason() {
    return Optional.ofNullable(failed);
  }

  /** Tells all. It cannot be opened any more. */
  public void failing(String reason) {
    failed = reason;
    watchers.forEach(watcher -> watcher.accept(reason));
  }
}
