package dev.offramp.benchmarks.suite;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another JVM like this one: same options, same modules, same class path. */
public final class ChildJvm {
  private ChildJvm() {}

  /** The command line; what it needs besides comes last and so wins. */
  public static List<String> command(
      String mainClass, List<String> arguments, List<String> jvmOptions) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(mainClass);
    command.addAll(arguments);
    return command;
  }

  /** Runs one to its end; whether it ended well. */
  static boolean run(String mainClass, List<String> arguments, List<String> jvmOptions)
      throws IOException, InterruptedException {
    Process child =
        new ProcessBuilder(command(mainClass, arguments, jvmOptions)).inheritIO().start();
    try {
      return child.waitFor() == 0;
    } finally {
      child.destroyForcibly();
    }
  }
}
