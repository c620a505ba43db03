package dev.offramp.linux;

import dev.offramp.linux.helper.HelperMain;
import dev.offramp.linux.net.NetworkNamespace;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A helper in a process of its own, inside a network namespace, which SIGKILL can end. */
final class HelperProcess implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final Process process;

  private HelperProcess(Process process) {
    this.process = process;
  }

  /** One that lives. */
  static HelperProcess start(NetworkNamespace namespace, Path socket) throws IOException {
    return start(namespace, socket, 0, "");
  }

  /**
   * One that kills itself at its request of that number.
   *
   * @param moment see {@link HelperMain}
   */
  static HelperProcess start(NetworkNamespace namespace, Path socket, int number, String moment)
      throws IOException {
    String classPath =
        String.join(
            File.pathSeparator,
            System.getProperty("jdk.module.path", ""),
            System.getProperty("java.class.path", ""),
            Path.of(System.getProperty("basedir", "."), "target", "test-classes").toString(),
            Path.of(System.getProperty("basedir", "."), "target", "classes").toString());
    Process process =
        new ProcessBuilder(
                "nsenter",
                "--net=" + namespace.path(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath,
                HelperMain.class.getName(),
                socket.toString(),
                Integer.toString(number),
                moment)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String said = process.inputReader().readLine();
    if (said == null || !said.startsWith("ready")) {
      throw new IOException("a helper does not start: " + said);
    }
    return new HelperProcess(process);
  }

  /** Afterwards the kernel has closed all that it had open. */
  void kill() {
    process.destroyForcibly();
    awaitDeath();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Of one that kills itself. */
  void awaitDeath() {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "process " + process.pid() + " lives, after SIGKILL or without it");
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
