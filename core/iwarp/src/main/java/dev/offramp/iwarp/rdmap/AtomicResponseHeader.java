package dev.offramp.iwarp.rdmap;

import java.nio.ByteBuffer;

/**
 * What follows the DDP header of an Atomic Response (RFC 7306, section 5.2).
 *
 * <pre>
 * +---------------------------------------------------------------+
 * |                 Original Request Identifier                   |
 * +---------------------------------------------------------------+
 * |                 Original Remote Data Value (64)               |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class AtomicResponseHeader {
  public static final int BYTES = 12;

  private static final int VALUE_OFFSET = 4;

  private AtomicResponseHeader() {}

  /** Writes a header at the absolute {@code offset}. */
  public static void put(ByteBuffer bytes, int offset, int request, long original) {
    bytes.putInt(offset, request);
    bytes.putLong(offset + VALUE_OFFSET, original);
  }

  public static int request(ByteBuffer bytes, int offset) {
    return bytes.getInt(offset);
  }

  public static long original(ByteBuffer bytes, int offset) {
    return bytes.getLong(offset + VALUE_OFFSET);
  }
}
