package dev.offramp.models.chelsio;

import dev.offramp.models.DmaSpace;
import dev.offramp.models.Faults;
import dev.offramp.models.Link;
import dev.offramp.models.ModelPlatform;
import dev.offramp.spi.port.DmaSlab;
import dev.offramp.spi.port.EventLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The inside of a chip on the test's own thread, without a link. */
final class Bench {
  private final DmaSpace memory = new DmaSpace(64 << 20);
  private final List<Integer> interrupts = new ArrayList<>();
  private final Silicon silicon;

  Bench(ChelsioChip chip) {
    this(chip, Faults.NONE);
  }

  Bench(ChelsioChip chip, Faults faults) {
    Link link =
        (local, remote) -> {
          throw new IOException("no link here");
        };
    silicon =
        new Silicon(
            chip,
            ChelsioOptions.defaults(),
            new ModelPlatform(
                memory, interrupts::add, new Immediate(), link, System::nanoTime, faults));
  }

  Silicon silicon() {
    return silicon;
  }

  DmaSpace memory() {
    return memory;
  }

  List<Integer> interrupts() {
    return interrupts;
  }

  DmaSlab slab(long bytes) {
    return memory.allocate(bytes, 4096);
  }

  /** Runs what it is given at once. */
  private static final class Immediate implements EventLoop {
    @Override
    public void execute(Runnable task) {
      task.run();
    }

    @Override
    public Timer schedule(long deadlineNanos, Runnable task) {
      return () -> {};
    }
  }
}
