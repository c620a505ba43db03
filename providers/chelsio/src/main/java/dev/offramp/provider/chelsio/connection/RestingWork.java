package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.MemorySlice;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.LocalInvalidate;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What was posted to the send queue while that holds work back: it stands in the ring, and the next
 * owner, who cannot read that, gets it as it was posted. Under the connection's lock.
 */
final class RestingWork {
  private final Deque<WorkRequest> posted = new ArrayDeque<>();

  /** One more. */
  void add(WorkRequest request) {
    posted.add(request);
  }

  /** It begins here after all. */
  void clear() {
    posted.clear();
  }

  /**
   * The newest of it, the oldest of these first: what was refused in between may have completed.
   *
   * @param count how many
   */
  List<WorkRequest> newest(int count) {
    List<WorkRequest> all = new ArrayList<>(posted);
    return all.subList(all.size() - count, all.size());
  }

  /** A request as it travels. */
  static PostedWork describe(WorkRequest request) {
    Optional<RemoteBuffer> target =
        switch (request) {
          case Write write -> Optional.of(write.target());
          case Read read -> Optional.of(read.source());
          default -> Optional.empty();
        };
    OptionalInt invalidated =
        switch (request) {
          case Send send -> send.invalidateStag();
          case LocalInvalidate invalidate -> OptionalInt.of(invalidate.stag());
          default -> OptionalInt.empty();
        };
    return new PostedWork(
        request.id(),
        request.operation(),
        buffers(request).stream().map(RestingWork::slice).toList(),
        target,
        request instanceof Send send && send.solicited(),
        invalidated,
        List.of());
  }

  /** The local memory of a request that the chip can do. */
  static List<LocalBuffer> buffers(WorkRequest request) {
    return switch (request) {
      case Send send -> send.buffers();
      case Write write -> write.buffers();
      case Read read -> List.of(read.sink());
      case Receive receive -> receive.buffers();
      default -> List.of();
    };
  }

  private static MemorySlice slice(LocalBuffer buffer) {
    return new MemorySlice(buffer.region().stag(), buffer.offsetBytes(), buffer.lengthBytes());
  }
}
