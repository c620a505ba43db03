package dev.offramp.api.descriptor;

import dev.offramp.api.rdma.Access;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import org.apiguardian.api.API;

/**
 * Memory that a connection has registered, as it travels to another owner: the STag and what it
 * stands for (RFC 5041, section 8.2). The bytes do not travel. The memory stays the application's,
 * and whoever carries the connection tells the new owner where it is. Immutable.
 *
 * @param stag the STag, which the peer knows and the new owner must keep
 * @param taggedOffset the tagged offset of the first byte, all 64 bits significant
 * @param sizeBytes its size, 0..2^63-1
 * @param access what the peer may do
 * @param valid false once the STag was revoked: work that names it completes with {@link
 *     dev.offramp.api.rdma.CompletionStatus#INVALID_REGION}
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record RegisteredMemory(
    int stag, long taggedOffset, long sizeBytes, Set<Access> access, boolean valid) {
  public RegisteredMemory {
    Checks.range("iwarp.regions.sizeBytes", sizeBytes, 0, Long.MAX_VALUE);
    long end = taggedOffset + sizeBytes;
    if (taggedOffset < 0 && end > 0) {
      throw new InvalidDescriptorException(
          "iwarp.regions.taggedOffset",
          HexFormat.of().toHexDigits(taggedOffset) + " and " + sizeBytes + " bytes",
          "a range that ends at 2^64 or before");
    }
    access = access.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(access));
  }
}
