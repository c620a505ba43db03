package dev.offramp.models.chelsio;

import dev.offramp.models.DmaSpace;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A modelled adapter and the host's memory, as a script sees them. */
class Board {
  private static final int PAGE = 4096;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ChelsioChip chip;
  private final ChelsioModel model;
  private final DmaSpace memory;
  private final Runnable settle;
  private final List<DmaSlab> slabs = new ArrayList<>();
  private int rounds = Integer.MAX_VALUE;

  /**
   * An adapter.
   *
   * @param settle returns when what was written to the adapter before has been carried out
   */
  Board(ChelsioChip chip, ChelsioModel model, DmaSpace memory, Runnable settle) {
    this.chip = chip;
    this.model = model;
    this.memory = memory;
    this.settle = settle;
  }

  final ChelsioChip chip() {
    return chip;
  }

  final ChelsioModel model() {
    return model;
  }

  /** Memory for both, until {@link #freeMemory}. */
  final DmaSlab allocate(long bytes) {
    DmaSlab slab = memory.allocate(bytes, PAGE);
    slabs.add(slab);
    return slab;
  }

  /** The host is gone: the last thing to do. */
  final void freeMemory() {
    slabs.forEach(DmaSlab::close);
  }

  /**
   * From now on what has not come about when the model has settled so many times never does: for
   * adapters that are made to fail.
   */
  final void giveUpAfter(int rounds) {
    this.rounds = rounds;
  }

  /** Waits for something that the model brings about. */
  final void await(String what, BooleanSupplier condition) {
    awaitValue(what, () -> condition.getAsBoolean() ? true : null);
  }

  /** The same, for a value. */
  final <T> T awaitValue(String what, Supplier<@Nullable T> condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    int round = 0;
    for (T value = condition.get(); ; value = condition.get()) {
      if (value != null) {
        return value;
      }
      if (++round > rounds || System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            "no %s after %d rounds; violations %s".formatted(what, round, model.violations()));
      }
      settle();
    }
  }

  /** When this returns, what was written to the adapter before has been carried out. */
  final void settle() {
    settle.run();
  }

  final void write32(int bar, long offset, int value) {
    model.write32(bar, offset, value);
  }

  /** A burst of 64 bytes. */
  final void write512(long offset, byte[] bytes) {
    MemorySegment copy = MemorySegment.ofArray(new byte[64]);
    MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
    model.write512(2, offset, copy);
  }
}
