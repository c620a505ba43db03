package dev.offramp.api.descriptor;

import org.apiguardian.api.API;

/**
 * Part of a region, by its STag: a local buffer of work that travels.
 *
 * @param stag the region's STag
 * @param offsetBytes where it starts within the region, 0..2^63-1
 * @param lengthBytes how long it is, 0..2^63-1
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record MemorySlice(int stag, long offsetBytes, long lengthBytes) {
  public MemorySlice {
    Checks.range("iwarp.work.offsetBytes", offsetBytes, 0, Long.MAX_VALUE);
    Checks.range("iwarp.work.lengthBytes", lengthBytes, 0, Long.MAX_VALUE - offsetBytes);
  }
}
