package dev.offramp.api.rdma;

import org.apiguardian.api.API;

/** What a peer may do to a memory region. Without any, the region serves local operations only. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public enum Access {
  /** The peer's RDMA Reads may fetch from it. */
  REMOTE_READ,
  /** The peer's RDMA Writes may place into it. Also needed by the sink of an RDMA Read. */
  REMOTE_WRITE,
  /** The peer's atomic operations may change it (RFC 7306). */
  REMOTE_ATOMIC,
  /** The peer's Send with Invalidate may revoke its STag. */
  REMOTE_INVALIDATE
}
