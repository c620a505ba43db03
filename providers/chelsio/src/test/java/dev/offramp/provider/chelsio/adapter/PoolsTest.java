package dev.offramp.provider.chelsio.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Numbers and adapter memory that are handed out and taken back. */
class PoolsTest {
  private static final int STEPS = 2000;
  private static final int UNIT = 32;

  @Test
  void numbersRotate() {
    IdPool pool = IdPool.rotating(10, 3);
    assertThat(pool.take()).hasValue(10);
    assertThat(pool.take()).hasValue(11);
    pool.giveBack(10);
    assertThat(pool.take()).hasValue(12);
    assertThat(pool.take()).hasValue(10);
    assertThat(pool.take()).isEmpty();
    assertThat(pool.inUse()).isEqualTo(3);
  }

  @Test
  void aNumberIsNotGivenBackTwice() {
    IdPool pool = IdPool.rotating(10, 3);
    int id = pool.take().orElseThrow();
    pool.giveBack(id);
    assertThatThrownBy(() -> pool.giveBack(id))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("[10]");
  }

  @Test
  void guessedNumbersAreAllHandedOut() {
    long seed = Long.getLong("offramp.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    IdPool pool = IdPool.random(100, 50, random::nextInt);
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      seen.add(pool.take().orElseThrow());
    }
    assertThat(seen).as("seed %d", seed).hasSize(50).allMatch(id -> id >= 100 && id < 150);
    assertThat(pool.take()).isEmpty();
  }

  /** Pieces never overlap, and all memory is one piece again in the end. */
  @Test
  void memoryIsLentOnce() {
    long seed = Long.getLong("offramp.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    MemoryPool pool = new MemoryPool(new Range(5, 4095), UNIT);
    Map<Integer, Integer> pieces = new HashMap<>();
    for (int i = 0; i < STEPS; i++) {
      if (random.nextBoolean() || pieces.isEmpty()) {
        int size = random.nextInt(300);
        OptionalInt at = pool.take(size);
        if (at.isPresent()) {
          int start = at.getAsInt();
          assertThat(start % UNIT).as("seed %d", seed).isZero();
          assertThat(start).isBetween(UNIT, 4096 - size);
          pieces.forEach((other, length) ->
              assertThat(start + size <= other || other + length <= start)
                  .as("seed %d: %d+%d and %d+%d", seed, start, size, other, length)
                  .isTrue());
          pieces.put(start, Math.max(1, size));
        }
      } else {
        List<Integer> starts = new ArrayList<>(pieces.keySet());
        int start = starts.get(random.nextInt(starts.size()));
        pieces.remove(start);
        pool.giveBack(start);
      }
      assertThat(pool.inUse()).isEqualTo(pieces.size());
    }
    pieces.keySet().forEach(pool::giveBack);
    assertThat(pool.take(4096 - UNIT)).as("seed %d", seed).hasValue(UNIT);
    assertThatThrownBy(() -> pool.giveBack(64)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void undoGoesBackwardsAndOn() {
    List<Integer> done = new ArrayList<>();
    Undo undo = new Undo();
    undo.add(() -> done.add(1));
    undo.add(() -> {
      throw new IllegalStateException("cannot be taken back");
    });
    undo.add(() -> done.add(3));
    undo.run(System.getLogger("test"));
    undo.run(System.getLogger("test"));
    assertThat(done).containsExactly(3, 1);
  }

  @Test
  void patienceEnds() {
    long[] now = {7};
    Patience patience = new Patience(() -> now[0], 10);
    assertThat(patience.isOver()).isFalse();
    now[0] = 16;
    patience.pause();
    assertThat(patience.isOver()).isFalse();
    now[0] = 17;
    assertThat(patience.isOver()).isTrue();
  }
}
