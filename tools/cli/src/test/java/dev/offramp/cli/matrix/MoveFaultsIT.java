package dev.offramp.cli.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.linux.net.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Every fault at every step of every pair of owners, the adapters as models, on real kernels and
 * with work under way at both ends. docs/faults.md is what this test has written with {@code
 * -Dofframp.write-docs=true}. Needs root or {@code unshare -Urn}.
 */
class MoveFaultsIT {
  private static final int PAIRS = 8;
  private static final int FAULTS = 7;
  private static final Path PAGE = Path.of("..", "..", "docs", "faults.md");
  private static final String BEGIN = "<!-- faults: begin -->";
  private static final String END = "<!-- faults: end -->";

  /** From where to where. */
  private record Pair(MatrixOwner from, MatrixOwner to) {}

  /** Some of them, others each time; {@code -Dofframp.faults.seed} repeats a run. */
  @Test
  @Timeout(600)
  void someFaultsOfSomePairs() throws Exception {
    long seed = Long.getLong("offramp.faults.seed", System.nanoTime());
    System.out.println("seed: -Dofframp.faults.seed=" + seed);
    Random random = new Random(seed);
    List<Pair> pairs = pairs();
    Collections.shuffle(pairs, random);
    FaultPage page =
        run(
            pairs.subList(0, PAIRS),
            all -> {
              List<Fault> some = new ArrayList<>(all);
              Collections.shuffle(some, random);
              return some.subList(0, FAULTS);
            });
    assertThat(page.wrong()).as("seed %d", seed).isEmpty();
    assertThat(page.cases()).isEqualTo(PAIRS * FAULTS);
  }

  /** All of them; what timing decides between two right outcomes stands in the page as "or". */
  @Test
  @Timeout(1800)
  @EnabledIfSystemProperty(named = "offramp.slow", matches = "true")
  void everyFaultOfEveryPair() throws Exception {
    FaultPage page = run(pairs(), all -> all);
    Path seen = Path.of("target", "faults.md");
    Files.writeString(seen, page.table());
    assertThat(page.wrong()).isEmpty();
    assertThat(page.pairs()).isEqualTo(pairs().size());
    FaultPage written = FaultPage.parse(Files.readString(PAGE));
    if (Boolean.getBoolean("offramp.write-docs")) {
      page.mergeKnown(written);
      write(page);
      return;
    }
    assertThat(page.differences(written))
        .as("what was seen, as in [%s], and docs/faults.md", seen)
        .isEmpty();
  }

  private static FaultPage run(List<Pair> pairs, UnaryOperator<List<Fault>> choice)
      throws Exception {
    FaultPage page = new FaultPage();
    try (NetworkNamespace host = NetworkNamespace.create()) {
      host.call(() -> {
        try (MatrixWorld world = MatrixWorld.open()) {
          FaultSuite suite = new FaultSuite(world, page);
          for (Pair pair : pairs) {
            suite.run(pair.from(), pair.to(), choice);
          }
        }
        return true;
      });
    }
    return page;
  }

  private static List<Pair> pairs() {
    List<Pair> pairs = new ArrayList<>();
    for (MatrixOwner from : MatrixOwner.values()) {
      for (MatrixOwner to : MatrixOwner.values()) {
        pairs.add(new Pair(from, to));
      }
    }
    return pairs;
  }

  private static void write(FaultPage page) throws IOException {
    String old = Files.readString(PAGE);
    Files.writeString(
        PAGE,
        old.substring(0, old.indexOf(BEGIN))
            + BEGIN
            + "\n%d cases of %d pairs.\n\n".formatted(page.cases(), page.pairs())
            + page.table()
            + old.substring(old.indexOf(END)));
  }
}
