package dev.offramp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.cli.docs.Manual;
import dev.offramp.conformance.Conformance;
import dev.offramp.conformance.Rows;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The table of rows and tests is complete and fresh. Here, because this module is built after all
 * whose tests carry rows.
 */
final class ConformanceTest {
  private static final List<String> MODULES =
      List.of("core/iwarp", "core/linux", "core/runtime", "providers/softiwarp", "tools/cli");

  @Test
  void everyRowIsProvenAndThePageSaysSo() throws IOException {
    assertThat(
            Conformance.check(
                Manual.root(),
                MODULES,
                "docs/conformance.md",
                Boolean.getBoolean(Conformance.REGENERATE)))
        .isEmpty();
  }

  /** What this software does not do about IPsec is said where users and operators look. */
  @Test
  @Rows(128)
  void thatIpsecIsTheHostsIsDocumented() throws IOException {
    for (String page : List.of("docs/application.md", "docs/linux.md", "docs/vendor.md")) {
      assertThat(Manual.page(page)).as(page).contains("IPsec");
    }
  }
}
