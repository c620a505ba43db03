package dev.offramp.provider.chelsio.adapter;

import java.io.IOException;
import java.io.Serial;

/** Thrown when an adapter that works has no more of something. */
public final class NoRoomException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Says what there is no room for.
   *
   * @param seen what was wanted, and what there is
   */
  public NoRoomException(String seen) {
    super(seen + "; close connections or regions");
  }
}
