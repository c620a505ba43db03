package dev.offramp.api.rdma;

import java.io.IOException;
import java.io.Serial;
import org.apiguardian.api.API;

/** Thrown when something is asked of an iWARP stream that has ended. Says how it ended. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class ConnectionClosedException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final transient StreamEnd end;

  public ConnectionClosedException(StreamEnd end) {
    super("the iWARP stream has ended: " + end);
    this.end = end;
  }

  /** How the stream ended. */
  public StreamEnd end() {
    return end;
  }
}
