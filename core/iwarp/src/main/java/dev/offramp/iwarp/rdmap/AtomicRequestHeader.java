package dev.offramp.iwarp.rdmap;

import java.nio.ByteBuffer;

/**
 * What follows the DDP header of an Atomic Request (RFC 7306, section 5.2).
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------------------------------+-------+
 * |                     reserved                          |AOpCode|
 * +-------------------------------------------------------+-------+
 * |                      Request Identifier                       |
 * +---------------------------------------------------------------+
 * |                         Remote STag                           |
 * +---------------------------------------------------------------+
 * |                   Remote Tagged Offset (64)                   |
 * +---------------------------------------------------------------+
 * |                   Add or Swap Data (64)                       |
 * +---------------------------------------------------------------+
 * |                   Add or Swap Mask (64)                       |
 * +---------------------------------------------------------------+
 * |                   Compare Data (64)                           |
 * +---------------------------------------------------------------+
 * |                   Compare Mask (64)                           |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class AtomicRequestHeader {
  public static final int BYTES = 52;

  public static final int FETCH_ADD = 0x0;

  /** Subcode 1 was a plain swap in the drafts of RFC 7306 and is not assigned. */
  public static final int COMPARE_SWAP = 0x2;

  private static final int OPERATION_OFFSET = 0;
  private static final int REQUEST_OFFSET = 4;
  private static final int STAG_OFFSET = 8;
  private static final int TAGGED_OFFSET_OFFSET = 12;
  private static final int DATA_OFFSET = 20;
  private static final int MASK_OFFSET = 28;
  private static final int COMPARE_OFFSET = 36;
  private static final int COMPARE_MASK_OFFSET = 44;
  private static final int OPERATION_MASK = 0x0F;

  private AtomicRequestHeader() {}

  /** Writes the identifying part at the absolute {@code offset}. */
  public static void putTarget(
      ByteBuffer bytes, int offset, int operation, int request, int stag, long taggedOffset) {
    bytes.putInt(offset + OPERATION_OFFSET, operation);
    bytes.putInt(offset + REQUEST_OFFSET, request);
    bytes.putInt(offset + STAG_OFFSET, stag);
    bytes.putLong(offset + TAGGED_OFFSET_OFFSET, taggedOffset);
  }

  /** Writes the operands at the absolute {@code offset} of the header. */
  public static void putOperands(
      ByteBuffer bytes, int offset, long data, long mask, long compare, long compareMask) {
    bytes.putLong(offset + DATA_OFFSET, data);
    bytes.putLong(offset + MASK_OFFSET, mask);
    bytes.putLong(offset + COMPARE_OFFSET, compare);
    bytes.putLong(offset + COMPARE_MASK_OFFSET, compareMask);
  }

  public static int operation(ByteBuffer bytes, int offset) {
    return bytes.getInt(offset + OPERATION_OFFSET) & OPERATION_MASK;
  }

  public static int request(ByteBuffer bytes, int offset) {
    return bytes.getInt(offset + REQUEST_OFFSET);
  }

  public static int stag(ByteBuffer bytes, int offset) {
    return bytes.getInt(offset + STAG_OFFSET);
  }

  public static long taggedOffset(ByteBuffer bytes, int offset) {
    return bytes.getLong(offset + TAGGED_OFFSET_OFFSET);
  }

  public static long data(ByteBuffer bytes, int offset) {
    return bytes.getLong(offset + DATA_OFFSET);
  }

  public static long mask(ByteBuffer bytes, int offset) {
    return bytes.getLong(offset + MASK_OFFSET);
  }

  public static long compare(ByteBuffer bytes, int offset) {
    return bytes.getLong(offset + COMPARE_OFFSET);
  }

  public static long compareMask(ByteBuffer bytes, int offset) {
    return bytes.getLong(offset + COMPARE_MASK_OFFSET);
  }
}
