package dev.offramp.tck.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.tck.run.DriverJars;
import dev.offramp.tck.run.TckOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** A vendor's class of two methods: which tests it has, and how they end. */
final class CompatibilityTestIT {
  @TempDir private Path directory;

  @Test
  void eachRuleIsATestThatEndsAsItsVerdictSays() throws Exception {
    Path jar = DriverJars.opening(directory, "System.exit(0);");
    CompatibilityTest vendors =
        new CompatibilityTest() {
          @Override
          protected Path plugin() {
            return jar;
          }

          @Override
          protected List<Path> models() {
            return List.of();
          }

          @Override
          protected TckOptions options(TckOptions options) {
            return options.withRules(Set.of("P04", "P07", "L68"));
          }
        };
    List<String> ends = new ArrayList<>();
    for (DynamicNode node : vendors.rules().toList()) {
      for (DynamicNode test : ((DynamicContainer) node).getChildren().toList()) {
        ends.add(test.getDisplayName().substring(0, 3) + " " + end((DynamicTest) test));
      }
    }
    assertThat(ends).containsExactlyInAnyOrder("P04 passes", "P07 fails", "L68 is aborted");
  }

  private static String end(DynamicTest test) {
    try {
      test.getExecutable().execute();
      return "passes";
    } catch (TestAbortedException e) {
      return "is aborted";
    } catch (Throwable e) {
      assertThat(e).isInstanceOf(AssertionError.class).hasMessageContaining("check:");
      return "fails";
    }
  }
}
