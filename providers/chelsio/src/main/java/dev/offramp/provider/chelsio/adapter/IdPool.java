package dev.offramp.provider.chelsio.adapter;

import java.util.BitSet;
import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;

/** Numbers to be handed out and taken back. Safe for several threads. */
public final class IdPool {
  private final int first;
  private final int count;
  private final IntUnaryOperator start;
  private final BitSet used = new BitSet();
  private int inUse;

  private IdPool(int first, int count, IntUnaryOperator start) {
    this.first = first;
    this.count = count;
    this.start = start;
  }

  /** Numbers from {@code first} on; each search begins after the one that was found last. */
  public static IdPool rotating(int first, int count) {
    int[] next = {0};
    return new IdPool(first, count, bound -> next[0]++ % bound);
  }

  /**
   * Numbers from {@code first} on, of which the next cannot be guessed.
   *
   * @param start gives a number below its argument
   */
  public static IdPool random(int first, int count, IntUnaryOperator start) {
    return new IdPool(first, count, start);
  }

  /** A number that nobody has; empty when there is none. */
  public synchronized OptionalInt take() {
    if (inUse == count) {
      return OptionalInt.empty();
    }
    int from = start.applyAsInt(count);
    int free = used.nextClearBit(from);
    if (free >= count) {
      free = used.nextClearBit(0);
    }
    used.set(free);
    inUse++;
    return OptionalInt.of(first + free);
  }

  /** Whether a number is one of these, free or not. */
  public boolean has(int id) {
    return id >= first && id - first < count;
  }

  /**
   * Takes a certain one of these numbers.
   *
   * @return whether nobody had it
   */
  public synchronized boolean take(int id) {
    if (!has(id) || used.get(id - first)) {
      return false;
    }
    used.set(id - first);
    inUse++;
    return true;
  }

  /** The first and the last of these numbers. */
  public String range() {
    return first + ".." + (first + count - 1);
  }

  /** Takes a number back. */
  public synchronized void giveBack(int id) {
    if (!used.get(id - first)) {
      throw new IllegalStateException("number [%d] is not in use".formatted(id));
    }
    used.clear(id - first);
    inUse--;
  }

  /** How many are out. */
  public synchronized int inUse() {
    return inUse;
  }
}
