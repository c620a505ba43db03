package dev.offramp.cli;

import dev.offramp.tck.cli.TckCommand;
import dev.offramp.tck.zoo.ZooCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/**
 * {@code offramp tck}. The kit reads its own command line, which is the launcher's as well: so the
 * launcher needs no library, and both behave the same.
 */
@Command(
    name = "tck",
    description = "Judges a driver's jar by what the driver does: the compatibility kit.")
final class KitCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Unmatched private List<String> words = new ArrayList<>();

  @Override
  public Integer call() {
    if (!words.isEmpty() && words.get(0).equals("zoo")) {
      return ZooCommand.execute(
          words.subList(1, words.size()), spec.commandLine().getOut(), spec.commandLine().getErr());
    }
    return TckCommand.execute(
        spec.qualifiedName(), words, spec.commandLine().getOut(), spec.commandLine().getErr());
  }
}
