package dev.offramp.cli;

import dev.offramp.api.mpa.MpaException;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.transfer.TransferException;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;

/** Turns exceptions into one clear line and an exit code. */
final class Failures {
  private Failures() {}

  static int report(Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    PrintWriter err = command.getErr();
    int code = exitCode(failure);
    String name = command.getCommandSpec().qualifiedName();
    if (code == ExitCode.INTERNAL) {
      err.println(name + ": this is a defect of offramp, please report it:");
      failure.printStackTrace(err);
    } else {
      err.println(name + ": " + failure.getMessage());
    }
    err.flush();
    return code;
  }

  private static int exitCode(Exception failure) {
    return switch (failure) {
      case UnavailableException e -> ExitCode.UNAVAILABLE;
      case UnsupportedOperationException e -> ExitCode.UNAVAILABLE;
      case TransferException e -> ExitCode.CONNECTION;
      case MpaException e -> ExitCode.CONNECTION;
      case ConnectionClosedException e -> ExitCode.CONNECTION;
      case IOException e -> ExitCode.CONNECTION;
      default -> ExitCode.INTERNAL;
    };
  }
}
