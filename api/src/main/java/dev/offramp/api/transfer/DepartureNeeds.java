package dev.offramp.api.transfer;

import dev.offramp.api.descriptor.TcpResidence;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.apiguardian.api.API;

/**
 * What the next owner of a connection in RDMA mode needs of the one that gives it up. Immutable.
 *
 * @param residence {@link TcpResidence#HOST_STACK} when both owners work on the same TCP stack, so
 *     that TCP can stay as it is; else TCP's state travels
 * @param quiet what has to be at rest
 * @param timeout how long bringing it to rest may take; the connection goes on when it was not
 *     enough
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record DepartureNeeds(TcpResidence residence, Set<Quiet> quiet, Duration timeout) {
  public DepartureNeeds {
    quiet = quiet.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(quiet));
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("timeout [" + timeout + "], expected 0 or more");
    }
  }

  /** For an owner elsewhere that can take over whatever there is. */
  public static DepartureNeeds none() {
    return new DepartureNeeds(TcpResidence.NEW_OWNER, Set.of(), Duration.ZERO);
  }
}
