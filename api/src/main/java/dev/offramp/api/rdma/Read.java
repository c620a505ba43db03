package dev.offramp.api.rdma;

import org.apiguardian.api.API;

/**
 * Reads memory of the peer, which does not notice (RFC 5040, section 5.2).
 *
 * @param id returned in the completion
 * @param sink where to; its region needs {@link Access#REMOTE_WRITE}
 * @param source where from; as long as the sink
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record Read(long id, LocalBuffer sink, RemoteBuffer source) implements WorkRequest {

  @Override
  public Operation operation() {
    return Operation.READ;
  }
}
