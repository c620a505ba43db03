package dev.offramp.tck.report;

import dev.offramp.tck.rule.Family;
import java.util.List;
import java.util.stream.Collectors;

/** JUnit's XML, which every CI system reads: a suite for each family, a case for each rule. */
public final class JUnitXml {
  private JUnitXml() {}

  /** The whole document. */
  public static String of(Report report) {
    StringBuilder out =
        new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (Family family : Family.values()) {
      List<RuleOutcome> outcomes =
          report.outcomes().stream().filter(o -> o.rule().family() == family).toList();
      if (!outcomes.isEmpty()) {
        suite(out, report, family, outcomes);
      }
    }
    return out.append("</testsuites>\n").toString();
  }

  private static void suite(
      StringBuilder out, Report report, Family family, List<RuleOutcome> outcomes) {
    long failures = outcomes.stream().filter(o -> isFailure(report, o)).count();
    long skipped = outcomes.stream().filter(o -> !isFailure(report, o) && isOpen(o)).count();
    out.append(
        "  <testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"%d\">\n"
            .formatted(escape(family.title()), outcomes.size(), failures, skipped));
    for (RuleOutcome outcome : outcomes) {
      out.append(
          "    <testcase classname=\"%s\" name=\"%s\">"
              .formatted(
                  escape("offramp.tck." + family.name()),
                  escape(outcome.rule().id() + " " + outcome.rule().sentence())));
      if (isFailure(report, outcome)) {
        String text =
            outcome.isStale()
                ? "a known issue that does not show any more: " + outcome.known()
                : outcome.findings().stream()
                    .map(Finding::message)
                    .collect(Collectors.joining("\n"));
        out.append(
            "<failure message=\"%s\">%s\nIf this fails, check: %s</failure>"
                .formatted(escape(firstLine(text)), escape(text), escape(outcome.rule().hint())));
      } else if (isOpen(outcome)) {
        out.append("<skipped message=\"%s\"/>".formatted(escape(outcome.reason())));
      }
      out.append("</testcase>\n");
    }
    out.append("  </testsuite>\n");
  }

  private static boolean isFailure(Report report, RuleOutcome outcome) {
    return report.counts(outcome) || outcome.isStale();
  }

  private static boolean isOpen(RuleOutcome outcome) {
    return outcome.verdict() == Verdict.EXCLUDED || outcome.verdict() == Verdict.INCONCLUSIVE;
  }

  private static String firstLine(String text) {
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end);
  }

  /** For attributes and text; what XML 1.0 cannot carry becomes a question mark. */
  static String escape(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '&' -> out.append("&amp;");
            case '<' -> out.append("&lt;");
            case '>' -> out.append("&gt;");
            case '"' -> out.append("&quot;");
            default -> {
              boolean legal = c >= 0x20 || c == '\n' || c == '\t' || c == '\r';
              out.appendCodePoint(legal ? c : '?');
            }
          }
        });
    return out.toString();
  }
}
