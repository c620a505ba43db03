package dev.offramp.provider.softiwarp;

import dev.offramp.linux.net.NetworkNamespace;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program of these tests in a process of its own, which SIGKILL can end. */
final class ChildJvm implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter commands;

  private ChildJvm(Process process) {
    this.process = process;
    this.answers = process.inputReader();
    this.commands = process.outputWriter();
  }

  static ChildJvm start(NetworkNamespace namespace, Class<?> main, String... arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "nsenter",
                "--net=" + namespace.path(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return new ChildJvm(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  void say(String line) throws IOException {
    commands.write(line);
    commands.newLine();
    commands.flush();
  }

  String hear() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new EOFException("a child process has ended instead of answering");
    }
    return line;
  }

  void hear(String expected) throws IOException {
    String line = hear();
    if (!line.equals(expected)) {
      throw new IOException("a child process said [" + line + "], expected " + expected);
    }
  }

  /** Afterwards the kernel has closed all that it had open. */
  void kill() {
    try {
      process.destroyForcibly();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("process " + process.pid() + " survives SIGKILL");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
