package dev.offramp.linux.net;

import java.io.IOException;
import java.io.Serial;
import java.util.List;

/** A command that could not be run, did not end in time, or failed: which, how, and what to do. */
public final class CommandException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  /** What went wrong. */
  public enum Kind {
    /** The program is not installed. */
    NOT_FOUND,
    /** It ran, and ended with an exit code other than 0. */
    FAILED,
    /** It did not end within its deadline and was killed. */
    TIMED_OUT
  }

  private final Kind kind;
  private final String command;
  private final int exitCode;
  private final String stderr;
  private final String remedy;

  CommandException(Kind kind, List<String> command, int exitCode, String stderr, String remedy) {
    super(message(kind, String.join(" ", command), exitCode, stderr, remedy));
    this.kind = kind;
    this.command = String.join(" ", command);
    this.exitCode = exitCode;
    this.stderr = stderr;
    this.remedy = remedy;
  }

  /** What went wrong. */
  public Kind kind() {
    return kind;
  }

  /** The command line, words separated by spaces; of a batch, with the line that failed. */
  public String command() {
    return command;
  }

  /** The exit code, or -1 when the command did not end by itself. */
  public int exitCode() {
    return exitCode;
  }

  /** What it wrote to its standard error, without white space at the ends. */
  public String stderr() {
    return stderr;
  }

  /** What to do about it; empty when there is nothing general to say. */
  public String remedy() {
    return remedy;
  }

  private static String message(
      Kind kind, String command, int exitCode, String stderr, String remedy) {
    String outcome =
        switch (kind) {
          case NOT_FOUND -> "not found";
          case FAILED -> "exit code " + exitCode;
          case TIMED_OUT -> "killed at its deadline";
        };
    StringBuilder text = new StringBuilder("[").append(command).append("]: ").append(outcome);
    if (!stderr.isEmpty()) {
      text.append(": [").append(stderr.replace("\n", "; ")).append(']');
    }
    if (!remedy.isEmpty()) {
      text.append("; ").append(remedy);
    }
    return text.toString();
  }
}
