package dev.offramp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each owner to each, with few bytes: whatever moves or is refused, nothing is lost and every
 * request completes once. Needs root or {@code unshare -Urn}.
 */
@Timeout(600)
class MatrixIT {
  private static final Set<String> SOFTWARE = Set.of("softiwarp", "softiwarp-detached");

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"ipv4", "ipv6"})
  void nothingIsLost(String ip, @TempDir Path directory) throws Exception {
    Path picture = directory.resolve("matrix.svg");
    List<String> arguments =
        new ArrayList<>(
            List.of("demo", "--matrix", "--bytes", "16K", "--json", "--svg", picture.toString()));
    if (ip.equals("ipv6")) {
      arguments.add("--ipv6");
    }
    Cli.Result result = Cli.run(arguments.toArray(String[]::new));
    assertThat(result.err()).isEmpty();
    Map<String, Object> report = result.json();
    assertThat(report)
        .containsEntry("ip", ip)
        .containsEntry("pairs", 25)
        .containsEntry("bytes_lost", 0)
        .containsEntry("good", true);
    assertThat(report.get("completed_once")).isEqualTo(report.get("requests"));
    List<?> cells = list(report, "cells");
    assertThat(cells).hasSize(25);
    for (Object cell : cells) {
      judge((Map<?, ?>) cell);
    }
    assertThat(Files.readString(picture)).startsWith("<svg").endsWith("</svg>\n");
    assertThat(result.exitCode()).isZero();
  }

  private static List<?> list(Map<?, ?> object, String key) {
    return (List<?>) Objects.requireNonNull(object.get(key), key);
  }

  private static void judge(Map<?, ?> cell) {
    String from = String.valueOf(cell.get("from"));
    String to = String.valueOf(cell.get("to"));
    List<?> attempts = list(cell, "attempts");
    Map<?, ?> all = (Map<?, ?>) attempts.getFirst();
    assertThat(all.get("traffic")).isEqualTo("all");
    boolean software = SOFTWARE.contains(to.replace(":2", ""));
    assertThat(cell.get("traffic")).as("%s to %s", from, to).isEqualTo(software ? "all" : "writes");
    if (!software) {
      // No owner of silicon takes a stream with numbers that it has no field for; it says so.
      assertThat(all.get("outcome")).as("%s to %s", from, to).isEqualTo("refused");
      assertThat(all.get("owner")).isEqualTo(from);
      assertThat(list(all, "refusals")).isNotEmpty();
    }
    Map<?, ?> last = (Map<?, ?>) attempts.getLast();
    assertThat(last.get("owner")).isEqualTo(to);
    assertThat(cell.get("traffic")).isEqualTo(cell.get("declared"));
  }
}
