package dev.offramp.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Holds the catalogue, the tests and the page in docs together. */
public final class Conformance {
  /** Set to true, a stale page is written anew instead of being a complaint. */
  public static final String REGENERATE = "offramp.regenerate";

  private Conformance() {}

  /**
   * What is wrong, one complaint each; empty when every row is proven, and the page says by what.
   *
   * @param root the project's directory
   * @param modules directories of the modules whose tests carry rows
   * @param page the page, from the root
   * @param regenerate whether to write the page
   */
  public static List<String> check(Path root, List<String> modules, String page, boolean regenerate)
      throws IOException {
    return check(Catalogue.load(), RowTests.find(root, modules), root.resolve(page), regenerate);
  }

  static List<String> check(List<Row> rows, List<RowTest> tests, Path page, boolean regenerate)
      throws IOException {
    List<String> complaints = new ArrayList<>();
    for (RowTest test : tests) {
      if (!test.runs()) {
        complaints.add(test.name() + " carries rows and is no test that JUnit always runs");
      }
      for (int number : test.rows()) {
        if (number < 1 || number > rows.size()) {
          complaints.add(
              test.name() + " names row " + number + "; there are rows 1.." + rows.size());
        }
      }
    }
    for (Row row : rows) {
      List<RowTest> proofs = proofs(row, tests);
      if (row.isTestable() && proofs.isEmpty()) {
        complaints.add(
            "row "
                + row.number()
                + " has no test: "
                + row.rule()
                + " Write one with @Rows("
                + row.number()
                + "), or say in "
                + Catalogue.RESOURCE
                + " why it is untestable");
      } else if (!row.isTestable() && !proofs.isEmpty()) {
        complaints.add(
            "row "
                + row.number()
                + " is marked untestable and has a test: "
                + proofs.getFirst().name());
      }
    }
    if (complaints.isEmpty()) {
      checkPage(ConformancePage.of(rows, tests), page, regenerate, complaints);
    }
    return complaints;
  }

  static List<RowTest> proofs(Row row, List<RowTest> tests) {
    return tests.stream()
        .filter(test -> test.runs() && test.rows().contains(row.number()))
        .toList();
  }

  private static void checkPage(
      String expected, Path page, boolean regenerate, List<String> complaints) throws IOException {
    if (regenerate) {
      Files.writeString(page, expected);
    } else if (!Files.exists(page) || !Files.readString(page).equals(expected)) {
      complaints.add(
          page.getFileName()
              + " is stale; write it anew with: ./build verify -pl tools/cli -am"
              + " -Dtest=ConformanceTest -Dit.test=none -Dsurefire.failIfNoSpecifiedTests=false"
              + " -Dfailsafe.failIfNoSpecifiedTests=false -D"
              + REGENERATE
              + "=true");
    }
  }
}
