package dev.offramp.tck.cli;

import java.io.Serial;

/** Thrown when a command line makes no sense; the message says what was seen and expected. */
final class UsageException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }

  UsageException(String message, Throwable cause) {
    super(message, cause);
  }
}
