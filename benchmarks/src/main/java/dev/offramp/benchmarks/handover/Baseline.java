package dev.offramp.benchmarks.handover;

import dev.offramp.benchmarks.Samples;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The same move in C, with the system calls of CRIU's libsoccr and nothing else: a program of our
 * own, compiled when it is needed, that runs in this process's network namespace.
 */
final class Baseline implements AutoCloseable {
  private static final Path SOURCE = Path.of("benchmarks", "src", "main", "c", "soccr_move.c");
  private static final Path PROGRAM = Path.of("benchmarks", "target", "soccr_move");

  private final Process process;
  private final PrintStream commands;
  private final BufferedReader answers;

  private Baseline(Process process) {
    this.process = process;
    this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
    this.answers =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
  }

  /** Compiles and starts it. */
  static Baseline open() throws IOException {
    Files.createDirectories(PROGRAM.getParent());
    compile();
    return new Baseline(
        new ProcessBuilder(PROGRAM.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  private static void compile() throws IOException {
    int code;
    try {
      code =
          new ProcessBuilder("cc", "-O2", "-Wall", "-o", PROGRAM.toString(), SOURCE.toString())
              .inheritIO()
              .start()
              .waitFor();
    } catch (IOException e) {
      throw new IOException(
          "no C compiler [cc], which the yardstick needs; install one (Debian: gcc), or use"
              + " --baseline 0",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while compiling " + SOURCE, e);
    }
    if (code != 0) {
      throw new IOException("cc gave " + code + " for " + SOURCE + "; see above");
    }
  }

  /**
   * Moves connections.
   *
   * @param into gets their times in microseconds
   * @return the system calls of one move
   */
  int run(int family, String queue, int bytes, int warmup, int count, Samples into)
      throws IOException {
    commands.printf(Locale.ROOT, "%d %s %d %d %d%n", family, queue, bytes, warmup, count);
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("the yardstick has ended; see its message above");
    }
    String[] words = answer.split(" ", -1);
    if (words.length != count + 1) {
      throw new IOException(words.length - 1 + " times from the yardstick, expected " + count);
    }
    for (int i = 1; i < words.length; i++) {
      into.add(Long.parseLong(words[i]) / 1e3);
    }
    return Integer.parseInt(words[0]);
  }

  @Override
  public void close() {
    commands.close(); // end of input ends it
    process.destroy();
  }
}
