package dev.offramp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The demonstration, small, in both residences: nothing may be lost, and nothing printed to stderr.
 */
@Timeout(240)
class DemoIT {
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "host, ipv4, softiwarp",
    "host, ipv6, softiwarp",
    "detached, ipv4, softiwarp-detached",
    "detached, ipv6, softiwarp-detached",
  })
  void nothingIsLost(String residence, String ip, String owner) throws Exception {
    List<String> arguments = List.of("demo", "--residence", residence, "--bytes", "1M", "--json");
    Cli.Result result =
        ip.equals("ipv6")
            ? Cli.run(
                java.util.stream.Stream.concat(
                        arguments.stream(), java.util.stream.Stream.of("--ipv6"))
                    .toArray(String[]::new))
            : Cli.run(arguments.toArray(String[]::new));
    assertThat(result.err()).isEmpty();
    assertThat(result.exitCode()).isZero();
    Map<String, Object> report = result.json();
    assertThat(report)
        .containsEntry("residence", residence)
        .containsEntry("ip", ip)
        .containsEntry("bytes_lost", 0)
        .containsEntry("digests_equal", true)
        .containsEntry("owners", List.of("linux", owner))
        .containsKeys(
            "bytes_moved", "steps", "peer_waited_micros", "refused_moves", "host", "peer");
    assertThat((Map<?, ?>) report.get("refused_moves")).isNotEmpty();
    assertThat((List<?>) report.get("steps")).isNotEmpty();
    assertThat(String.valueOf(report.get("counters")))
        .contains("sent={fpdus=", "stream_bytes=", "messages={", "crc_errors=0");
  }
}
