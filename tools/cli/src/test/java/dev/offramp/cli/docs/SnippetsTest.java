package dev.offramp.cli.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Code in the documentation is code that the build compiles, line by line. */
final class SnippetsTest {
  @ParameterizedTest
  @CsvSource({
    "README.md, 1, ReadmeSnippet.java",
    "docs/application.md, 9, ApplicationSnippets.java",
    "docs/migration.md, 4, MigrationSnippets.java PassingSnippets.java",
    "docs/vendor.md, 5, AcmeDriver.java AcmeRnic.java VendorSnippets.java",
  })
  void everyBlockIsCompiled(String page, int blocks, String sources) throws IOException {
    assertThat(Manual.javaBlocks(page)).as("java blocks of " + page).hasSize(blocks);
    for (List<String> block : Manual.javaBlocks(page)) {
      assertThat(List.of(sources.split(" ", -1)))
          .as("a source with these lines of %s, one after the other: %s", page, block)
          .anySatisfy(source -> assertThat(Manual.source(source)).containsSequence(block));
    }
  }
}
