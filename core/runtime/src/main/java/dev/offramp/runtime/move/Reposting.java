package dev.offramp.runtime.move;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MemorySlice;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.rdma.CompareSwap;
import dev.offramp.api.rdma.FetchAdd;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.LocalInvalidate;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.SendImmediate;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.spi.RnicArrival;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Posts work that had not begun at the old owner again, at the new one, in its order and while that
 * is silent. So every owner takes it as it takes an application's.
 */
final class Reposting {
  private final Map<Integer, MemoryRegion> regions;

  private Reposting(Map<Integer, MemoryRegion> regions) {
    this.regions = regions;
  }

  /**
   * Posts what {@code d} carries.
   *
   * @throws IOException when the new owner does not take it
   */
  static void post(IwarpConnectionDescriptor d, RnicArrival to) throws IOException {
    Reposting reposting = new Reposting(to.regions());
    // The one that holds half a message is restored with the stream.
    int restored = d.isKnown(DescriptorFields.PARTIAL_MESSAGE) ? 1 : 0;
    List<PostedWork> receives = d.get(DescriptorFields.POSTED_RECEIVES).orElse(List.of());
    for (PostedWork receive : receives.subList(restored, receives.size())) {
      to.prepared().post(reposting.request(receive));
    }
    for (PostedWork work : d.get(DescriptorFields.POSTED_WORK).orElse(List.of())) {
      to.prepared().post(reposting.request(work));
    }
  }

  private WorkRequest request(PostedWork work) {
    long id = work.id();
    List<LocalBuffer> buffers = work.buffers().stream().map(this::buffer).toList();
    List<Long> operands = work.operands();
    return switch (work.operation()) {
      case SEND -> new Send(id, buffers, work.solicited(), work.invalidateStag());
      case RECEIVE -> new Receive(id, buffers);
      case WRITE -> new Write(id, buffers, target(work));
      case READ -> new Read(id, buffers.getFirst(), target(work));
      case LOCAL_INVALIDATE -> new LocalInvalidate(id, work.invalidateStag().orElseThrow());
      case FETCH_ADD ->
          new FetchAdd(id, buffers.getFirst(), target(work), operands.get(0), operands.get(1));
      case COMPARE_SWAP ->
          new CompareSwap(
              id,
              buffers.getFirst(),
              target(work),
              operands.get(0),
              operands.get(1),
              operands.get(2),
              operands.get(3));
      case IMMEDIATE -> new SendImmediate(id, operands.get(0), work.solicited());
    };
  }

  private static RemoteBuffer target(PostedWork work) {
    return work.target().orElseThrow();
  }

  private LocalBuffer buffer(MemorySlice slice) {
    MemoryRegion region = regions.get(slice.stag());
    if (region == null) {
      throw new IllegalStateException(
          "STag [%08x] has not arrived with its connection".formatted(slice.stag()));
    }
    return region.slice(slice.offsetBytes(), slice.lengthBytes());
  }
}
