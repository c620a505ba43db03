package dev.offramp.conformance;

import java.util.List;
import java.util.stream.Collectors;

/** The page for people: row, rule, and the tests that prove it. */
final class ConformancePage {
  private static final String HEAD =
      """
      # Conformance

      Which test proves which rule of the iWARP standards. The build writes this page out of the tests' `@Rows` annotations
      and [the catalogue of rules](../%s), and fails when it is stale, when a rule has no test, or when a
      test names an unknown rule. The rules are put in our own words; the standards' are what counts.
      """
          .formatted(
              "conformance/src/main/resources/dev/offramp/conformance/" + Catalogue.RESOURCE);

  private ConformancePage() {}

  static String of(List<Row> rows, List<RowTest> tests) {
    StringBuilder page = new StringBuilder(HEAD);
    long testable = rows.stream().filter(Row::isTestable).count();
    page.append("\n%d rows, %d of them proven by tests.\n".formatted(rows.size(), testable));
    String rfc = "";
    for (Row row : rows) {
      if (!row.rfc().equals(rfc)) {
        rfc = row.rfc();
        page.append("\n## ").append(rfc).append("\n\n");
        page.append("| row | section | level | rule | proven by |\n|---|---|---|---|---|\n");
      }
      page.append(
          "| %d | %s | %s | %s | %s |\n"
              .formatted(
                  row.number(), row.section(), row.level(), row.rule(), provenBy(row, tests)));
    }
    return page.toString();
  }

  private static String provenBy(Row row, List<RowTest> tests) {
    if (!row.isTestable()) {
      return "untestable: " + row.untestable();
    }
    return Conformance.proofs(row, tests).stream()
        .map(test -> "[" + test.name() + "](../" + test.source() + ")")
        .sorted()
        .distinct()
        .collect(Collectors.joining("<br>"));
  }
}
