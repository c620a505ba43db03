package dev.offramp.models.intel;

import java.io.Serial;

/** Thrown when the device cannot do a work request; becomes an asynchronous event. */
final class WorkException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final int code;

  /**
   * An error of the host's.
   *
   * @param code see {@link EventCodes}
   * @param why for people
   */
  WorkException(int code, String why) {
    super(why);
    this.code = code;
  }

  int code() {
    return code;
  }
}
