package dev.offramp.api.rdma;

import org.apiguardian.api.API;

/** Kinds of RDMAP messages on the wire (RFC 5040, section 4.1; RFC 7306, section 4.1). */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public enum MessageKind {
  /** A Send, with or without solicited event and invalidation. */
  SEND,
  WRITE,
  READ_REQUEST,
  READ_RESPONSE,
  TERMINATE,
  /** Immediate data, with or without solicited event. */
  IMMEDIATE,
  ATOMIC_REQUEST,
  ATOMIC_RESPONSE
}
