package dev.offramp.runtime.migrate;

import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Why nothing more is heard from, or told to, the other process. */
public final class MigrationException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** For programs. */
  public enum Reason {
    /** It does not prove that it has the key: a stranger, or somebody who repeats what he heard. */
    NOT_AUTHENTIC,
    /** What came is not what was sent, or comes again, or in another place. */
    ALTERED,
    /** It ended in the middle of a message. */
    TRUNCATED,
    /** It speaks something else, or another version. */
    PROTOCOL,
    /** A message is larger than any descriptor can be, or memory larger than is allowed. */
    TOO_LARGE,
    /** It took longer than was allowed. */
    TIMED_OUT,
    /** It has gone. */
    CLOSED,
    /** It gave the transfer up, as it may. */
    ABANDONED
  }

  /** A failure; the message says what was seen, what was expected, what to do. */
  public MigrationException(Reason reason, String message, @Nullable Throwable cause) {
    super(reason + ": " + message, cause);
    this.reason = reason;
  }

  MigrationException(Reason reason, String message) {
    this(reason, message, null);
  }

  public Reason reason() {
    return reason;
  }
}
