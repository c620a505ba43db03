package dev.offramp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.cli.docs.Manual;
import dev.offramp.tck.cli.TckCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** docs/cli.md names the kit's subcommands and their options, and {@code offramp tck} has them. */
final class KitManualTest {
  private static final Pattern OPTION = Pattern.compile("(?m)^ {2}(--[a-z-]+)");
  private static final Pattern SUBCOMMAND = Pattern.compile("(?m)^ {2}([a-z]+) {2}");

  @Test
  void everySubcommandAndOptionIsDescribed() throws IOException {
    String page = Manual.page("docs/cli.md");
    List<String> subcommands =
        SUBCOMMAND.matcher(help("--help")).results().map(found -> found.group(1)).toList();
    assertThat(subcommands).contains("run", "rules", "explain", "diff", "merge");
    for (String subcommand : subcommands) {
      assertThat(page).contains("| `tck " + subcommand);
      OPTION
          .matcher(help(subcommand, "--help"))
          .results()
          .forEach(found -> assertThat(page).contains("`" + found.group(1)));
    }
  }

  /** picocli must not take what is the kit's: neither its options nor its exit codes. */
  @ParameterizedTest
  @ValueSource(strings = {"--help", "run --help", "--version", "run", "explain L33", "rules --x"})
  void everythingBehindTckIsTheKits(String line) {
    List<String> words = List.of(line.split(" ", -1));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    StringWriter expectedOut = new StringWriter();
    StringWriter expectedErr = new StringWriter();
    int expected =
        TckCommand.execute(
            "offramp tck", words, new PrintWriter(expectedOut), new PrintWriter(expectedErr));
    assertThat(commandLine.execute(("tck " + line).split(" ", -1))).isEqualTo(expected);
    assertThat(out).hasToString(expectedOut.toString());
    assertThat(err).hasToString(expectedErr.toString());
  }

  private static String help(String... words) {
    StringWriter out = new StringWriter();
    TckCommand.execute(
        "offramp tck", List.of(words), new PrintWriter(out), new PrintWriter(new StringWriter()));
    return out.toString();
  }
}
