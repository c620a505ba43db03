package dev.offramp.interop;

import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RemoteBuffer;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * A command to siwbulk or its answer; {@code struct message} of siwbulk.c, big-endian.
 *
 * @param operation what to do
 * @param count how many messages
 * @param value seed, position or result
 * @param lengthBytes size of a message or a piece
 * @param source the sender's source
 * @param sink the sender's sink
 */
record BulkMessage(
    Kind operation,
    int count,
    long value,
    long lengthBytes,
    RemoteBuffer source,
    RemoteBuffer sink) {
  static final int BYTES = 48;

  /** The operations. */
  enum Kind {
    HELLO(1),
    CHECK(2),
    WRITE(3),
    READ(4),
    SENDS(5),
    TAKE(6),
    QUIT(7);

    private final int number;

    Kind(int number) {
      this.number = number;
    }

    static Kind of(int number) throws CaseFailure {
      for (Kind kind : values()) {
        if (kind.number == number) {
          return kind;
        }
      }
      throw new CaseFailure("siwbulk sent an unknown message [" + number + "]");
    }
  }

  /** A command of this end. */
  static void write(
      MemorySegment to,
      Kind kind,
      int count,
      long value,
      long lengthBytes,
      MemoryRegion source,
      MemoryRegion sink) {
    to.asByteBuffer()
        .putInt(kind.number)
        .putInt(count)
        .putLong(value)
        .putLong(lengthBytes)
        .putInt(source.stag())
        .putInt(sink.stag())
        .putLong(source.taggedOffset())
        .putLong(sink.taggedOffset());
  }

  /**
   * What the guest sent.
   *
   * @param bufferBytes how long its buffers are
   */
  static BulkMessage read(MemorySegment from, long bufferBytes) throws CaseFailure {
    ByteBuffer b = from.asByteBuffer();
    Kind kind = Kind.of(b.getInt());
    int count = b.getInt();
    long value = b.getLong();
    long length = b.getLong();
    int sourceStag = b.getInt();
    int sinkStag = b.getInt();
    return new BulkMessage(
        kind,
        count,
        value,
        length,
        new RemoteBuffer(sourceStag, b.getLong(), bufferBytes),
        new RemoteBuffer(sinkStag, b.getLong(), bufferBytes));
  }
}
