package dev.offramp.runtime;

import dev.offramp.runtime.move.MovableConnection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The connections that an application has. One that it forgets without closing it goes once its
 * stream has ended. Safe for use by several threads.
 */
final class OpenConnections {
  private static final int FIRST_LOOK = 64;

  private final Set<MovableConnection> open = ConcurrentHashMap.newKeySet();
  private final Consumer<MovableConnection> onGone;
  private final AtomicInteger nextLook = new AtomicInteger(FIRST_LOOK);

  /**
   * None yet.
   *
   * @param onGone told of each that the application needs no more; more than once, maybe
   */
  OpenConnections(Consumer<MovableConnection> onGone) {
    this.onGone = onGone;
  }

  /** Adds one, and looks now and then for those that have ended. */
  void add(MovableConnection connection) {
    open.add(connection);
    int limit = nextLook.get();
    if (open.size() > limit && nextLook.compareAndSet(limit, Integer.MAX_VALUE)) {
      open.stream().filter(known -> known.end().isPresent()).forEach(this::remove);
      nextLook.set(Math.max(FIRST_LOOK, 2 * open.size()));
    }
  }

  void remove(MovableConnection connection) {
    open.remove(connection);
    onGone.accept(connection);
  }

  boolean contains(MovableConnection connection) {
    return open.contains(connection);
  }

  /** Those whose stream lives, at the RNIC with this name. */
  List<MovableConnection> at(String rnic) {
    return open.stream()
        .filter(known -> known.owner().name().equals(rnic) && known.end().isEmpty())
        .toList();
  }
}
