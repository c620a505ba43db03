package dev.offramp.api.rdma;

import org.apiguardian.api.API;

/**
 * Adds to a 64-bit word of the peer and fetches what it was before (RFC 7306, section 5).
 *
 * @param id returned in the completion
 * @param original where the former value goes, 8 bytes in native order
 * @param target the word, aligned to 8 bytes
 * @param add what to add
 * @param addMask bits set here stop the carry: each field between them is added for itself
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record FetchAdd(long id, LocalBuffer original, RemoteBuffer target, long add, long addMask)
    implements WorkRequest {

  @Override
  public Operation operation() {
    return Operation.FETCH_ADD;
  }
}
