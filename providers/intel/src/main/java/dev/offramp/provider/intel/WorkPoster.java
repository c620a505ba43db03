package dev.offramp.provider.intel;

import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.LocalInvalidate;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.ReceiveWqe;
import dev.offramp.provider.intel.layout.SendWqe;
import dev.offramp.provider.intel.ring.ReceiveRing;
import dev.offramp.provider.intel.ring.SendRing;
import dev.offramp.spi.MovableRegion;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Turns work requests into WQEs. Under the connection's lock; allocates nothing, and rings no
 * doorbell.
 *
 * <p>Every request is signalled, for the API promises one completion each. Few bytes travel inside
 * the WQE. A request that names an invalid region becomes a NOP, whose completion keeps its place
 * in the order.
 */
final class WorkPoster {
  /** {@code IRDMA_MAX_OUTBOUND_MSG_SIZE}. */
  private static final long MAX_MESSAGE_BYTES = Integer.MAX_VALUE;

  private final IntelConnection connection;
  private final Generation generation;
  private final SendRing sends;
  private final ReceiveRing receives;
  private final WorkLog log;
  private final ReceiveLog receiveLog;
  private final int sendEntries;
  private final int receiveEntries;

  /** Completions not taken yet included. */
  private int sendsInUse;

  private int receivesInUse;

  WorkPoster(
      IntelConnection connection,
      Adapter adapter,
      QueueMemory memory,
      WorkLog log,
      ReceiveLog receiveLog) {
    this.connection = connection;
    this.generation = adapter.generation();
    this.sends = memory.sends();
    this.receives = memory.receives();
    this.log = log;
    this.receiveLog = receiveLog;
    this.sendEntries = adapter.settings().sendQueueEntries();
    this.receiveEntries = adapter.settings().receiveQueueEntries();
  }

  /** The application has taken a completion. */
  void released(boolean receive) {
    if (receive) {
      receivesInUse--;
    } else {
      sendsInUse--;
    }
  }

  /**
   * Posts a request.
   *
   * @throws IllegalArgumentException when a buffer is wrong
   * @throws UnsupportedOperationException when the device has no such operation
   */
  Posted post(WorkRequest request) {
    return switch (request) {
      case Send send -> post(send);
      case Receive receive -> post(receive);
      case Write write -> post(write);
      case Read read -> post(read);
      case LocalInvalidate invalidate -> post(invalidate);
      default -> throw connection.notOffered(request.operation());
    };
  }

  private Posted post(Send send) {
    boolean invalidates = send.invalidateStag().isPresent();
    int opcode;
    if (send.solicited()) {
      opcode = invalidates ? SendWqe.OP_RDMA_SEND_SOL_EVENT_INV : SendWqe.OP_RDMA_SEND_SOL_EVENT;
    } else {
      opcode = invalidates ? SendWqe.OP_RDMA_SEND_INV : SendWqe.OP_RDMA_SEND;
    }
    int stag = invalidates ? send.invalidateStag().getAsInt() : 0;
    return outgoing(send.id(), Operation.SEND, opcode, send.buffers(), stag, 0);
  }

  private Posted post(Write write) {
    long bytes = total(write.buffers());
    if (bytes > write.target().lengthBytes()) {
      throw new IllegalArgumentException(
          "WRITE "
              + write.id()
              + ": "
              + bytes
              + " bytes do not fit the target of "
              + write.target().lengthBytes());
    }
    return outgoing(
        write.id(),
        Operation.WRITE,
        SendWqe.OP_RDMA_WRITE,
        write.buffers(),
        write.target().stag(),
        write.target().taggedOffset());
  }

