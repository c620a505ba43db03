package dev.offramp.iwarp.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Random schedules of two engines over a bad network. {@code -Dofframp.sim.schedules=N} runs more,
 * {@code -Dofframp.sim.shard=I/N} the I-th of N parts, {@code -Dofframp.sim.seed=S} one, and {@code
 * -Dofframp.sim.steps=K} with it only its first steps.
 */
final class SimulationTest {
  private static final int SCHEDULES = 10_000;
  private static final long FIRST_SEED = 1;

  @Test
  void noScheduleViolatesAnInvariant() {
    Long seed = Long.getLong("offramp.sim.seed");
    if (seed != null) {
      World.run(seed, Integer.getInteger("offramp.sim.steps", Integer.MAX_VALUE), Mutation.NONE);
      return;
    }
    int schedules = Integer.getInteger("offramp.sim.schedules", SCHEDULES);
    String[] shard = System.getProperty("offramp.sim.shard", "1/1").split("/", 2);
    int part = Integer.parseInt(shard[0]);
    int parts = Integer.parseInt(shard[1]);
    Map<World.Outcome, Long> outcomes =
        LongStream.range(0, schedules)
            .parallel()
            .filter(i -> i % parts == part - 1)
            .mapToObj(i -> runOrExplain(FIRST_SEED + i))
            .collect(Collectors.groupingBy(o -> o, TreeMap::new, Collectors.counting()));
    System.out.println("simulated schedules: " + outcomes);
    if (schedules / parts >= SCHEDULES) {
      // A campaign that never gets somewhere proves nothing about it.
      assertThat(outcomes.keySet()).contains(World.Outcome.values());
    }
  }

  private static World.Outcome runOrExplain(long seed) {
    try {
      return World.run(seed, Integer.MAX_VALUE, Mutation.NONE);
    } catch (AssertionError | RuntimeException e) {
      int steps = Shrinker.shortest(seed, Mutation.NONE, e);
      throw new AssertionError(
          "repeat with -Dofframp.sim.seed="
              + seed
              + " -Dofframp.sim.steps="
              + steps
              + ": "
              + e.getMessage(),
          e);
    }
  }
}
