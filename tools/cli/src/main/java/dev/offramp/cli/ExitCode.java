package dev.offramp.cli;

/** The exit codes of every subcommand; docs/cli.md lists them. */
final class ExitCode {
  /** Done, and all is well. */
  static final int OK = 0;

  /** Done, and something is not well: a digest differs, a check of the doctor failed. */
  static final int FAILED = 1;

  /** The command line is wrong. */
  static final int USAGE = 2;

  /** The machine cannot do it: a privilege, a tool or a kernel feature is missing. */
  static final int UNAVAILABLE = 3;

  /** A connection was refused or lost on the way, or a peer did not keep to the protocol. */
  static final int CONNECTION = 4;

  /** A defect of this program. */
  static final int INTERNAL = 70;

  private ExitCode() {}
}
