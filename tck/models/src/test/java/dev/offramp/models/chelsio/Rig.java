package dev.offramp.models.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.models.DmaSpace;
import dev.offramp.models.Faults;
import dev.offramp.models.ModelClock;
import dev.offramp.models.ModelLoop;
import dev.offramp.models.ModelPlatform;
import dev.offramp.models.SimulatedLink;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A modelled adapter and its surroundings: memory, a cable, one thread for both ends. */
final class Rig implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int WITHOUT_END = Integer.MAX_VALUE;

  private final ModelClock clock = new ModelClock();
  private final ModelLoop loop = new ModelLoop("adapter and peer", clock);
  private final SimulatedLink link = new SimulatedLink(loop, clock);
  private final DmaSpace memory = new DmaSpace(64 << 20);
  private final InterruptCounter interrupts = new InterruptCounter();
  private final ChelsioChip chip;
  private final ChelsioModel model;
  private int rounds = WITHOUT_END;

  Rig(ChelsioChip chip) {
    this(chip, Faults.NONE);
  }

  Rig(ChelsioChip chip, Faults faults) {
    this.chip = chip;
    this.model =
        new ChelsioModel(
            chip,
            ChelsioOptions.defaults(),
            new ModelPlatform(memory, interrupts, loop, link, clock, faults));
  }

  ChelsioChip chip() {
    return chip;
  }

  ChelsioModel model() {
    return model;
  }

  ModelLoop loop() {
    return loop;
  }

  ModelClock clock() {
    return clock;
  }

  SimulatedLink link() {
    return link;
  }

  DmaSpace memory() {
    return memory;
  }

  InterruptCounter interrupts() {
    return interrupts;
  }

  /**
   * From now on what has not come about when the loop has gone round so many times never does: for
   * adapters that are made to fail.
   */
  void giveUpAfter(int rounds) {
    this.rounds = rounds;
  }

  /** Waits for something that the loop brings about. */
  void await(String what, BooleanSupplier condition) {
    awaitValue(what, () -> condition.getAsBoolean() ? true : null);
  }

  /** The same, for a value. */
  <T> T awaitValue(String what, Supplier<@Nullable T> condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    int round = 0;
    for (T value = condition.get(); ; value = condition.get()) {
      if (value != null) {
        return value;
      }
      if (++round > rounds || System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            "no %s after %s; violations %s, failures %s"
                .formatted(what, PATIENCE, model.violations(), loop.failures()));
      }
      settle();
    }
  }

  /** When this returns, what was written to the adapter before has been carried out. */
  void settle() {
    loop.run(() -> {});
  }

  void write32(int bar, long offset, int value) {
    model.write32(bar, offset, value);
  }

  /** A burst of 64 bytes. */
  void write512(long offset, byte[] bytes) {
    MemorySegment copy = MemorySegment.ofArray(new byte[64]);
    MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
    model.write512(2, offset, copy);
  }

  @Override
  public void close() {
    model.close();
    settle();
    assertThat(loop.failures()).isEmpty();
    loop.close();
  }
}
