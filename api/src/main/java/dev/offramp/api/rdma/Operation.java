package dev.offramp.api.rdma;

import org.apiguardian.api.API;

/** Kinds of operations, by the names of RFC 5040 and RFC 7306. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public enum Operation {
  SEND,
  RECEIVE,
  WRITE,
  READ,
  LOCAL_INVALIDATE,
  FETCH_ADD,
  COMPARE_SWAP,
  IMMEDIATE
}
