package dev.offramp.iwarp.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * The schedules of {@link SimulationTest} while both ends move from engine to engine: every
 * invariant holds as though they had not. {@code -Dofframp.sim.seed=S} runs one.
 */
final class MovedSimulationTest {
  private static final int SCHEDULES = 2_000;
  private static final long FIRST_SEED = 1_000_001;

  @Test
  void nobodyNoticesThatTheEnginesMove() {
    Moving moving = new Moving();
    Long seed = Long.getLong("offramp.sim.seed");
    if (seed != null) {
      World.run(seed, Integer.getInteger("offramp.sim.steps", Integer.MAX_VALUE), moving);
      return;
    }
    Map<World.Outcome, Long> outcomes =
        LongStream.range(0, Integer.getInteger("offramp.sim.schedules", SCHEDULES))
            .parallel()
            .mapToObj(i -> runOrExplain(FIRST_SEED + i, moving))
            .collect(Collectors.groupingBy(o -> o, TreeMap::new, Collectors.counting()));
    System.out.printf(
        "%s with %d moves: %d inside an FPDU, %d inside a message that came, %d inside one that"
            + " went, %d with requests of the peer's, %d with octets not written, %d that forgot"
            + " their number%n",
        outcomes,
        moving.moves.get(),
        moving.midFpdu.get(),
        moving.midMessage.get(),
        moving.halfSent.get(),
        moving.withRequests.get(),
        moving.withUnwritten.get(),
        moving.forgotten.get());
    assertThat(outcomes.keySet()).contains(World.Outcome.values());
    assertThat(moving.midFpdu.get()).isGreaterThan(100);
    assertThat(moving.midMessage.get()).isGreaterThan(100);
    assertThat(moving.halfSent.get()).isGreaterThan(100);
    assertThat(moving.withRequests.get()).isGreaterThan(100);
    assertThat(moving.withUnwritten.get()).isGreaterThan(100);
    assertThat(moving.forgotten.get()).isGreaterThan(100);
  }

  private static World.Outcome runOrExplain(long seed, Moving moving) {
    try {
      return World.run(seed, Integer.MAX_VALUE, moving);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "repeat with -Dtest=MovedSimulationTest -Dofframp.sim.seed=" + seed + ": " + e, e);
    }
  }
}
