package dev.offramp.spi.port;

import java.io.Serial;
import org.apiguardian.api.API;

/** Thrown when memory that an adapter can reach is used up. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class OutOfDeviceMemoryException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Says how much was wanted.
   *
   * @param wantedBytes what was asked for
   * @param limitBytes what there is in all
   */
  public OutOfDeviceMemoryException(long wantedBytes, long limitBytes) {
    super(
        "no device memory for "
            + wantedBytes
            + " bytes; the limit is "
            + limitBytes
            + " bytes in all (raise the memlock limit or close connections)");
  }
}
