package dev.offramp.runtime.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.runtime.migrate.MemoryPlan.Placement;
import dev.offramp.runtime.migrate.MigrationException.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a plan of memory may say, before any of it is allocated. */
class MemoryPlanTest {
  private static final long LIMIT = 1_000;
  private static final int ROUNDS = 2_000;

  private static RegisteredMemory region(int stag, long sizeBytes, boolean valid) {
    return new RegisteredMemory(stag, 0, sizeBytes, Set.of(), valid);
  }

  private static final List<RegisteredMemory> TWO =
      List.of(region(1, 100, true), region(2, 50, true));

  private static Reason refused(MemoryPlan plan, List<RegisteredMemory> regions) {
    return catchThrowableOfType(MigrationException.class, () -> plan.require(regions, LIMIT))
        .reason();
  }

  @Test
  void aPlanFitsItsRegions() throws Exception {
    new MemoryPlan(List.of(100L, 50L), List.of(new Placement(1, 0, 0), new Placement(2, 1, 0)))
        .require(TWO, LIMIT);
    new MemoryPlan(List.of(120L), List.of(new Placement(1, 0, 0), new Placement(2, 0, 70)))
        .require(TWO, LIMIT);
    new MemoryPlan(List.of(100L), List.of(new Placement(1, 0, 0)))
        .require(List.of(TWO.getFirst(), region(2, 50, false)), LIMIT);
    new MemoryPlan(List.of(), List.of()).require(List.of(), 0);
  }

  @Test
  void moreThanTheLimitIsTooLargeHoweverItIsSaid() {
    List<RegisteredMemory> large = List.of(region(1, LIMIT + 1, true));
    List<Placement> one = List.of(new Placement(1, 0, 0));
    assertThat(refused(new MemoryPlan(List.of(LIMIT + 1), one), large)).isEqualTo(Reason.TOO_LARGE);
    assertThat(refused(new MemoryPlan(List.of(LIMIT, 1L), one), large)).isEqualTo(Reason.TOO_LARGE);
    assertThat(refused(new MemoryPlan(List.of(-1L), one), large)).isEqualTo(Reason.TOO_LARGE);
    // A sum of these would be -2.
    assertThat(refused(new MemoryPlan(List.of(Long.MAX_VALUE, Long.MAX_VALUE), one), large))
        .isEqualTo(Reason.TOO_LARGE);
  }

  @Test
  void whatContradictsTheDescriptorIsRefused() {
    Placement first = new Placement(1, 0, 0);
    Placement second = new Placement(2, 1, 0);
    List<MemoryPlan> wrong =
        List.of(
            // an STag of nobody, twice, and left out
            new MemoryPlan(List.of(100L, 50L), List.of(first, second, new Placement(3, 0, 0))),
            new MemoryPlan(List.of(100L, 50L), List.of(first, second, second)),
            new MemoryPlan(List.of(100L), List.of(first)),
            // an area of nobody: before the first, behind the last, without a byte
            new MemoryPlan(List.of(100L, 50L), List.of(first, new Placement(2, -1, 0))),
            new MemoryPlan(List.of(100L, 50L), List.of(first, new Placement(2, 2, 0))),
            new MemoryPlan(List.of(100L, 50L, 0L), List.of(first, second)),
            // a place before, across, and beyond the end
            new MemoryPlan(List.of(100L, 50L), List.of(first, new Placement(2, 1, -1))),
            new MemoryPlan(List.of(100L, 50L), List.of(first, new Placement(2, 1, 1))),
            new MemoryPlan(List.of(100L, 50L), List.of(first, new Placement(2, 1, Long.MAX_VALUE))),
            new MemoryPlan(List.of(100L, 50L), List.of(new Placement(1, 1, 0), second)),
            // more than is registered: behind, before, between
            new MemoryPlan(List.of(101L, 50L), List.of(first, second)),
            new MemoryPlan(List.of(100L, 51L), List.of(first, new Placement(2, 1, 1))),
            new MemoryPlan(List.of(160L), List.of(first, new Placement(2, 0, 110))));
    for (MemoryPlan plan : wrong) {
      assertThat(refused(plan, TWO)).as("%s", plan).isEqualTo(Reason.PROTOCOL);
    }
  }

  @Test
  void aPlanHasTheLengthThatItSays() {
    ByteBuffer whole =
        new MemoryPlan(List.of(100L), List.of(new Placement(1, 0, 0), new Placement(2, 0, 50)))
            .encode();
    for (int length = 0; length < whole.limit(); length++) {
      ByteBuffer cut = whole.slice(0, length);
      assertThat(catchThrowableOfType(MigrationException.class, () -> MemoryPlan.decode(cut)))
          .as("%d bytes", length)
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.PROTOCOL));
    }
    ByteBuffer longer = ByteBuffer.allocate(whole.limit() + 1).put(whole).rewind();
    assertThat(catchThrowableOfType(MigrationException.class, () -> MemoryPlan.decode(longer)))
        .hasMessageContaining("[1] bytes more");
    // Not allocated before it is looked at.
    for (int count : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 2}) {
      ByteBuffer liar = ByteBuffer.allocate(16).putInt(0, count);
      assertThat(catchThrowableOfType(MigrationException.class, () -> MemoryPlan.decode(liar)))
          .hasMessageContaining("[" + count + "] entries");
    }
  }

  @Test
  void everyPlanThatIsMadeIsAcceptedAndHasNoByteTwice() throws Exception {
    long seed = Long.getLong("offramp.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < ROUNDS; round++) {
      try (Arena arena = Arena.ofConfined()) {
        Regions regions = Regions.random(random, arena);
        MemoryPlan plan = new MemorySender(regions.memory()).plan();
        long bytes = plan.areaBytes().stream().mapToLong(Long::longValue).sum();
        assertThat(MemoryPlan.decode(plan.encode())).as("seed %d", seed).isEqualTo(plan);
        plan.require(regions.described(), bytes);
        if (bytes > 0) {
          assertThat(
                  catchThrowableOfType(
                          MigrationException.class,
                          () -> plan.require(regions.described(), bytes - 1))
                      .reason())
              .as("seed %d", seed)
              .isEqualTo(Reason.TOO_LARGE);
        }
        assertSharedAlike(plan, regions, seed);
      }
    }
  }

  /** Two regions overlap there exactly as they overlap here. */
  private static void assertSharedAlike(MemoryPlan plan, Regions regions, long seed) {
    List<Placement> placements = new ArrayList<>(plan.placements());
    for (Placement one : placements) {
      for (Placement other : placements) {
        MemorySegment first = Regions.of(regions.memory(), one.stag());
        MemorySegment second = Regions.of(regions.memory(), other.stag());
        long here = first.address() - second.address();
        boolean meet = first.asOverlappingSlice(second).isPresent();
        if (meet) {
          assertThat(one.area()).as("seed %d, %s, %s", seed, one, other).isEqualTo(other.area());
        }
        if (one.area() == other.area()) {
          assertThat(one.offsetBytes() - other.offsetBytes()).as("seed %d", seed).isEqualTo(here);
        }
      }
    }
  }
}
