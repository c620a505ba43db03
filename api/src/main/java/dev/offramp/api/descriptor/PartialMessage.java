package dev.offramp.api.descriptor;

import org.apiguardian.api.API;

/**
 * A message of the peer's on queue 0 of which some segments have come. Its bytes so far lie in the
 * first posted Receive. Immutable.
 *
 * @param opcode RDMAP opcode of its segments, 0..15 (RFC 5040, section 4.1)
 * @param receivedBytes payload bytes that have come: the message offset of the next segment
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record PartialMessage(int opcode, long receivedBytes) {
  private static final int MAX_OPCODE = 15;

  public PartialMessage {
    Checks.range("iwarp.partialMessage.opcode", opcode, 0, MAX_OPCODE);
    Checks.range("iwarp.partialMessage.receivedBytes", receivedBytes, 0, Checks.MAX_UINT32);
  }
}
