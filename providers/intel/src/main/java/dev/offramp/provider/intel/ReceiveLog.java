package dev.offramp.provider.intel;

import dev.offramp.api.descriptor.MemorySlice;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.Operation;
import dev.offramp.provider.intel.ring.ReceiveRing;
import dev.offramp.spi.MovableRegion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The Receives that are posted, by their places in the ring: for the next owner, who posts them
 * anew. Under the connection's lock.
 */
final class ReceiveLog {
  /** Of a place that has none, or one of the connection's own. */
  private static final List<LocalBuffer> NONE = List.of();

  private final ReceiveRing ring;
  private final List<List<LocalBuffer>> buffers;

  /** Whether the application posted what stands at a place; the rest is the connection's own. */
  private final boolean[] posted;

  ReceiveLog(ReceiveRing ring) {
    this.ring = ring;
    this.buffers = new ArrayList<>(Collections.nCopies(ring.size(), NONE));
    this.posted = new boolean[ring.size()];
  }

  /** The application has posted a Receive at {@code index}. */
  void post(int index, List<LocalBuffer> where) {
    buffers.set(index, where);
    posted[index] = true;
  }

  /** The one at {@code index} is complete. */
  void complete(int index) {
    buffers.set(index, NONE);
    posted[index] = false;
  }

  /**
   * Those that are not complete, oldest first.
   *
   * @param regions gets the regions that they name and that were closed meanwhile, as revoked ones
   */
  List<PostedWork> describe(Map<Integer, RegisteredMemory> regions) {
    List<PostedWork> work = new ArrayList<>();
    for (int index = ring.tail(); index != ring.head(); index = (index + 1) % ring.size()) {
      if (posted[index]) {
        List<MemorySlice> slices = new ArrayList<>();
        for (LocalBuffer buffer : buffers.get(index)) {
          if (buffer.lengthBytes() > 0) {
            slices.add(describe(buffer, regions));
          }
        }
        work.add(
            new PostedWork(
                ring.idAt(index),
                Operation.RECEIVE,
                slices,
                Optional.empty(),
                /* solicited= */ false,
                OptionalInt.empty(),
                List.of()));
      }
    }
    return work;
  }

  private static MemorySlice describe(LocalBuffer buffer, Map<Integer, RegisteredMemory> regions) {
    if (!(MovableRegion.atOwner(buffer.region()) instanceof IntelRegion region)) {
      throw new IllegalStateException("a Receive names memory that is not registered here");
    }
    regions.putIfAbsent(region.stag(), region.describe());
    return new MemorySlice(region.stag(), buffer.offsetBytes(), buffer.lengthBytes());
  }
}
