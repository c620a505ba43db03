package dev.offramp.spi;

import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.transfer.TransferException;
import java.lang.foreign.MemorySegment;
import org.apiguardian.api.API;

/** Where the memory of a connection is that arrives with regions: it stays the application's. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
@FunctionalInterface
public interface RegionMemory {
  /**
   * The memory of a region; native, of the region's size, and allocated until the region is closed.
   *
   * @throws TransferException a refusal when the application has none for it
   */
  MemorySegment of(RegisteredMemory region) throws TransferException;
}
