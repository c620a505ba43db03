package dev.offramp.provider.softiwarp;

import dev.offramp.api.rdma.CompareSwap;
import dev.offramp.api.rdma.FetchAdd;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.LocalInvalidate;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.SendImmediate;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.iwarp.rdmap.LocalBuffers;
import dev.offramp.iwarp.rdmap.Posted;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.spi.MovableRegion;
import java.util.List;

/** Hands the API's work requests to the engine. Under the connection's lock; allocates nothing. */
final class WorkPoster {
  private static final int MAX_PIECES = 8;

  private final SoftConnection connection;
  private final RdmapStream stream;
  private final LocalBuffers pieces = new LocalBuffers(MAX_PIECES);

  WorkPoster(SoftConnection connection, RdmapStream stream) {
    this.connection = connection;
    this.stream = stream;
  }

  Posted post(WorkRequest request) {
    return switch (request) {
      case Send send -> post(send);
      case Receive receive -> post(receive);
      case Write write -> post(write);
      case Read read -> post(read);
      case LocalInvalidate invalidate ->
          stream.postLocalInvalidate(invalidate.id(), invalidate.stag());
      case FetchAdd add -> post(add);
      case CompareSwap swap -> post(swap);
      case SendImmediate immediate ->
          stream.postImmediate(immediate.id(), immediate.data(), immediate.solicited());
    };
  }

  private Posted post(Send send) {
    if (isTooMany(send.buffers())) {
      return Posted.TOO_MANY_BUFFERS;
    }
    boolean invalidates = send.invalidateStag().isPresent();
    return stream.postSend(
        send.id(),
        gather(send.buffers()),
        send.solicited(),
        invalidates,
        invalidates ? send.invalidateStag().getAsInt() : 0);
  }

  private Posted post(Receive receive) {
    return isTooMany(receive.buffers())
        ? Posted.TOO_MANY_BUFFERS
        : stream.postReceive(receive.id(), gather(receive.buffers()));
  }

  private Posted post(Write write) {
    if (isTooMany(write.buffers())) {
      return Posted.TOO_MANY_BUFFERS;
    }
    LocalBuffers source = gather(write.buffers());
    if (source.totalBytes() > write.target().lengthBytes()) {
      throw new IllegalArgumentException(
          "WRITE "
              + write.id()
              + ": "
              + source.totalBytes()
              + " bytes do not fit the target of "
              + write.target().lengthBytes());
    }
    return stream.postWrite(
        write.id(), source, write.target().stag(), write.target().taggedOffset());
  }

  private Posted post(Read read) {
    LocalBuffer sink = read.sink();
    if (sink.lengthBytes() != read.source().lengthBytes()) {
      throw new IllegalArgumentException(
          "READ "
              + read.id()
              + ": a source of "
              + read.source().lengthBytes()
              + " bytes for a sink of "
              + sink.lengthBytes());
    }
    return stream.postRead(
        read.id(),
        own(sink),
        sink.offsetBytes(),
        sink.lengthBytes(),
        read.source().stag(),
        read.source().taggedOffset());
  }

  private Posted post(FetchAdd add) {
    return stream.postFetchAdd(
        add.id(),
        own(add.original()),
        add.original().offsetBytes(),
        add.target().stag(),
        add.target().taggedOffset(),
        add.add(),
        add.addMask());
  }

  private Posted post(CompareSwap swap) {
    return stream.postCompareSwap(
        swap.id(),
        own(swap.original()),
        swap.original().offsetBytes(),
        swap.target().stag(),
        swap.target().taggedOffset(),
        swap.compare(),
        swap.compareMask(),
        swap.swap(),
        swap.swapMask());
  }

  private static boolean isTooMany(List<LocalBuffer> buffers) {
    return buffers.size() > MAX_PIECES;
  }

  private LocalBuffers gather(List<LocalBuffer> buffers) {
    pieces.clear();
    for (int i = 0; i < buffers.size(); i++) {
      LocalBuffer piece = buffers.get(i);
      pieces.add(own(piece), piece.offsetBytes(), piece.lengthBytes());
    }
    return pieces;
  }

  private Region own(LocalBuffer buffer) {
    if (MovableRegion.atOwner(buffer.region()) instanceof SoftRegion region
        && region.belongsTo(connection)) {
      return region.region();
    }
    throw new IllegalArgumentException(
        "a buffer of another connection; register its memory with this one");
  }
}
