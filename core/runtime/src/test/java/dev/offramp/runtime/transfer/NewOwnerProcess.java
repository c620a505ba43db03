package dev.offramp.runtime.transfer;

import dev.offramp.linux.net.NetworkNamespace;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@link NewOwnerMain} in a child JVM inside a network namespace. */
final class NewOwnerProcess implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 30;

  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter commands;

  private NewOwnerProcess(Process process) {
    this.process = process;
    this.answers = process.inputReader();
    this.commands = process.outputWriter();
  }

  static NewOwnerProcess start(NetworkNamespace namespace) throws IOException {
    return start(namespace, NewOwnerMain.class);
  }

  /** Another program that says it is ready. */
  static NewOwnerProcess start(NetworkNamespace namespace, Class<?> main, String... arguments)
      throws IOException {
    return start(namespace, List.of(), main, arguments);
  }

  /** The same, of this user and without any capability. */
  static NewOwnerProcess startWithoutPrivilege(
      NetworkNamespace namespace, Class<?> main, String... arguments) throws IOException {
    return start(
        namespace,
        List.of("setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"),
        main,
        arguments);
  }

  private static NewOwnerProcess start(
      NetworkNamespace namespace, List<String> prefix, Class<?> main, String... arguments)
      throws IOException {
    String classPath =
        String.join(
            File.pathSeparator,
            System.getProperty("jdk.module.path", ""),
            System.getProperty("java.class.path", ""),
            Path.of(System.getProperty("basedir", "."), "target", "test-classes").toString());
    List<String> command = new ArrayList<>(List.of("nsenter", "--net=" + namespace.path()));
    command.addAll(prefix);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            classPath,
            main.getName()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    NewOwnerProcess owner = new NewOwnerProcess(process);
    owner.hear("ready");
    return owner;
  }

  /** Gives an order, and waits until it is carried out. */
  void order(String command, String answer) throws IOException {
    commands.write(command);
    commands.newLine();
    commands.flush();
    hear(answer);
  }

  void hear(String expected) throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new EOFException("the new owner's process ended instead of saying: " + expected);
    }
    if (!line.equals(expected)) {
      throw new IOException("the new owner's process said [" + line + "], expected " + expected);
    }
  }

  /** SIGKILL; afterwards the kernel has closed all that it had open. */
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
