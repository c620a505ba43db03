package dev.offramp.cli.rping;

import java.io.IOException;
import java.io.Serial;

/** Thrown when the peer does not speak rping, or its data is wrong. */
public final class RpingException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  RpingException(String message) {
    super(message);
  }
}
