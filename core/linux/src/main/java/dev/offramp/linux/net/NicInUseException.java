package dev.offramp.linux.net;

import java.io.IOException;
import java.io.Serial;

/** A NIC of a process that lives is in a network namespace, which has room for one. */
public final class NicInUseException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  NicInUseException(NetworkNamespace namespace) {
    super(
        "a process that lives has a NIC in the network namespace ["
            + namespace
            + "], expected none: close it, or end that process ([ss -xap] in the namespace shows ["
            + NicClaim.NAME
            + "])");
  }
}
