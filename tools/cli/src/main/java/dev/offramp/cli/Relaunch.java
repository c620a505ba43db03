package dev.offramp.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines that start this program again. */
final class Relaunch {
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private Relaunch() {}

  /** This program with other arguments, in the same JVM version and with the same modules. */
  static List<String> command(List<String> prefix, List<String> arguments) {
    List<String> command = new ArrayList<>(prefix);
    command.add(JAVA);
    command.add("-XX:+UseSerialGC");
    command.add("--illegal-native-access=deny");
    command.add("--enable-native-access=dev.offramp.linux");
    command.add("-p");
    command.add(System.getProperty("jdk.module.path", ""));
    command.add("-m");
    command.add("dev.offramp.cli/" + Main.class.getName());
    command.addAll(arguments);
    return command;
  }

  /** Runs to its end with this process's own input and outputs; returns the exit code. */
  static int inherit(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    // Whoever ends this process means the one that does the work.
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("offramp-relay").unstarted(process::destroy));
    return process.waitFor();
  }

  /** Ends this process when the one that started it is no more, however that ended. */
  static void endWithParent() {
    ProcessHandle.current().parent().ifPresent(Relaunch::endWith);
  }

  private static void endWith(ProcessHandle parent) {
    Thread.ofPlatform()
        .name("offramp-parent")
        .daemon(true)
        .start(() -> {
          parent.onExit().join();
          Runtime.getRuntime().halt(ExitCode.FAILED);
        });
  }

  /** Whether a program is on the PATH. */
  static boolean isOnPath(String program) {
    for (String directory :
        System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      if (!directory.isEmpty() && Path.of(directory, program).toFile().canExecute()) {
        return true;
      }
    }
    return false;
  }
}
