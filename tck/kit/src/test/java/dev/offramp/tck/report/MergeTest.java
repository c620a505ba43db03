package dev.offramp.tck.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Shards that are joined give what one run gives, and what is no whole is not joined. */
final class MergeTest {
  @RepeatedTest(20)
  void anyDistributionAndOrderGivesTheWhole() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<ExperimentResult> all = new ArrayList<>(SampleReports.passing());
    all.add(SampleReports.broken("L12", "24 bits"));
    Report whole = SampleReports.shard(1, 1, all);
    int count = 1 + random.nextInt(5);
    List<List<ExperimentResult>> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      parts.add(new ArrayList<>());
    }
    all.forEach(result -> parts.get(random.nextInt(count)).add(result));
    List<Report> shards = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      // Through its file, as on a farm.
      shards.add(Report.read(Json.pretty(SampleReports.shard(i + 1, count, parts.get(i)).toMap())));
    }
    Collections.shuffle(shards, random);
    assertThat(Merge.of(shards).comparable()).as("seed %d", seed).isEqualTo(whole.comparable());
  }

  @Test
  void aMissingShardIsNamed() {
    List<Report> shards =
        List.of(
            SampleReports.shard(1, 3, SampleReports.passing()),
            SampleReports.shard(3, 3, List.of()));
    assertThatThrownBy(() -> Merge.of(shards))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("[1, 3]")
        .hasMessageContaining("1..3");
  }

  @Test
  void aShardThatIsThereTwiceIsNamed() {
    List<Report> shards =
        List.of(SampleReports.shard(2, 2, List.of()), SampleReports.shard(2, 2, List.of()));
    assertThatThrownBy(() -> Merge.of(shards)).hasMessageContaining("shard 2 is there twice");
  }

  @Test
  void shardsOfDifferentDivisionsAreNotJoined() {
    List<Report> shards =
        List.of(SampleReports.shard(1, 2, List.of()), SampleReports.shard(2, 3, List.of()));
    assertThatThrownBy(() -> Merge.of(shards)).hasMessageContaining("[options]");
  }

  @Test
  void nothingIsNotAWhole() {
    assertThatThrownBy(() -> Merge.of(List.of())).hasMessageContaining("no reports");
  }
}
