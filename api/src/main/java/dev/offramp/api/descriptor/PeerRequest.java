package dev.offramp.api.descriptor;

import org.apiguardian.api.API;

/**
 * A Read or atomic Request of the peer's that is not answered, or not wholly. Immutable.
 *
 * @param atomic whether it is an atomic operation, which has been carried out already
 * @param sinkStag the peer's STag that a Read Response names
 * @param sinkTaggedOffset the tagged offset of its first byte, all 64 bits significant
 * @param source what a Read fetches; of no length for an atomic
 * @param sentBytes how much of the Response is sent
 * @param requestId the identifier that an Atomic Response repeats (RFC 7306, section 5.2)
 * @param original the word's former value, which an Atomic Response carries
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record PeerRequest(
    boolean atomic,
    int sinkStag,
    long sinkTaggedOffset,
    MemorySlice source,
    long sentBytes,
    int requestId,
    long original) {
  public PeerRequest {
    Checks.range("iwarp.peerRequests.sentBytes", sentBytes, 0, source.lengthBytes());
  }
}
