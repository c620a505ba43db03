package dev.offramp.spi;

import java.io.IOException;
import java.io.Serial;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/** Thrown when a device does not do what its driver expects of it. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class RnicException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Describes the failure.
   *
   * @param message what was seen, what was expected, what to do
   */
  public RnicException(String message) {
    this(message, null);
  }

  /**
   * Describes the failure and what caused it.
   *
   * @param message what was seen, what was expected, what to do
   * @param cause what happened below, if anything
   */
  public RnicException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
