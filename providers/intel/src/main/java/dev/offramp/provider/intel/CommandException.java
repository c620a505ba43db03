package dev.offramp.provider.intel;

import dev.offramp.provider.intel.layout.CompletionEntry;
import java.io.IOException;
import java.io.Serial;

/** Thrown when the control queue does not do what a command asks for. */
final class CommandException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  /** What {@link #majorError} is when the device said nothing. */
  static final int SILENT = -1;

  private final int majorError;
  private final int minorError;

  /** The device answered with an error. */
  CommandException(String command, int majorError, int minorError, int errorCodes) {
    super(
        "%s failed: major code [%#06x], minor code [%#06x], CQPERRCODES [%#010x]; expected success"
            .formatted(command, majorError, minorError, errorCodes));
    this.majorError = majorError;
    this.minorError = minorError;
  }

  /** The device does not answer, or the command cannot be given to it. */
  CommandException(String message) {
    super(message);
    this.majorError = SILENT;
    this.minorError = 0;
  }

  /** What the completion said, 16 bits; {@link #SILENT} when there was none. */
  int majorError() {
    return majorError;
  }

  int minorError() {
    return minorError;
  }

  /** Says so in the log; loudly, unless it is harmless or only follows from what has been said. */
  void log(System.Logger log, String context) {
    boolean loud = majorError != SILENT && !isHarmless();
    log.log(
        loud ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG,
        context + ": " + getMessage());
  }

  /** Whether the connection was already where the command should have taken it. */
  boolean isHarmless() {
    return majorError == CompletionEntry.CQP_MAJOR_ERROR && CompletionEntry.isHarmless(minorError);
  }
}
