package dev.offramp.models.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.models.DmaSpace;
import dev.offramp.models.Faults;
import dev.offramp.models.ModelClock;
import dev.offramp.models.ModelLoop;
import dev.offramp.models.ModelPlatform;
import dev.offramp.models.SimulatedLink;

/** A modelled adapter with a cable, on a thread that it shares with the other end. */
final class Rig extends Board implements AutoCloseable {
  private static final long MEMORY_BYTES = 64 << 20;

  private final ModelClock clock;
  private final ModelLoop loop;
  private final SimulatedLink link;
  private final InterruptCounter interrupts;

  Rig(ChelsioChip chip) {
    this(chip, Faults.NONE);
  }

  Rig(ChelsioChip chip, Faults faults) {
    this(chip, faults, new ModelClock());
  }

  private Rig(ChelsioChip chip, Faults faults, ModelClock clock) {
    this(chip, faults, clock, new ModelLoop("adapter and peer", clock));
  }

  private Rig(ChelsioChip chip, Faults faults, ModelClock clock, ModelLoop loop) {
    this(
        chip,
        faults,
        clock,
        loop,
        new SimulatedLink(loop, clock),
        new DmaSpace(MEMORY_BYTES),
        new InterruptCounter());
  }

  private Rig(
      ChelsioChip chip,
      Faults faults,
      ModelClock clock,
      ModelLoop loop,
      SimulatedLink link,
      DmaSpace memory,
      InterruptCounter interrupts) {
    super(
        chip,
        new ChelsioModel(
            chip,
            ChelsioOptions.defaults(),
            new ModelPlatform(memory, interrupts, loop, link, clock, faults)),
        memory,
        () -> loop.run(() -> {}));
    this.clock = clock;
    this.loop = loop;
    this.link = link;
    this.interrupts = interrupts;
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

  InterruptCounter interrupts() {
    return interrupts;
  }

  @Override
  public void close() {
    model().close();
    settle();
    assertThat(loop.failures()).isEmpty();
    loop.close();
    freeMemory();
  }
}
