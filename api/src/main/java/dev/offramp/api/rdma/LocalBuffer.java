package dev.offramp.api.rdma;

import java.util.Objects;
import org.apiguardian.api.API;

/**
 * Part of a memory region.
 *
 * @param region the region
 * @param offsetBytes where it starts within the region
 * @param lengthBytes how long it is; may be 0
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record LocalBuffer(MemoryRegion region, long offsetBytes, long lengthBytes) {
  public LocalBuffer {
    Objects.checkFromIndexSize(offsetBytes, lengthBytes, region.sizeBytes());
  }
}
