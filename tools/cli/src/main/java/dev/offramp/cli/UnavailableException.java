package dev.offramp.cli;

import java.io.Serial;

/** Thrown when this machine cannot do what was asked; the message says what to do about it. */
final class UnavailableException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  UnavailableException(String message) {
    super(message);
  }
}
