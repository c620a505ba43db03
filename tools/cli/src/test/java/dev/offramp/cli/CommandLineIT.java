package dev.offramp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every subcommand promises: exit codes, a clean standard error, JSON with known keys. */
@Timeout(240)
class CommandLineIT {
  @ParameterizedTest
  @ValueSource(strings = {"--help", "--version", "doctor --help", "rping --help", "demo --help"})
  void helpIsOnStandardOutput(String arguments) throws Exception {
    Cli.Result result = Cli.run(arguments.split(" ", -1));
    assertThat(result.exitCode()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).contains("offramp");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no-such-command",
        "doctor --no-such-option",
        "demo --bytes 7",
        "demo --bytes many",
        "demo --residence moon",
        "rping",
        "rping -s -c -a 127.0.0.1",
        "rping -c",
        "rping -s -S 26",
        "rping -s -p none",
      })
  void aWrongCommandLineIsExitCode2(String arguments) throws Exception {
    Cli.Result result = arguments.isEmpty() ? Cli.run() : Cli.run(arguments.split(" ", -1));
    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.out()).isEmpty();
    // Where a command looks like another one, picocli names that instead of all.
    assertThat(result.err())
        .containsPattern("(?i)usage|Did you mean: offramp ")
        .doesNotContain("\tat ");
  }

  @Test
  void driversAreListed() throws Exception {
    Cli.Result text = Cli.run("drivers");
    assertThat(text.err()).isEmpty();
    assertThat(text.exitCode()).isZero();
    assertThat(text.out()).contains("softiwarp", "module dev.offramp.provider.softiwarp at file:");
    Cli.Result result = Cli.run("drivers", "--json");
    assertThat(result.err()).isEmpty();
    assertThat(result.json()).containsOnlyKeys("drivers");
    List<String> expected =
        List.of(
            "softiwarp usable, RNICs [softiwarp, softiwarp-detached], emulated []",
            "chelsio usable, RNICs [], emulated [t5, t6]",
            "intel usable, RNICs [], emulated [e810, x722]");
    List<String> seen = new ArrayList<>();
    for (Object each : (List<?>) Objects.requireNonNull(result.json().get("drivers"))) {
      Map<?, ?> driver = (Map<?, ?>) each;
      assertThat(driver.keySet().toString())
          .isEqualTo(
              "[id, origin, compiled_spi, running_spi, rnics, emulated, capabilities, usable,"
                  + " unavailable]");
      assertThat(driver.get("usable")).isEqualTo(true);
      seen.add(
          driver.get("id")
              + " usable, RNICs "
              + driver.get("rnics")
              + ", emulated "
              + driver.get("emulated"));
    }
    assertThat(seen).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void theDoctorExamines() throws Exception {
    Cli.Result text = Cli.run("doctor");
    assertThat(text.err()).isEmpty();
    Cli.Result result = Cli.run("doctor", "--json");
    assertThat(result.err()).isEmpty();
    assertThat(result.json()).containsOnlyKeys("healthy", "findings");
    boolean healthy = Boolean.TRUE.equals(result.json().get("healthy"));
    assertThat(result.exitCode()).isEqualTo(healthy ? ExitCode.OK : ExitCode.FAILED);
    assertThat(text.exitCode()).isEqualTo(result.exitCode());
    assertThat((List<?>) result.json().get("findings"))
        .isNotEmpty()
        .allSatisfy(finding -> {
          Map<?, ?> map = (Map<?, ?>) finding;
          assertThat(map.keySet().toString()).isEqualTo("[name, level, seen, fix]");
          assertThat(map.get("level")).isIn("ok", "note", "missing");
          assertThat("ok".equals(map.get("level"))).isEqualTo("".equals(map.get("fix")));
        });
  }

  /** One line, no stack trace: nothing listens there. */
  @Test
  void aConnectionThatIsRefusedIsExitCode4() throws Exception {
    Cli.Result result = Cli.run("rping", "-c", "-a", "127.0.0.1", "-p", "1", "-C", "1");
    assertThat(result.exitCode()).isEqualTo(ExitCode.CONNECTION);
    assertThat(result.err().lines()).singleElement().asString().startsWith("offramp rping: ");
  }
}
