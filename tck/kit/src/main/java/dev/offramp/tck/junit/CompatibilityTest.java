package dev.offramp.tck.junit;

import dev.offramp.tck.report.Finding;
import dev.offramp.tck.report.Report;
import dev.offramp.tck.report.Reports;
import dev.offramp.tck.report.RuleOutcome;
import dev.offramp.tck.report.Verdict;
import dev.offramp.tck.report.VerdictText;
import dev.offramp.tck.rule.Family;
import dev.offramp.tck.run.Tck;
import dev.offramp.tck.run.TckOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apiguardian.api.API;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The kit as a JUnit 5 class: a vendor's class extends it and says where the driver and the models
 * of its devices are. Each rule is a test. A rule that is broken and counts fails; one that is
 * excluded or could not be decided is aborted, with the reason.
 *
 * <pre>{@code
 * final class AcmeTest extends CompatibilityTest {
 *   protected Path plugin() { return Path.of("target/classes"); }
 *   protected List<Path> models() { return List.of(Path.of("target/acme-model.jar")); }
 * }
 * }</pre>
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public abstract class CompatibilityTest {
  private static final Path DIRECTORY = Path.of("target", "tck-report");

  /** For the vendor's class. */
  protected CompatibilityTest() {}

  /** The jar with the driver, or the directory with its module's classes. */
  protected abstract Path plugin();

  /** Jars with models of the driver's devices ({@code AdapterModelFactory}); none for the kit's. */
  protected abstract List<Path> models();

  /** Anything else that is to be another way: seeds, strictness, known issues. */
  protected TckOptions options(TckOptions options) {
    return options;
  }

  /**
   * Judges the driver once, writes the reports to {@code target/tck-report}, and gives a test for
   * each rule.
   *
   * @throws IOException when a file cannot be read or written
   */
  @TestFactory
  final Stream<DynamicNode> rules() throws IOException {
    Report report =
        Tck.run(
            options(TckOptions.of(plugin(), DIRECTORY.resolve("work")).withModels(models())),
            line -> {});
    Reports.write(report, DIRECTORY);
    return Stream.of(Family.values())
        .map(family ->
            DynamicContainer.dynamicContainer(
                family.title(),
                report.outcomes().stream()
                    .filter(outcome -> outcome.rule().family() == family)
                    .map(outcome ->
                        DynamicTest.dynamicTest(
                            outcome.rule().id() + " " + outcome.rule().sentence(),
                            () -> check(report, outcome)))));
  }

  private static void check(Report report, RuleOutcome outcome) {
    if (outcome.isStale()) {
      throw new AssertionError(
          "%s is a known issue [%s] and does not show any more: remove the entry"
              .formatted(outcome.rule(), outcome.known()));
    }
    if (report.counts(outcome)) {
      throw new AssertionError(
          "%s (%s): %s%nseen: %s%ncheck: %s%nagain: %s%nall of it: %s"
              .formatted(
                  outcome.rule(),
                  outcome.rule().source(),
                  outcome.rule().sentence(),
                  outcome.findings().stream()
                      .map(finding -> finding.target() + ": " + finding.message())
                      .collect(Collectors.joining(System.lineSeparator())),
                  outcome.rule().hint(),
                  outcome.findings().stream()
                      .findFirst()
                      .map((Finding finding) -> VerdictText.reproducer(report, finding))
                      .orElse(""),
                  DIRECTORY.resolve("report.html").toAbsolutePath()));
    }
    if (outcome.verdict() == Verdict.EXCLUDED || outcome.verdict().isBad()) {
      Assumptions.abort(VerdictText.words(outcome.verdict()) + ": " + outcome.reason());
    }
  }
}
