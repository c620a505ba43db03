package dev.offramp.linux.netlink;

import dev.offramp.linux.libc.Errno;
import java.io.IOException;
import java.io.Serial;

/** The kernel's refusal of a request: NLMSG_ERROR, with its explanation where it gives one. */
public final class NetlinkException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final int errno;
  private final String explanation;

  NetlinkException(String request, KernelError error) {
    super(
        request
            + ": "
            + Errno.name(error.errno())
            + (error.explanation().isEmpty() ? "" : " [" + error.explanation() + "]"));
    this.errno = error.errno();
    this.explanation = error.explanation();
  }

  /** The error number, positive; see {@link Errno}. */
  public int errno() {
    return errno;
  }

  /** The kernel's extended acknowledgement; empty when it gave none. */
  public String explanation() {
    return explanation;
  }
}
