package dev.offramp.linux.net;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.netlink.NetlinkException;
import java.io.IOException;
import java.io.Serial;

/** The kernel's refusal to steer: which request, with what errno and words, and what to do. */
public final class SteeringException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final int errno;
  private final String explanation;
  private final String remedy;

  SteeringException(String what, NetlinkException refusal) {
    super(message(what, refusal), refusal);
    this.errno = refusal.errno();
    this.explanation = refusal.explanation();
    this.remedy = remedy(refusal);
  }

  /** The error number, positive, as in errno(3). */
  public int errno() {
    return errno;
  }

  /** The kernel's own words: its extended acknowledgement. Empty when it gave none. */
  public String explanation() {
    return explanation;
  }

  /** What to do about it; empty when there is nothing general to say. */
  public String remedy() {
    return remedy;
  }

  private static String message(String what, NetlinkException refusal) {
    String remedy = remedy(refusal);
    return what + ": " + refusal.getMessage() + (remedy.isEmpty() ? "" : "; " + remedy);
  }

  private static String remedy(NetlinkException refusal) {
    String byWords = Remedies.forOutput(refusal.explanation());
    if (!byWords.isEmpty()) {
      return byWords;
    }
    return switch (refusal.errno()) {
      case Errno.EPERM -> Remedies.forOutput("Operation not permitted");
      case Errno.ENODEV -> Remedies.forOutput("Cannot find device");
      case Errno.ENOENT -> "the kernel may lack a part: CONFIG_NET_CLS_U32, CONFIG_NET_ACT_MIRRED";
      default -> "";
    };
  }
}
