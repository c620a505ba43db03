package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.LocalInvalidate;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.provider.chelsio.wire.RiWorkRequest;
import dev.offramp.spi.MovableRegion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks work requests and writes them into the rings; the chip is told later. Under the
 * connection's lock; allocates nothing.
 */
final class WorkPoster {
  private final ChelsioConnection connection;
  private final SendQueue sends;
  private final ReceiveQueue receives;
  private final Stags stags;
  private final int inlineBytes;
  private final boolean canRead;

  /** The connection's regions. */
  @FunctionalInterface
  interface Stags {
    /** The region with an STag; null when there is none. */
    @Nullable ChelsioRegion find(int stag);
  }

  /**
   * A poster for one connection.
   *
   * @param inlineBytes Sends and Writes up to this length carry their bytes themselves
   * @param canRead whether the ORD is above 0
   */
  WorkPoster(
      ChelsioConnection connection,
      SendQueue sends,
      ReceiveQueue receives,
      Stags stags,
      int inlineBytes,
      boolean canRead) {
    this.connection = connection;
    this.sends = sends;
    this.receives = receives;
    this.stags = stags;
    this.inlineBytes = inlineBytes;
    this.canRead = canRead;
  }

  /**
   * Writes a request.
   *
   * @return false when there is no room for it
   * @throws UnsupportedOperationException when the chip does not have the operation
   * @throws IllegalArgumentException when a buffer is wrong
   */
  boolean post(WorkRequest request) {
    return switch (request) {
      case Send send -> post(send);
      case Receive receive -> post(receive);
      case Write write -> post(write);
      case Read read -> post(read);
      case LocalInvalidate invalidate -> post(invalidate);
      default ->
          throw new UnsupportedOperationException(
              "seen [%s], offered on this connection %s"
                  .formatted(request.operation(), connection.operations()));
    };
  }

  private boolean post(Send send) {
    long length = check(send, send.buffers(), RiWorkRequest.MAX_SQ_SGE);
    if (sends.isFull()) {
      return false;
    }
    if (!areUsable(send.buffers())) {
      sends.refuse(send.id(), Operation.SEND, CompletionStatus.INVALID_REGION);
      return true;
    }
    RiWorkRequest wr = sends.request();
    boolean invalidates = send.invalidateStag().isPresent();
    wr.send(
        sends.slotOffset(),
        RiWorkRequest.COMPLETION | (send.solicited() ? RiWorkRequest.SOLICITED_EVENT : 0),
        sends.index(),
        send.solicited(),
        invalidates,
        invalidates ? send.invalidateStag().getAsInt() : 0);
    payload(wr, send.buffers(), length);
    sends.commit(send.id(), Operation.SEND, wr.endWithLength(), length, 0);
    return true;
  }

  private boolean post(Write write) {
    long length = check(write, write.buffers(), RiWorkRequest.MAX_SQ_SGE);
    if (length > write.target().lengthBytes()) {
      throw new IllegalArgumentException(
          "WRITE %d: [%d] bytes do not fit the target of [%d]"
              .formatted(write.id(), length, write.target().lengthBytes()));
    }
    if (sends.isFull()) {
      return false;
    }
    if (!areUsable(write.buffers())) {
      sends.refuse(write.id(), Operation.WRITE, CompletionStatus.INVALID_REGION);
      return true;
    }
    RiWorkRequest wr = sends.request();
    wr.write(
        sends.slotOffset(),
        RiWorkRequest.COMPLETION,
        sends.index(),
        write.target().stag(),
        write.target().taggedOffset());
    payload(wr, write.buffers(), length);
    sends.commit(write.id(), Operation.WRITE, wr.endWithLength(), length, 0);
    return true;
  }

  private boolean post(Read read) {
    LocalBuffer sink = read.sink();
    ChelsioRegion region = own(sink);
    long length = sink.lengthBytes();
    if (!canRead) {
      throw new UnsupportedOperationException(
          "seen [READ], expected an ORD above 0: none was agreed in MPA start-up");
    }
    if (length != read.source().lengthBytes()) {
      throw new IllegalArgumentException(
          "READ %d: a source of [%d] bytes for a sink of [%d]"
              .formatted(read.id(), read.source().lengthBytes(), length));
    }
    if (length > Limits.MAX_MESSAGE_BYTES) {
      throw tooLong(read, length);
    }
    if (!region.allowsRemoteWrite()) {
      throw new IllegalArgumentException(
          "READ %d: the sink's region has no REMOTE_WRITE access, expected it: the answer names its"
                  .formatted(read.id())
              + " STag");
    }
    if (sends.isFull()) {
      return false;
    }
    if (!region.isUsable()) {
      sends.refuse(read.id(), Operation.READ, CompletionStatus.INVALID_REGION);
      return true;
    }
    RiWorkRequest wr = sends.request();
    region.use(sends.ordinal());
    wr.read(
        sends.slotOffset(),
        sends.index(),
        false,
        region.stag(),
        region.taggedOffset() + sink.offsetBytes(),
        (int) length,
        read.source().stag(),
        read.source().taggedOffset());
    sends.commit(read.id(), Operation.READ, wr.end(), length, 0);
    return true;
  }

