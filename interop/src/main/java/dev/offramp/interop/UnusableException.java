package dev.offramp.interop;

import java.io.IOException;
import java.io.Serial;

/** The machine cannot run the suite: a privilege, a program or a package is missing. */
final class UnusableException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  /** Says what was seen, what was expected, and what to do. */
  UnusableException(String message) {
    super(message);
  }
}
