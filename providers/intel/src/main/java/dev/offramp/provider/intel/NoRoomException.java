package dev.offramp.provider.intel;

import java.io.IOException;
import java.io.Serial;

/** Thrown when the device has no more of something. */
final class NoRoomException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Says what.
   *
   * @param what of which there are no more
   * @param limit how many there are in all
   */
  NoRoomException(String what, int limit) {
    super("all %d %s are in use; close connections or regions".formatted(limit, what));
  }

  /** Says what was seen and what was expected. */
  NoRoomException(String message) {
    super(message);
  }
}
