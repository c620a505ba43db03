package dev.offramp.cli.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.cli.matrix.KilledRun.Death;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL of the process that has the moving end of a connection, with both owners and the models
 * of their adapters, before, at every step of, and after a move; every owner to every owner, with
 * the traffic under way with which the pair moves. The table in docs/faults-killed.md is what this
 * test has written with {@code -Dofframp.write-docs=true}, and what it compares with. Needs root or
 * {@code unshare -Urn}.
 */
@Timeout(900)
class KilledMatrixIT {
  private static final List<MatrixOwner> OWNERS = List.of(MatrixOwner.values());

  /** How many processes die in an everyday build, each with five connections. */
  private static final int SAMPLE = 3;

  @TempDir private Path directory;

  /** {@code -Dofframp.seed=SEED} repeats one. */
  @Test
  void aFewThatAreDrawn() throws Exception {
    long seed = Long.getLong("offramp.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    MatrixOwner from = OWNERS.get(random.nextInt(OWNERS.size()));
    KilledPage page = KilledPage.read();
    try (KilledWorld world = KilledWorld.open();
        KilledRun run = new KilledRun(world, directory)) {
      List<List<Death>> all = deaths(run, from);
      Collections.shuffle(all, random);
      for (List<Death> each : all.subList(0, SAMPLE)) {
        run.kill(from, each);
      }
      run.finish();
      assertThat(run.wrong()).as("-Dofframp.seed=%d", seed).isEmpty();
      assertThat(page.differences(run.outcomes())).as("-Dofframp.seed=%d", seed).isEmpty();
      assertThat(run.outcomes()).hasSizeGreaterThanOrEqualTo(SAMPLE);
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "offramp.slow", matches = "true")
  void everyPairAtEveryStep() throws Exception {
    KilledPage page = KilledPage.read();
    try (KilledWorld world = KilledWorld.open();
        KilledRun run = new KilledRun(world, directory)) {
      for (MatrixOwner from : OWNERS) {
        for (List<Death> each : deaths(run, from)) {
          run.kill(from, each);
        }
      }
      run.finish();
      assertThat(run.wrong()).isEmpty();
      if (Boolean.getBoolean("offramp.write-docs")) {
        KilledPage.of(run.outcomes()).write();
      } else {
        assertThat(page.differences(run.outcomes())).isEmpty();
        assertThat(run.outcomes()).hasSize(page.cases());
      }
    }
  }

  /** By process: in each, a connection to each owner at another moment of its move. */
  private static List<List<Death>> deaths(KilledRun run, MatrixOwner from) throws Exception {
    List<List<String>> steps = run.steps(from, OWNERS);
    List<List<String>> moments = new ArrayList<>();
    for (List<String> each : steps) {
      List<String> all = new ArrayList<>(each);
      all.addFirst(KilledMove.BEFORE);
      all.addLast(KilledMove.AFTER);
      moments.add(all);
    }
    List<List<Death>> deaths = new ArrayList<>();
    int most = moments.stream().mapToInt(List::size).max().orElse(0);
    for (int i = 0; i < most; i++) {
      int at = i;
      deaths.add(
          IntStream.range(0, OWNERS.size())
              .filter(to -> at < moments.get(to).size())
              .mapToObj(to -> new Death(OWNERS.get(to), moments.get(to).get(at), steps.get(to)))
              .toList());
    }
    return deaths;
  }
}
