package dev.offramp.tck.run;

import java.io.Serial;

/** Thrown when a jar cannot be judged at all: it does not load, or has no driver in it. */
final class PluginException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  PluginException(String message) {
    super(message);
  }

  PluginException(String message, Throwable cause) {
    super(message, cause);
  }
}
