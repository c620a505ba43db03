package dev.offramp.linux.net;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;

/** How failures cross a thread. */
final class Failures {
  private Failures() {}

  static InterruptedIOException interrupted(String what, InterruptedException cause) {
    InterruptedIOException failure = new InterruptedIOException("interrupted: " + what);
    failure.initCause(cause);
    return failure;
  }

  /** The failure of another thread, thrown as its own type where the signature allows it. */
  static IOException rethrown(ExecutionException failure) {
    return switch (failure.getCause()) {
      case RuntimeException unchecked -> throw unchecked;
      case Error error -> throw error;
      case IOException expected -> expected;
      case null -> new IOException(failure);
      case Throwable other -> new IOException(other.toString(), other);
    };
  }
}
