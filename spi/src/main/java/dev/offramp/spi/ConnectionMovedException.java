package dev.offramp.spi;

import java.io.Serial;
import org.apiguardian.api.API;

/**
 * Thrown by a connection of a driver's that has been released to another owner: by every method,
 * and by those under way in which a thread waits. Applications never see it, for the runtime goes
 * on at the new owner. A method that throws it has done nothing.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class ConnectionMovedException extends IllegalStateException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * A connection that has moved.
   *
   * @param owner the owner that gave it up, by its name
   */
  public ConnectionMovedException(String owner) {
    super("the connection has left [" + owner + "]; use it at its new owner");
  }
}
