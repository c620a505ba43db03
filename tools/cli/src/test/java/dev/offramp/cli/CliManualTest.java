package dev.offramp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.cli.docs.Manual;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** docs/cli.md names every subcommand, and in its section each of its options. */
final class CliManualTest {
  static Stream<String> subcommands() {
    return new CommandLine(Main.class)
        .getSubcommands().entrySet().stream()
            .filter(command -> !command.getValue().getCommandSpec().usageMessage().hidden())
            .map(command -> command.getKey());
  }

  @ParameterizedTest
  @MethodSource("subcommands")
  void everyOptionIsDescribed(String name) throws IOException {
    String section = section(name);
    CommandLine command =
        Objects.requireNonNull(new CommandLine(Main.class).getSubcommands().get(name));
    List<String> options =
        command.getCommandSpec().options().stream()
            .flatMap(option -> Arrays.stream(option.names()))
            .filter(option -> !isCommon(option, command))
            .toList();
    assertThat(options)
        .as("options of %s in docs/cli.md", name)
        .allSatisfy(option ->
            assertThat(section).containsPattern("(?<![\\w-])" + Pattern.quote(option) + "(?!\\w)"));
  }

  @Test
  void everyExitCodeIsDescribed() throws IOException {
    String page = Manual.page("docs/cli.md");
    assertThat(new CommandLine(Main.class).getCommandSpec().usageMessage().exitCodeList().keySet())
        .isNotEmpty()
        .allSatisfy(code -> assertThat(page).contains("\n| " + code + " | "));
  }

  /** The help options are described once for all, at the top. */
  private static boolean isCommon(String option, CommandLine command) {
    var spec = command.getCommandSpec().findOption(option);
    return spec != null && (spec.usageHelp() || spec.versionHelp());
  }

  private static String section(String name) throws IOException {
    String page = Manual.page("docs/cli.md");
    String heading = "\n## " + name + "\n";
    int start = page.indexOf(heading);
    assertThat(start).as("a section '## %s' in docs/cli.md", name).isNotNegative();
    int end = page.indexOf("\n## ", start + heading.length());
    return page.substring(start, end < 0 ? page.length() : end);
  }
}
