package dev.offramp.linux.tcp;

import java.io.IOException;
import java.io.Serial;

/** A frozen socket's numbers changed, or contradict its bytes, while they were being read. */
public final class InconsistentSnapshotException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  InconsistentSnapshotException(String seen) {
    super(
        "the socket's state is not consistent: "
            + seen
            + "; another thread or process uses the socket: keep it away, and try again");
  }
}
