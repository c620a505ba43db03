package dev.offramp.interop;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines of {@code offramp}, out of the modules that this program itself was built with. */
final class OfframpCommand {
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private OfframpCommand() {}

  static List<String> of(List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                JAVA,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--illegal-native-access=deny",
                "--enable-native-access=dev.offramp.linux",
                "-p",
                System.getProperty("jdk.module.path", ""),
                "-m",
                "dev.offramp.cli/dev.offramp.cli.Main"));
    command.addAll(arguments);
    return command;
  }
}
