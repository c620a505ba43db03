package dev.offramp.tck.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.tck.report.RulesPage;
import dev.offramp.tck.run.Deciders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** docs/rules.md is what the catalogue says. */
final class RulesPageTest {
  private static final String REGENERATE =
      "./build -pl tck/kit -am test -Dtest=RulesPageTest"
          + " -Dsurefire.failIfNoSpecifiedTests=false -Dofframp.regenerate=true";

  @Test
  void thePageIsFresh() throws IOException {
    Path page = root().resolve("docs/rules.md");
    String expected = RulesPage.of(Deciders::of);
    if (Boolean.getBoolean("offramp.regenerate")) {
      Files.writeString(page, expected);
    }
    assertThat(page).as("docs/rules.md; write it anew with: %s", REGENERATE).hasContent(expected);
  }

  @Test
  void everyRuleHasARow() {
    String page = RulesPage.of(Deciders::of);
    for (Rule rule : RuleCatalogue.all()) {
      assertThat(page)
          .containsOnlyOnce(
              "| <a id=\"" + rule.id().toLowerCase(java.util.Locale.ROOT) + "\"></a>");
    }
  }

  /** Maven runs tests in the module's directory; an IDE may run them in the root. */
  private static Path root() {
    Path here = Path.of("").toAbsolutePath();
    while (!Files.exists(here.resolve("etc/find-jdk"))) {
      here = here.getParent();
      if (here == null) {
        throw new IllegalStateException("the project's root is not above the working directory");
      }
    }
    return here;
  }
}