  private Posted outgoing(
      long id,
      Operation operation,
      int opcode,
      List<LocalBuffer> buffers,
      int remoteStag,
      long remoteOffset) {
    int fragments = check(operation, id, buffers, generation.limits().fragments());
    long bytes = total(buffers);
    requireLength(operation, id, bytes);
    if (sendsInUse == sendEntries) {
      return Posted.QUEUE_FULL;
    }
    if (!areValid(buffers)) {
      return nop(id, operation, /* isInvalid= */ true);
    }
    boolean inside = bytes > 0 && bytes <= generation.inline().maxBytes();
    int quanta = inside ? generation.inline().quanta((int) bytes) : SendWqe.quantaOf(fragments);
    int index = sends.reserve(quanta, id, bytes);
    if (index == SendRing.FULL) {
      return Posted.QUEUE_FULL;
    }
    long wqe = (long) index * SendWqe.QUANTUM_BYTES;
    MemorySegment ring = sends.memory();
    int valid = sends.polarity();
    SendWqe.remoteOffset(ring, wqe, remoteOffset);
    long header;
    if (inside) {
      inline(buffers, ring, wqe, (int) bytes, valid);
      header =
          SendWqe.headerOfInline(
              opcode, remoteStag, (int) bytes, SendWqe.IRDMAQPSQ_SIGCOMPL.mask(), valid);
    } else {
      gather(buffers, ring, wqe, valid);
      int more = SendWqe.endFragments(generation, ring, wqe, fragments, valid);
      header = SendWqe.headerOf(opcode, remoteStag, more, SendWqe.IRDMAQPSQ_SIGCOMPL.mask(), valid);
    }
    SendWqe.header(ring, wqe, header);
    use(buffers, log.post(index, operation, /* isInvalid= */ false));
    sendsInUse++;
    return Posted.ACCEPTED;
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
    if (connection.mpa().ord() == 0) {
      throw connection.notOffered(Operation.READ);
    }
    IntelRegion region = own(sink);
    if (!region.isRemotelyWritable()) {
      throw new IllegalArgumentException(
          "READ " + read.id() + ": NO_ACCESS; the sink's region needs REMOTE_WRITE");
    }
    requireLength(Operation.READ, read.id(), sink.lengthBytes());
    if (sendsInUse == sendEntries) {
      return Posted.QUEUE_FULL;
    }
    if (!region.isValid()) {
      return nop(read.id(), Operation.READ, /* isInvalid= */ true);
    }
    int index = sends.reserve(SendWqe.quantaOf(1), read.id(), sink.lengthBytes());
    if (index == SendRing.FULL) {
      return Posted.QUEUE_FULL;
    }
    long wqe = (long) index * SendWqe.QUANTUM_BYTES;
    MemorySegment ring = sends.memory();
    int valid = sends.polarity();
    SendWqe.fragment(
        generation,
        ring,
        wqe,
        0,
        region.taggedOffset() + sink.offsetBytes(),
        sink.lengthBytes(),
        region.stag(),
        valid);
    SendWqe.remoteOffset(ring, wqe, read.source().taggedOffset());
    SendWqe.header(
        ring,
        wqe,
        SendWqe.headerOf(
            SendWqe.OP_RDMA_READ,
            read.source().stag(),
            SendWqe.endFragments(generation, ring, wqe, 1, valid),
            SendWqe.IRDMAQPSQ_SIGCOMPL.mask(),
            valid));
    region.usedBy(log.post(index, Operation.READ, /* isInvalid= */ false));
    sendsInUse++;
    return Posted.ACCEPTED;
  }

  /** After all earlier requests: both fences. */
  private Posted post(LocalInvalidate invalidate) {
    if (sendsInUse == sendEntries) {
      return Posted.QUEUE_FULL;
    }
    IntelRegion region = connection.regions().find(invalidate.stag());
    if (region == null || !region.isValid()) {
      return nop(invalidate.id(), Operation.LOCAL_INVALIDATE, /* isInvalid= */ true);
    }
    if (!region.isOnDevice()) {
      region.invalidate();
      return nop(invalidate.id(), Operation.LOCAL_INVALIDATE, /* isInvalid= */ false);
    }
    int index = sends.reserve(1, invalidate.id(), 0);
    if (index == SendRing.FULL) {
      return Posted.QUEUE_FULL;
    }
    long wqe = (long) index * SendWqe.QUANTUM_BYTES;
    MemorySegment ring = sends.memory();
    int valid = sends.polarity();
    SendWqe.invalidated(generation, ring, wqe, invalidate.stag());
    SendWqe.remoteOffset(ring, wqe, 0);
    SendWqe.header(
        ring,
        wqe,
        SendWqe.headerOf(
            SendWqe.OP_LOCAL_INVALIDATE,
            0,
            0,
            SendWqe.IRDMAQPSQ_SIGCOMPL.mask()
                | SendWqe.IRDMAQPSQ_READFENCE.mask()
                | SendWqe.IRDMAQPSQ_LOCALFENCE.mask(),
            valid));
    log.post(index, Operation.LOCAL_INVALIDATE, /* isInvalid= */ false);
    // What is posted after it must not name it any more.
    region.invalidate();
    sendsInUse++;
    return Posted.ACCEPTED;
  }

