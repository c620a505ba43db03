package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The latest goes first, memory goes last, and what fails keeps nothing else. */
final class RollbackTest {
  @Test
  void givesBackInOrder() {
    List<String> given = new ArrayList<>();
    Rollback rollback = new Rollback(System.getLogger("dev.offramp.intel"));
    rollback.addMemory("slab 1", () -> given.add("slab 1"));
    rollback.add("queue", () -> given.add("queue"));
    rollback.add(
        "refused",
        () -> {
          throw new CommandException("the device does not let go");
        });
    rollback.addMemory("slab 2", () -> given.add("slab 2"));
    rollback.add(
        "defective",
        () -> {
          throw new IllegalStateException("a defect");
        });
    rollback.run();
    rollback.run();
    assertThat(given).containsExactly("queue", "slab 2", "slab 1");
  }
}
