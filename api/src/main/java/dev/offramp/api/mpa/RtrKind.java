package dev.offramp.api.mpa;

import org.apiguardian.api.API;

/** The zero-length operation that says "ready to receive" in peer-to-peer mode (RFC 6581, 9.2). */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public enum RtrKind {
  /** No indication: the client-server model, in which the Initiator sends first anyway. */
  NONE,
  /** An FPDU with a zero-length Send (control flag B). */
  SEND,
  /** An FPDU with a zero-length RDMA Write (control flag C). */
  WRITE,
  /** An FPDU with a zero-length RDMA Read Request (control flag D). */
  READ
}
