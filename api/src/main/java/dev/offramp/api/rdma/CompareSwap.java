package dev.offramp.api.rdma;

import org.apiguardian.api.API;

/**
 * Compares a 64-bit word of the peer and replaces it where equal; fetches what it was before (RFC
 * 7306, section 5).
 *
 * @param id returned in the completion
 * @param original where the former value goes, 8 bytes in native order
 * @param target the word, aligned to 8 bytes
 * @param compare what to compare with
 * @param compareMask which bits are compared
 * @param swap what to store
 * @param swapMask which bits are stored
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record CompareSwap(
    long id,
    LocalBuffer original,
    RemoteBuffer target,
    long compare,
    long compareMask,
    long swap,
    long swapMask)
    implements WorkRequest {

  @Override
  public Operation operation() {
    return Operation.COMPARE_SWAP;
  }
}
