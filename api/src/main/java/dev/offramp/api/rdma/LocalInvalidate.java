package dev.offramp.api.rdma;

import org.apiguardian.api.API;

/**
 * Revokes an STag of this end, after all earlier work requests.
 *
 * @param id returned in the completion
 * @param stag which
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record LocalInvalidate(long id, int stag) implements WorkRequest {

  @Override
  public Operation operation() {
    return Operation.LOCAL_INVALIDATE;
  }
}
