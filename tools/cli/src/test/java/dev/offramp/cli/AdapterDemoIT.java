package dev.offramp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A live connection of the kernel moves onto each kind of emulated adapter, in the middle of a
 * conversation with an ordinary softiwarp: nothing is lost, changed or left behind, and the model
 * has nothing against the driver. Needs root or {@code unshare -Urn}.
 */
@Timeout(300)
class AdapterDemoIT {
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "t5, ipv4",
    "t5, ipv6",
    "t6, ipv4",
    "t6, ipv6",
    "x722, ipv4",
    "x722, ipv6",
    "e810, ipv4",
    "e810, ipv6",
  })
  void nothingIsLost(String kind, String ip) throws Exception {
    List<String> arguments =
        new ArrayList<>(List.of("demo", "--rnic", kind, "--bytes", "4M", "--json"));
    if (ip.equals("ipv6")) {
      arguments.add("--ipv6");
    }
    Cli.Result result = Cli.run(arguments.toArray(String[]::new));
    assertThat(result.err()).isEmpty();
    Map<String, Object> report = result.json();
    assertThat(report)
        .containsEntry("rnic", kind)
        .containsEntry("model", true)
        .containsEntry("residence", "adapter")
        .containsEntry("ip", ip)
        .containsEntry("owners", List.of("linux", kind))
        .containsEntry("bytes_lost", 0)
        .containsEntry("digests_equal", true)
        .containsEntry("leaks", "")
        .containsEntry("complaints", List.of())
        .containsEntry("left_behind", Map.of("slabs", 0, "mappings", 0, "connections", 0))
        .containsKey("accepted_losses");
    assertThat((List<?>) report.get("host")).hasSize(5);
    assertThat((List<?>) report.get("peer")).hasSize(5);
    assertThat(result.exitCode()).isZero();
  }
}
