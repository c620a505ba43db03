package dev.offramp.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A program that was started, with all that it prints. Closing it ends it. Safe for use by several
 * threads.
 */
final class Run implements AutoCloseable {
  private static final int LINES_SHOWN = 6;
  private static final long GRACE_SECONDS = 3;

  private final String name;
  private final Process process;
  private final Predicate<String> kept;
  private final Thread reader;
  private final List<String> lines = new ArrayList<>();
  private boolean ended;

  private Run(String name, Process process, Predicate<String> kept) {
    this.name = name;
    this.process = process;
    this.kept = kept;
    this.reader = Thread.ofPlatform().daemon(true).name("output of " + name).start(this::read);
  }

  /**
   * Starts a program; its errors are part of its output.
   *
   * @param name what to call it in messages
   * @throws IOException when it cannot be started
   */
  static Run start(String name, List<String> command) throws IOException {
    return start(name, new ProcessBuilder(command).redirectErrorStream(true), line -> true);
  }

  /** The same without its errors: only what it prints to standard output counts. */
  static Run startWithoutErrors(String name, List<String> command) throws IOException {
    return startForLines(name, command, line -> true);
  }

  /** Nor counts any line but those that {@code kept} takes, for programs that print gigabytes. */
  static Run startForLines(String name, List<String> command, Predicate<String> kept)
      throws IOException {
    return start(
        name, new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD), kept);
  }

  private static Run start(String name, ProcessBuilder builder, Predicate<String> kept)
      throws IOException {
    Process process = builder.start();
    process.getOutputStream().close();
    return new Run(name, process, kept);
  }

  private void read() {
    try (BufferedReader from =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.ISO_8859_1))) {
      for (String line = from.readLine(); line != null; line = from.readLine()) {
        if (kept.test(line)) {
          add(line);
        }
      }
    } catch (IOException e) {
      synchronized (this) {
        lines.add("[its output cannot be read: " + e + "]");
      }
    } finally {
      synchronized (this) {
        ended = true;
        notifyAll();
      }
    }
  }

  private synchronized void add(String line) {
    lines.add(line);
    notifyAll();
  }

  /**
   * Waits until it has printed a line like that.
   *
   * @throws CaseFailure when it ends before, or the time is over
   */
  synchronized String awaitLine(Predicate<String> wanted, String what, Duration limit)
      throws CaseFailure, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    int looked = 0;
    while (true) {
      for (; looked < lines.size(); looked++) {
        if (wanted.test(lines.get(looked))) {
          return lines.get(looked);
        }
      }
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (ended || left <= 0) {
        throw new CaseFailure(
            name
                + (ended ? " ended" : " did not say within " + limit)
                + " before "
                + what
                + "; "
                + tail());
      }
      wait(left);
    }
  }

  /**
   * Waits for its end; returns the exit status.
   *
   * @throws CaseFailure when the time is over; it has been ended then
   */
  int await(Duration limit) throws CaseFailure, InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      close();
      throw new CaseFailure(name + " was not done within " + limit + "; " + tail());
    }
    reader.join();
    return process.exitValue();
  }

  /**
   * Waits for its end.
   *
   * @return what it printed
   * @throws CaseFailure when the exit status is not 0, or the time is over
   */
  String succeed(Duration limit) throws CaseFailure, InterruptedException {
    int status = await(limit);
    if (status != 0) {
      throw new CaseFailure(name + " ended with status " + status + "; " + tail());
    }
    return output();
  }

  /** All that it has printed so far. */
  synchronized String output() {
    return String.join("\n", lines);
  }

  /** The last lines, for messages. */
  synchronized String tail() {
    List<String> last =
        lines.stream().skip(Math.max(0, lines.size() - LINES_SHOWN)).map(Run::shortened).toList();
    return last.isEmpty() ? "it printed nothing" : "it printed " + last;
  }

  private static String shortened(String line) {
    return line.length() <= 160 ? line : line.substring(0, 160) + "…";
  }

  /** Asks it and all that it started to end, and makes them. */
  @Override
  public void close() {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroy);
    try {
      if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        all.forEach(ProcessHandle::destroyForcibly);
        process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS);
      }
      reader.join(TimeUnit.SECONDS.toMillis(GRACE_SECONDS));
    } catch (InterruptedException e) {
      all.forEach(ProcessHandle::destroyForcibly);
      Thread.currentThread().interrupt();
    }
  }
}
