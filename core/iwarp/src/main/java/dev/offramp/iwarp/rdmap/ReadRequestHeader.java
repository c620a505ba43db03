package dev.offramp.iwarp.rdmap;

import java.nio.ByteBuffer;

/**
 * What follows the DDP header of an RDMA Read Request (RFC 5040, section 4.4).
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------------------------------------------------------+
 * |                     Data Sink STag (SinkSTag)                 |
 * +---------------------------------------------------------------+
 * |                                                               |
 * +                  Data Sink Tagged Offset (SinkTO)             +
 * |                                                               |
 * +---------------------------------------------------------------+
 * |                  RDMA Read Message Size (RDMARDSZ)            |
 * +---------------------------------------------------------------+
 * |                     Data Source STag (SrcSTag)                |
 * +---------------------------------------------------------------+
 * |                                                               |
 * +                  Data Source Tagged Offset (SrcTO)            +
 * |                                                               |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class ReadRequestHeader {
  public static final int BYTES = 28;

  public static final int SINK_STAG_OFFSET = 0;
  public static final int SINK_OFFSET_OFFSET = 4;
  public static final int SIZE_OFFSET = 12;
  public static final int SOURCE_STAG_OFFSET = 16;
  public static final int SOURCE_OFFSET_OFFSET = 20;

  private ReadRequestHeader() {}

  /** Writes a header at the absolute {@code offset}. */
  public static void put(
      ByteBuffer bytes,
      int offset,
      int sinkStag,
      long sinkOffset,
      int size,
      int sourceStag,
      long sourceOffset) {
    bytes.putInt(offset + SINK_STAG_OFFSET, sinkStag);
    bytes.putLong(offset + SINK_OFFSET_OFFSET, sinkOffset);
    bytes.putInt(offset + SIZE_OFFSET, size);
    bytes.putInt(offset + SOURCE_STAG_OFFSET, sourceStag);
    bytes.putLong(offset + SOURCE_OFFSET_OFFSET, sourceOffset);
  }

  public static int sinkStag(ByteBuffer bytes, int offset) {
    return bytes.getInt(offset + SINK_STAG_OFFSET);
  }

  public static long sinkOffset(ByteBuffer bytes, int offset) {
    return bytes.getLong(offset + SINK_OFFSET_OFFSET);
  }

  /** The size, unsigned. */
  public static long size(ByteBuffer bytes, int offset) {
    return bytes.getInt(offset + SIZE_OFFSET) & 0xFFFF_FFFFL;
  }

  public static int sourceStag(ByteBuffer bytes, int offset) {
    return bytes.getInt(offset + SOURCE_STAG_OFFSET);
  }

  public static long sourceOffset(ByteBuffer bytes, int offset) {
    return bytes.getLong(offset + SOURCE_OFFSET_OFFSET);
  }
}
