package dev.offramp.benchmarks.suite;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoundsTest {
  private final List<String> turns = new ArrayList<>();

  private Rounds.Contender counting(String name) {
    double[] calls = {0};
    return Rounds.contender(
        name,
        () -> {
          turns.add(name);
          calls[0]++;
          return new double[] {calls[0], -calls[0]};
        });
  }

  @Test
  void contendersTakeTurnsAndSoDoesTheFirstPlace() throws Exception {
    new Rounds(1, 3).run(List.of(counting("a"), counting("b")));
    assertThat(turns).containsExactly("b", "a", "a", "b", "b", "a", "a", "b");
  }

  @Test
  void warmUpDoesNotCount() throws Exception {
    Map<String, List<Series>> seen = new Rounds(2, 3).run(List.of(counting("a")));
    List<Series> series = requireNonNull(seen.get("a"));
    assertThat(series).hasSize(2);
    assertThat(series.getFirst().count()).isEqualTo(3);
    assertThat(series.getFirst().min()).isEqualTo(3);
    assertThat(series.getFirst().max()).isEqualTo(5);
    assertThat(series.getLast().min()).isEqualTo(-5);
  }
}
