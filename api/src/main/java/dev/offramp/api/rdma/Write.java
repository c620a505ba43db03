package dev.offramp.api.rdma;

import java.util.List;
import org.apiguardian.api.API;

/**
 * Writes into memory of the peer, which does not notice (RFC 5040, section 5.1).
 *
 * @param id returned in the completion
 * @param buffers what to write, gathered in order
 * @param target where to; at least as long as the buffers together
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record Write(long id, List<LocalBuffer> buffers, RemoteBuffer target)
    implements WorkRequest {
  public Write {
    buffers = List.copyOf(buffers);
  }

  public Write(long id, LocalBuffer buffer, RemoteBuffer target) {
    this(id, List.of(buffer), target);
  }

  @Override
  public Operation operation() {
    return Operation.WRITE;
  }
}