  /** What completes in its turn and does nothing. */
  private Posted nop(long id, Operation operation, boolean isInvalid) {
    int index = sends.reserve(1, id, 0);
    if (index == SendRing.FULL) {
      return Posted.QUEUE_FULL;
    }
    SendWqe.nop(
        sends.memory(),
        (long) index * SendWqe.QUANTUM_BYTES,
        SendWqe.IRDMAQPSQ_SIGCOMPL.mask(),
        sends.polarity());
    log.post(index, operation, isInvalid);
    sendsInUse++;
    return Posted.ACCEPTED;
  }

  private Posted post(Receive receive) {
    List<LocalBuffer> buffers = receive.buffers();
    int fragments =
        check(Operation.RECEIVE, receive.id(), buffers, generation.limits().receiveFragments());
    for (int i = 0; i < buffers.size(); i++) {
      if (!own(buffers.get(i)).isWritable()) {
        throw new IllegalArgumentException(
            "RECEIVE " + receive.id() + ": NO_ACCESS; a buffer's region is read-only");
      }
    }
    if (receivesInUse == receiveEntries) {
      return Posted.QUEUE_FULL;
    }
    int index = receives.reserve(receive.id());
    if (index == ReceiveRing.FULL) {
      return Posted.QUEUE_FULL;
    }
    long wqe = receives.offset(index);
    gather(buffers, receives.memory(), wqe, receives.polarity());
    ReceiveWqe.end(generation, receives.memory(), wqe, fragments, receives.polarity());
    receiveLog.post(index, buffers);
    receivesInUse++;
    return Posted.ACCEPTED;
  }

  // ---- buffers; those without bytes are not told to the device

  private int check(Operation operation, long id, List<LocalBuffer> buffers, int limit) {
    int fragments = 0;
    for (int i = 0; i < buffers.size(); i++) {
      LocalBuffer buffer = buffers.get(i);
      own(buffer);
      if (buffer.lengthBytes() > 0) {
        fragments++;
      }
    }
    if (fragments > limit) {
      throw new IllegalArgumentException(
          "%s %d: TOO_MANY_BUFFERS; %d, the device takes %d"
              .formatted(operation, id, fragments, limit));
    }
    return fragments;
  }

  private static void requireLength(Operation operation, long id, long bytes) {
    if (bytes > MAX_MESSAGE_BYTES) {
      throw new IllegalArgumentException(
          "%s %d: TOO_LONG; %d bytes, a message of this device has at most %d"
              .formatted(operation, id, bytes, MAX_MESSAGE_BYTES));
    }
  }

  private static long total(List<LocalBuffer> buffers) {
    long bytes = 0;
    for (int i = 0; i < buffers.size(); i++) {
      bytes += buffers.get(i).lengthBytes();
    }
    return bytes;
  }

  private boolean areValid(List<LocalBuffer> buffers) {
    for (int i = 0; i < buffers.size(); i++) {
      if (!own(buffers.get(i)).isValid()) {
        return false;
      }
    }
    return true;
  }

  private void use(List<LocalBuffer> buffers, long request) {
    for (int i = 0; i < buffers.size(); i++) {
      own(buffers.get(i)).usedBy(request);
    }
  }

  private void gather(List<LocalBuffer> buffers, MemorySegment ring, long wqe, int valid) {
    int fragment = 0;
    for (int i = 0; i < buffers.size(); i++) {
      LocalBuffer buffer = buffers.get(i);
      if (buffer.lengthBytes() > 0) {
        IntelRegion region = own(buffer);
        SendWqe.fragment(
            generation,
            ring,
            wqe,
            fragment++,
            region.taggedOffset() + buffer.offsetBytes(),
            buffer.lengthBytes(),
            region.stag(),
            valid);
      }
    }
  }

  private void inline(
      List<LocalBuffer> buffers, MemorySegment ring, long wqe, int bytes, int valid) {
    int position = 0;
    for (int i = 0; i < buffers.size(); i++) {
      LocalBuffer buffer = buffers.get(i);
      int length = (int) buffer.lengthBytes();
      SendWqe.inline(
          generation, ring, wqe, position, own(buffer).segment(), buffer.offsetBytes(), length);
      position += length;
    }
    SendWqe.endInline(generation, ring, wqe, bytes, valid);
  }

  private IntelRegion own(LocalBuffer buffer) {
    if (MovableRegion.atOwner(buffer.region()) instanceof IntelRegion region
        && region.belongsTo(connection)) {
      return region;
    }
    throw new IllegalArgumentException(
        "a buffer of another connection; register its memory with this one");
  }
}
