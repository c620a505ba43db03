package dev.offramp.cli.matrix;

import dev.offramp.linux.net.NetworkNamespace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** {@link KilledMain} in a process of its own, in the host's network namespace. */
final class KilledProcess implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 90;
  private static final String END = "\0";

  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final List<String> later = new ArrayList<>();

  private KilledProcess(Process process) {
    this.process = process;
    Thread.ofPlatform().daemon(true).start(this::listen);
  }

  /** Starts it; what it is to say comes later. */
  static KilledProcess start(
      NetworkNamespace host, KilledPorts atPeer, KilledPorts atHost, Path journal)
      throws IOException {
    Path target = Path.of(System.getProperty("basedir", "."), "target");
    List<String> command =
        List.of(
            "nsenter",
            "--net=" + host.path(),
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx256m",
            "--illegal-native-access=deny",
            "--enable-native-access=dev.offramp.linux",
            "--patch-module",
            "dev.offramp.cli=" + target.resolve("test-classes"),
            "-p",
            target.resolve("app").resolve("lib").toString(),
            "-m",
            "dev.offramp.cli/" + KilledMain.class.getName(),
            atPeer.encode(),
            atHost.encode(),
            journal.toString());
    return new KilledProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  private void listen() {
    try (BufferedReader out = process.inputReader()) {
      out.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      lines.add("failed - cannot be read: " + e);
    }
    lines.add(END);
  }

  void order(String line) throws IOException {
    var orders = process.outputWriter();
    orders.write(line);
    orders.newLine();
    orders.flush();
  }

  /** The rest of the next line that begins so; what is of others waits. */
  String hear(String beginning) throws IOException, InterruptedException {
    for (int i = 0; i < later.size(); i++) {
      if (later.get(i).startsWith(beginning)) {
        return later.remove(i).substring(beginning.length());
      }
    }
    while (true) {
      String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (line == null || line.equals(END) || line.startsWith("failed")) {
        throw new IOException(
            "expected [%s] of the process, seen [%s], and before it %s"
                .formatted(beginning, line, later));
      }
      if (line.startsWith(beginning)) {
        return line.substring(beginning.length());
      }
      later.add(line);
    }
  }

  /** SIGKILL; afterwards the kernel has closed all that it had open. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("process " + process.pid() + " survives SIGKILL");
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
