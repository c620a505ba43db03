package com.acme.offramp;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.spi.MovableRegion;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes work requests into the rings. Under the connection's lock; allocates nothing. A place is
 * in use until the request's completion was polled.
 */
final class WorkPoster {
  /** RFC 5041, section 5.2: a message has less than 2^32 octets. */
  private static final long MAX_MESSAGE_BYTES = 0xFFFF_FFFFL;

  private final AcmeConnection connection;
  private final MemorySegment memory;
  private int sendsPosted;
  private int sendsPolled;
  private int receivesPosted;
  private int receivesPolled;

  WorkPoster(AcmeConnection connection, MemorySegment memory) {
    this.connection = connection;
    this.memory = memory;
  }

  /** How many requests other than Receives were posted, as the doorbell has it. */
  int sendsPosted() {
    return sendsPosted;
  }

  int sendsPolled() {
    return sendsPolled;
  }

  int receivesPosted() {
    return receivesPosted;
  }

  int receivesPolled() {
    return receivesPolled;
  }

  /** A completion was polled: the request's place is free. */
  void polled(boolean receive) {
    if (receive) {
      receivesPolled++;
    } else {
      sendsPolled++;
    }
  }

  /** Writes a request; false when there is no place. */
  boolean post(WorkRequest request) {
    return switch (request) {
      case Send send -> post(send);
      case Receive receive -> post(receive);
      case Write write -> post(write);
      case Read read -> post(read);
      default -> throw connection.notOffered(request.operation());
    };
  }

  private boolean post(Send send) {
    LocalBuffer buffer = only(send, send.buffers());
    if (areSendsFull()) {
      return false;
    }
    boolean invalidates = send.invalidateStag().isPresent();
    int flags =
        (send.solicited() ? Rings.FLAG_SOLICITED : 0) | (invalidates ? Rings.FLAG_INVALIDATE : 0);
    long at = nextSend();
    write(at, send.id(), Rings.SEND, flags, buffer);
    memory.set(
        Words.U32, at + Rings.WORK_REMOTE_STAG, invalidates ? send.invalidateStag().getAsInt() : 0);
    return true;
  }

  private boolean post(Write write) {
    LocalBuffer buffer = only(write, write.buffers());
    long bytes = buffer == null ? 0 : buffer.lengthBytes();
    if (bytes > write.target().lengthBytes()) {
      throw new IllegalArgumentException(
          "WRITE %d: %d bytes do not fit the target of %d"
              .formatted(write.id(), bytes, write.target().lengthBytes()));
    }
    if (areSendsFull()) {
      return false;
    }
    long at = nextSend();
    write(at, write.id(), Rings.WRITE, 0, buffer);
    remote(at, write.target());
    return true;
  }

  private boolean post(Read read) {
    if (connection.mpa().ord() == 0) {
      throw connection.notOffered(read.operation());
    }
    LocalBuffer sink = checked(read, read.sink());
    if (sink.lengthBytes() != read.source().lengthBytes()) {
      throw new IllegalArgumentException(
          "READ %d: a source of %d bytes for a sink of %d"
              .formatted(read.id(), read.source().lengthBytes(), sink.lengthBytes()));
    }
    // The peer's answer names the sink's STag (RFC 5040, section 5.2.2).
    if (!own(sink).allows(Access.REMOTE_WRITE)) {
      throw new IllegalArgumentException(
          "READ %d: a sink without REMOTE_WRITE; register its memory with it".formatted(read.id()));
    }
    if (areSendsFull()) {
      return false;
    }
    long at = nextSend();
    write(at, read.id(), Rings.READ, 0, sink);
    remote(at, read.source());
    return true;
  }

  private boolean post(Receive receive) {
    LocalBuffer buffer = only(receive, receive.buffers());
    if (buffer != null && buffer.region().segment().isReadOnly()) {
      throw new IllegalArgumentException(
          "RECEIVE %d: a buffer of read-only memory".formatted(receive.id()));
    }
    if (receivesPosted - receivesPolled == Rings.RECEIVE_ENTRIES) {
      return false;
    }
    int slot = receivesPosted++ & (Rings.RECEIVE_ENTRIES - 1);
    write(
        Rings.RECEIVES + (long) slot * Rings.RECEIVE_BYTES, receive.id(), Rings.RECEIVE, 0, buffer);
    return true;
  }

  private boolean areSendsFull() {
    return sendsPosted - sendsPolled == Rings.SEND_ENTRIES;
  }

  private long nextSend() {
    int slot = sendsPosted++ & (Rings.SEND_ENTRIES - 1);
    return Rings.SENDS + (long) slot * Rings.SEND_BYTES;
  }

  private void write(long at, long id, int opcode, int flags, @Nullable LocalBuffer buffer) {
    memory.set(Words.U64, at + Rings.WORK_ID, id);
    memory.set(Words.U32, at + Rings.WORK_OPCODE, opcode);
    memory.set(Words.U32, at + Rings.WORK_FLAGS, flags | (buffer == null ? 0 : Rings.FLAG_BUFFER));
    memory.set(Words.U32, at + Rings.WORK_STAG, buffer == null ? 0 : own(buffer).stag());
    memory.set(Words.U64, at + Rings.WORK_OFFSET, buffer == null ? 0 : buffer.offsetBytes());
    memory.set(Words.U64, at + Rings.WORK_LENGTH, buffer == null ? 0 : buffer.lengthBytes());
  }

  private void remote(long at, RemoteBuffer buffer) {
    memory.set(Words.U32, at + Rings.WORK_REMOTE_STAG, buffer.stag());
    memory.set(Words.U64, at + Rings.WORK_REMOTE_OFFSET, buffer.taggedOffset());
  }

  /** The one buffer of a request; null for a message without any. */
  private @Nullable LocalBuffer only(WorkRequest request, List<LocalBuffer> buffers) {
    if (buffers.size() > 1) {
      throw new IllegalArgumentException(
          "%s %d: %d buffers, expected at most one; post one request for each"
              .formatted(request.operation(), request.id(), buffers.size()));
    }
    return buffers.isEmpty() ? null : checked(request, buffers.get(0));
  }

  private LocalBuffer checked(WorkRequest request, LocalBuffer buffer) {
    own(buffer);
    if (buffer.lengthBytes() > MAX_MESSAGE_BYTES) {
      throw new IllegalArgumentException(
          "%s %d: %d bytes, expected less than 2^32"
              .formatted(request.operation(), request.id(), buffer.lengthBytes()));
    }
    return buffer;
  }

  private AcmeRegion own(LocalBuffer buffer) {
    if (MovableRegion.atOwner(buffer.region()) instanceof AcmeRegion region
        && region.belongsTo(connection)) {
      return region;
    }
    throw new IllegalArgumentException(
        "a buffer of another connection; register its memory with this one");
  }
}
