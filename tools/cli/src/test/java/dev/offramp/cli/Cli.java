package dev.offramp.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The real command line, in processes of its own, from the module path that is shipped. */
final class Cli {
  private static final long PATIENCE_SECONDS = 180;

  /** What a process that has ended left behind. */
  record Result(int exitCode, String out, String err) {
    Map<String, Object> json() throws IOException {
      return Json.parse(out);
    }
  }

  /** A process that runs; all that it says is taken at once. Killed when closed and still there. */
  static final class Running implements AutoCloseable {
    private static final String END = "\0";

    private final Process process;
    private final FutureTask<String> err;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final StringBuilder heard = new StringBuilder();

    private Running(Process process) {
      this.process = process;
      this.err =
          new FutureTask<>(
              () -> new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
      Thread.ofPlatform().daemon(true).start(err);
      Thread.ofPlatform().daemon(true).start(this::listen);
    }

    private void listen() {
      try (BufferedReader out = process.inputReader()) {
        out.lines().forEach(lines::add);
      } catch (IOException | UncheckedIOException e) {
        lines.add("cannot be read: " + e);
      }
      lines.add(END);
    }

    /** The next line, or {@link #END}. */
    private String next() throws IOException, InterruptedException {
      String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (line == null) {
        throw new IOException("silence of " + PATIENCE_SECONDS + " s after: " + heard);
      }
      return line;
    }

    /** Reads on until a line with {@code text}, and returns it. */
    String awaitLine(String text) throws IOException, InterruptedException {
      for (String line = next(); !line.equals(END); line = next()) {
        heard.append(line).append('\n');
        if (line.contains(text)) {
          return line;
        }
      }
      throw new IOException("ended without [" + text + "] after: " + heard);
    }

    /** Waits for its end. */
    Result end() throws IOException, InterruptedException, ExecutionException, TimeoutException {
      for (String line = next(); !line.equals(END); line = next()) {
        heard.append(line).append('\n');
      }
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("the process does not end; it said: " + heard);
      }
      return new Result(
          process.exitValue(), heard.toString(), err.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  private Cli() {}

  static Running start(String... arguments) throws IOException {
    return startBehind(List.of(), arguments);
  }

  /** Starts it with something before its command, such as nsenter. */
  static Running startBehind(List<String> prefix, String... arguments) throws IOException {
    Path lib = Path.of(System.getProperty("basedir", "."), "target", "app", "lib");
    if (!lib.resolve("picocli-" + picocli.CommandLine.VERSION + ".jar").toFile().exists()) {
      throw new IOException(lib + " is not built: run these tests in the phase verify");
    }
    List<String> command = new ArrayList<>(prefix);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--illegal-native-access=deny",
            "--enable-native-access=dev.offramp.linux",
            "-p",
            lib.toString(),
            "-m",
            "dev.offramp.cli/dev.offramp.cli.Main"));
    command.addAll(List.of(arguments));
    return new Running(new ProcessBuilder(command).start());
  }

  static Result run(String... arguments) throws Exception {
    try (Running running = start(arguments)) {
      return running.end();
    }
  }
}
