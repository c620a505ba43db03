package dev.offramp.linux.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Runs {@code ip} and {@code tc}, in the caller's network namespace or another, with a deadline.
 * Immutable; safe for use by many threads.
 *
 * <p>A process costs milliseconds, so prefer one batch to many commands. A batch stops at the first
 * line that fails; lines before it stay done.
 */
public final class CommandLine {
  private static final Duration USUAL_DEADLINE = Duration.ofSeconds(10);
  // iproute2, lib/utils.c: do_batch. "-" is what it calls its standard input.
  private static final Pattern FAILED_LINE = Pattern.compile("Command failed -:(\\d+)");

  private final @Nullable NetworkNamespace namespace;
  private final Duration deadline;

  private CommandLine(@Nullable NetworkNamespace namespace, Duration deadline) {
    this.namespace = namespace;
    this.deadline = deadline;
  }

  /** Commands in the namespace of the thread that runs them. */
  public static CommandLine here() {
    return new CommandLine(null, USUAL_DEADLINE);
  }

  /** Commands in {@code namespace}, through {@code nsenter} of util-linux. */
  public static CommandLine in(NetworkNamespace namespace) {
    return new CommandLine(namespace, USUAL_DEADLINE);
  }

  /**
   * The same with another deadline.
   *
   * @param each for each command; 10 s unless told otherwise
   */
  public CommandLine within(Duration each) {
    return new CommandLine(namespace, each);
  }

  /**
   * {@code ip ARGUMENTS}.
   *
   * @return its standard output
   * @throws CommandException when it is not there, fails, or takes too long
   * @throws IOException when it cannot be started or talked to, or the thread is interrupted
   */
  public String ip(String... arguments) throws IOException {
    return run("ip", List.of(arguments), List.of());
  }

  /** {@code tc ARGUMENTS}; as {@link #ip}. */
  public String tc(String... arguments) throws IOException {
    return run("tc", List.of(arguments), List.of());
  }

  /**
   * {@code ip -batch -}.
   *
   * @param lines commands without the word {@code ip}
   * @throws CommandException when one fails: its {@link CommandException#command} says which
   */
  public void ipBatch(List<String> lines) throws IOException {
    batch("ip", lines, false);
  }

  /** {@code ip -force -batch -}: attempts every line, then fails if one did. For undoing. */
  public void ipBatchAll(List<String> lines) throws IOException {
    batch("ip", lines, true);
  }

  private void batch(String program, List<String> lines, boolean force) throws IOException {
    if (!lines.isEmpty()) {
      run(program, force ? List.of("-force", "-batch", "-") : List.of("-batch", "-"), lines);
    }
  }

  private String run(String program, List<String> arguments, List<String> input)
      throws IOException {
    List<String> command = new ArrayList<>();
    if (namespace != null) {
      command.add(Executables.find("nsenter").toString());
      command.add("--net=" + namespace.path());
    }
    command.add(Executables.find(program).toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    // Remedies and batch positions are read from the messages.
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    try {
      return await(process, command, input);
    } finally {
      process.destroyForcibly();
    }
  }

  private String await(Process process, List<String> command, List<String> input)
      throws IOException {
    FutureTask<String> stdout = onThread(() -> readAll(process.getInputStream()));
    FutureTask<String> stderr = onThread(() -> readAll(process.getErrorStream()));
    FutureTask<String> stdin = onThread(() -> writeAll(process.getOutputStream(), input));
    try {
      boolean ended = process.waitFor(deadline.toNanos(), TimeUnit.NANOSECONDS);
      if (!ended) {
        process.destroyForcibly();
        process.waitFor();
      }
      stdin.get();
      String output = stdout.get();
      check(command, input, ended, process.exitValue(), stderr.get().strip());
      return output;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failures.interrupted(String.join(" ", command), e);
    } catch (ExecutionException e) {
      throw Failures.rethrown(e);
    }
  }

  private void check(
      List<String> command, List<String> input, boolean ended, int exitCode, String stderr)
      throws CommandException {
    if (!ended) {
      String remedy = "after " + deadline.toMillis() + " ms; raise the deadline or look at dmesg";
      throw new CommandException(CommandException.Kind.TIMED_OUT, command, -1, stderr, remedy);
    }
    if (exitCode != 0) {
      List<String> shown = new ArrayList<>(command);
      Matcher failed = FAILED_LINE.matcher(stderr);
      if (failed.find()) {
        int line = Integer.parseInt(failed.group(1));
        if (line >= 1 && line <= input.size()) {
          shown.add("<<< " + input.get(line - 1));
        }
      }
      throw new CommandException(
          CommandException.Kind.FAILED, shown, exitCode, stderr, Remedies.forOutput(stderr));
    }
  }

  private static FutureTask<String> onThread(java.util.concurrent.Callable<String> code) {
    FutureTask<String> task = new FutureTask<>(code);
    Thread.ofPlatform().daemon(true).name("command-io").start(task);
    return task;
  }

  private static String readAll(InputStream from) throws IOException {
    try (from) {
      return new String(from.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String writeAll(OutputStream to, List<String> lines) {
    try (to) {
      to.write(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
      to.write('\n');
    } catch (IOException e) {
      // The command has ended without reading: its exit code says more than EPIPE.
      return e.toString();
    }
    return "";
  }
}
