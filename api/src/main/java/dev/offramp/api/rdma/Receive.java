package dev.offramp.api.rdma;

import java.util.List;
import org.apiguardian.api.API;

/**
 * Offers buffers for one incoming message.
 *
 * @param id returned in the completion
 * @param buffers where the message goes, scattered in order
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record Receive(long id, List<LocalBuffer> buffers) implements WorkRequest {
  public Receive {
    buffers = List.copyOf(buffers);
  }

  public Receive(LocalBuffer buffer) {
    this(0, buffer);
  }

  public Receive(long id, LocalBuffer buffer) {
    this(id, List.of(buffer));
  }

  @Override
  public Operation operation() {
    return Operation.RECEIVE;
  }
}
