package dev.offramp.linux.netlink;

import java.io.IOException;
import java.io.Serial;

/** Bytes that are no rtnetlink message, or not the one that was asked for. */
public final class NetlinkFormatException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Describes the bytes.
   *
   * @param message what was found and what was expected
   */
  public NetlinkFormatException(String message) {
    super(message);
  }
}
