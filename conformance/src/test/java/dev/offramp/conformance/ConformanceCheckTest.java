package dev.offramp.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that has to fail the build does. */
final class ConformanceCheckTest {
  private static final List<Row> ROWS =
      List.of(
          new Row(1, "RFC 1", "2.3", "MUST", "Packets have bits.", ""),
          new Row(2, "RFC 1", "4", "MUST", "Nobody looks.", "looking would change it"));

  @TempDir private Path directory;

  private static RowTest test(boolean runs, Integer... rows) {
    return new RowTest("m", "m/src/test/java/XTest.java", "XTest", "works", List.of(rows), runs);
  }

  private List<String> check(RowTest... tests) throws IOException {
    Path page = directory.resolve("page.md");
    assertThat(Conformance.check(ROWS, List.of(test(true, 1)), page, true)).isEmpty();
    return Conformance.check(ROWS, List.of(tests), page, false);
  }

  @Test
  void aFreshPageIsFine() throws IOException {
    assertThat(check(test(true, 1))).isEmpty();
    assertThat(Files.readString(directory.resolve("page.md")))
        .contains(
            "| 1 | 2.3 | MUST | Packets have bits. | [XTest#works](../m/src/test/java/XTest.java)"
                + " |")
        .contains("| untestable: looking would change it |");
  }

  @Test
  void aStalePageIsNamedWithTheRemedy() throws IOException {
    RowTest other = new RowTest("m", "m/src/test/java/Y.java", "Y", "more", List.of(1), true);
    assertThat(check(test(true, 1), other)).singleElement().asString().contains("page.md is stale");
    Files.delete(directory.resolve("page.md"));
    assertThat(Conformance.check(ROWS, List.of(test(true, 1)), directory.resolve("page.md"), false))
        .singleElement()
        .asString()
        .contains("-Dofframp.regenerate=true");
  }

  @Test
  void aRowWithoutTestIsNamed() throws IOException {
    assertThat(check())
        .singleElement()
        .asString()
        .startsWith("row 1 has no test: Packets have bits.");
  }

  @Test
  void anUnknownRowIsNamed() throws IOException {
    assertThat(check(test(true, 1, 3)))
        .containsExactly("XTest#works names row 3; there are rows 1..2");
    assertThat(check(test(true, 1, 0))).hasSize(1);
  }

  @Test
  void anUntestableRowWithATestIsNamed() throws IOException {
    assertThat(check(test(true, 1, 2)))
        .containsExactly("row 2 is marked untestable and has a test: XTest#works");
  }

  @Test
  void whatDoesNotRunProvesNothing() throws IOException {
    assertThat(check(test(false, 1)))
        .anyMatch(complaint -> complaint.startsWith("row 1 has no test"))
        .anyMatch(complaint -> complaint.contains("no test that JUnit always runs"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1 | 2 | MUST | no standard above",
        "# RFC 1\n2 | 2 | MUST | a gap",
        "# RFC 1\n1 | 2 | WISH | a strange level",
        "# RFC 1\n1 | 2 | MUST | a rule | because",
        "# RFC 1\n1 | 2 | MUST | a rule | untestable: ",
        "# RFC 1\n1 | 2 | MUST",
        "# RFC 1\n1 | 2 | MUST | once\n1 | 2 | MUST | twice"
      })
  void aWrongCatalogueIsRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Catalogue.parse(text))
        .withMessageContaining("expected");
  }

  @Test
  void theCatalogueIsWhole() throws IOException {
    assertThat(Catalogue.load()).hasSize(128).allMatch(row -> row.rule().endsWith("."));
  }

  @Test
  void annotationsAreFoundInCompiledTests() throws IOException {
    Path root = Path.of("").toAbsolutePath().resolve("..").normalize();
    List<RowTest> found = RowTests.find(root, List.of("conformance"));
    String name = ConformanceCheckTest.class.getSimpleName() + ".Sample#";
    assertThat(found).filteredOn(RowTest::runs).extracting(RowTest::name).containsOnly(name + "a");
    assertThat(found)
        .extracting(RowTest::name)
        .containsOnly(name + "a", name + "b", name + "c", name + "d");
    assertThat(found.getFirst().rows()).containsExactly(7, 11);
    assertThatIllegalStateException()
        .isThrownBy(() -> RowTests.find(root, List.of("nowhere")))
        .withMessageContaining("-am");
  }

  /** Never run: JUnit makes no instance of an abstract class. */
  abstract static class Sample {
    @Test
    @Rows({7, 11})
    void a() {}

    @Test
    @Disabled("on purpose")
    @Rows(8)
    void b() {}

    @Rows(9)
    void c() {}

    @Test
    @EnabledIfSystemProperty(named = "offramp.slow", matches = "true")
    @Rows(10)
    void d() {}
  }
}
