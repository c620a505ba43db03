package dev.offramp.api.descriptor;

import org.apiguardian.api.API;

/** Where TCP itself runs once the connection has arrived. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public enum TcpResidence {
  /** TCP state travels: the new owner speaks TCP for this 4-tuple. */
  NEW_OWNER,
  /**
   * TCP stays in the host's stack on the socket that it has; only the byte stream changes hands.
   * The delegated part then describes, and hands over nothing.
   */
  HOST_STACK
}
