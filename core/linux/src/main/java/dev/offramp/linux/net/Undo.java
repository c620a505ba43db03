package dev.offramp.linux.net;

import java.io.IOException;

/** Undoing what may be undone already. */
final class Undo {
  private static final java.util.regex.Pattern GONE =
      java.util.regex.Pattern.compile(
          "Cannot find device.*|.*does not exist.*|.*not found.*|.*No such (file|process|device).*"
              + "|.*Cannot assign requested address.*|.*Invalid handle.*"
              + "|We have an error talking to the kernel.*|Command failed .*"
              + "|Error: Cannot find .*|Error: Parent Qdisc doesn't exists?\\..*");

  @FunctionalInterface
  interface Step {
    void run() throws IOException;
  }

  private Undo() {}

  /** Runs a forced batch of removals; that something is not there any more is no failure. */
  static void gone(Step removal) throws IOException {
    try {
      removal.run();
    } catch (CommandException e) {
      boolean allGone =
          e.kind() == CommandException.Kind.FAILED
              && e.stderr()
                  .lines()
                  .map(String::strip)
                  .allMatch(line -> GONE.matcher(line).matches());
      if (!allGone) {
        throw e;
      }
    }
  }

  /** Runs every step, whatever fails, and then throws the first failure. */
  static void all(Step... steps) throws IOException {
    IOException first = null;
    for (Step step : steps) {
      try {
        step.run();
      } catch (IOException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  /** Undoes after {@code failure}; what fails on the way is attached to it. */
  static void after(Throwable failure, Step undo) {
    try {
      undo.run();
    } catch (IOException | RuntimeException e) {
      failure.addSuppressed(e);
    }
  }
}