  private boolean post(LocalInvalidate invalidate) {
    if (sends.isFull()) {
      return false;
    }
    ChelsioRegion region = stags.find(invalidate.stag());
    if (region == null || !region.isUsable()) {
      sends.refuse(invalidate.id(), Operation.LOCAL_INVALIDATE, CompletionStatus.INVALID_REGION);
      return true;
    }
    RiWorkRequest wr = sends.request();
    wr.invalidate(
        sends.slotOffset(),
        RiWorkRequest.COMPLETION | RiWorkRequest.LOCAL_FENCE,
        sends.index(),
        invalidate.stag());
    // What is posted from now on comes behind it.
    region.markInvalidated();
    sends.commit(invalidate.id(), Operation.LOCAL_INVALIDATE, wr.end(), 0, invalidate.stag());
    return true;
  }

  private boolean post(Receive receive) {
    List<LocalBuffer> buffers = receive.buffers();
    check(receive, buffers, RiWorkRequest.MAX_RQ_SGE);
    if (receives.isFull()) {
      return false;
    }
    RiWorkRequest wr = receives.request();
    wr.receive(receives.slotOffset(), receives.index());
    wr.beginList();
    for (int i = 0; i < buffers.size(); i++) {
      LocalBuffer buffer = buffers.get(i);
      own(buffer).addTo(wr, buffer.offsetBytes(), buffer.lengthBytes());
    }
    wr.endList();
    receives.commit(receive, wr.end());
    return true;
  }

  /** The buffers' length together, when they are what the request may have. */
  private long check(WorkRequest request, List<LocalBuffer> buffers, int most) {
    if (buffers.size() > most) {
      throw new IllegalArgumentException(
          "%s %d: [%d] buffers, expected at most [%d]"
              .formatted(request.operation(), request.id(), buffers.size(), most));
    }
    long length = 0;
    for (int i = 0; i < buffers.size(); i++) {
      own(buffers.get(i));
      length += buffers.get(i).lengthBytes();
      if (length > Limits.MAX_MESSAGE_BYTES) {
        throw tooLong(request, length);
      }
    }
    return length;
  }

  private static IllegalArgumentException tooLong(WorkRequest request, long length) {
    return new IllegalArgumentException(
        "%s %d: [%d] bytes, expected at most [%d]"
            .formatted(request.operation(), request.id(), length, Limits.MAX_MESSAGE_BYTES));
  }

  private boolean areUsable(List<LocalBuffer> buffers) {
    for (int i = 0; i < buffers.size(); i++) {
      if (!own(buffers.get(i)).isUsable()) {
        return false;
      }
    }
    return true;
  }

  private void payload(RiWorkRequest wr, List<LocalBuffer> buffers, long length) {
    if (length <= inlineBytes) {
      wr.beginImmediate();
      for (int i = 0; i < buffers.size(); i++) {
        LocalBuffer buffer = buffers.get(i);
        wr.bytes(own(buffer).segment(), buffer.offsetBytes(), buffer.lengthBytes());
      }
      wr.endImmediate();
      return;
    }
    wr.beginList();
    for (int i = 0; i < buffers.size(); i++) {
      LocalBuffer buffer = buffers.get(i);
      ChelsioRegion region = own(buffer);
      region.use(sends.ordinal());
      region.addTo(wr, buffer.offsetBytes(), buffer.lengthBytes());
    }
    wr.endList();
  }

  private ChelsioRegion own(LocalBuffer buffer) {
    if (MovableRegion.atOwner(buffer.region()) instanceof ChelsioRegion region
        && region.belongsTo(connection)) {
      return region;
    }
    throw new IllegalArgumentException(
        "a buffer of another connection; register its memory with this one");
  }
}
