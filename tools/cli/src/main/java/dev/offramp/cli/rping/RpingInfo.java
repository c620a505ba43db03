package dev.offramp.cli.rping;

import dev.offramp.api.rdma.RemoteBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The 16-byte message of rping, {@code struct rping_rdma_info}: a buffer's address, STag and size,
 * big-endian.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                    tagged offset (64 bits)                    |
 * |                                                               |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                             STag                              |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                         size in bytes                         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
final class RpingInfo {
  static final int BYTES = 16;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private RpingInfo() {}

  static void write(MemorySegment message, RemoteBuffer buffer) {
    message.set(LONG, 0, buffer.taggedOffset());
    message.set(INT, 8, buffer.stag());
    message.set(INT, 12, (int) buffer.lengthBytes());
  }

  static RemoteBuffer read(MemorySegment message) {
    return new RemoteBuffer(
        message.get(INT, 8), message.get(LONG, 0), Integer.toUnsignedLong(message.get(INT, 12)));
  }
}
