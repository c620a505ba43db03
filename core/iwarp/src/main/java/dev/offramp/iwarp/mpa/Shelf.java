package dev.offramp.iwarp.mpa;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Buffers of one kind that are lent to nobody; the one given back last is lent first. */
final class Shelf<T extends Shelf.Kept> {
  private final ArrayDeque<T> kept = new ArrayDeque<>();
  private long bytes;

  /** Something that can lie on a shelf. */
  interface Kept {
    /** Its size, which does not change while it lies there. */
    int bytes();
  }

  long bytes() {
    return bytes;
  }

  @Nullable T take() {
    T taken = kept.poll();
    if (taken != null) {
      bytes -= taken.bytes();
    }
    return taken;
  }

  void put(T item) {
    kept.push(item);
    bytes += item.bytes();
  }

  /** Leaves the one that has lain longest to the garbage collector; returns its size. */
  int dropColdest() {
    int dropped = kept.removeLast().bytes();
    bytes -= dropped;
    return dropped;
  }
}
