package dev.offramp.api.rdma;

import org.apiguardian.api.API;

/**
 * Sends eight octets that consume a receive buffer (RFC 7306, section 6).
 *
 * @param id returned in the completion
 * @param data the eight octets, first on the wire most significant
 * @param solicited whether the peer is asked to raise an event
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record SendImmediate(long id, long data, boolean solicited) implements WorkRequest {

  @Override
  public Operation operation() {
    return Operation.IMMEDIATE;
  }
}
