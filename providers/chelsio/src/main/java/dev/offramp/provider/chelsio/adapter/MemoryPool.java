package dev.offramp.provider.chelsio.adapter;

import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Memory of the adapter to be handed out and taken back, in pieces aligned to a unit; first fit.
 * Safe for several threads.
 */
public final class MemoryPool {
  private final int unitBytes;
  private final TreeMap<Integer, Integer> free = new TreeMap<>();
  private final Map<Integer, Integer> taken = new TreeMap<>();

  /**
   * All of a range.
   *
   * @param unitBytes a power of two; pieces are multiples of it
   */
  MemoryPool(Range range, int unitBytes) {
    this.unitBytes = unitBytes;
    int start = (range.start() + unitBytes - 1) & -unitBytes;
    int size = (int) (range.end() + 1L - start) & -unitBytes;
    if (size > 0) {
      free.put(start, size);
    }
  }

  /** The address of so much memory; empty when there is not enough in one piece. */
  public synchronized OptionalInt take(int sizeBytes) {
    int wanted = Math.max(unitBytes, (sizeBytes + unitBytes - 1) & -unitBytes);
    Map.Entry<Integer, Integer> piece = firstFit(wanted);
    if (piece == null) {
      return OptionalInt.empty();
    }
    int at = piece.getKey();
    int left = piece.getValue() - wanted;
    free.remove(at);
    if (left > 0) {
      free.put(at + wanted, left);
    }
    taken.put(at, wanted);
    return OptionalInt.of(at);
  }

  private Map.@Nullable Entry<Integer, Integer> firstFit(int wanted) {
    for (Map.Entry<Integer, Integer> piece : free.entrySet()) {
      if (piece.getValue() >= wanted) {
        return piece;
      }
    }
    return null;
  }

  /** Takes memory back, by its address. */
  public synchronized void giveBack(int address) {
    Integer size = taken.remove(address);
    if (size == null) {
      throw new IllegalStateException("adapter memory [%#x] is not in use".formatted(address));
    }
    int start = address;
    int end = address + size;
    Map.Entry<Integer, Integer> before = free.lowerEntry(start);
    if (before != null && before.getKey() + before.getValue() == start) {
      start = before.getKey();
    }
    Integer after = free.remove(end);
    if (after != null) {
      end += after;
    }
    free.put(start, end - start);
  }

  /** How many pieces are out. */
  public synchronized int inUse() {
    return taken.size();
  }
}
