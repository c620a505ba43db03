package dev.offramp.provider.chelsio.connection;

/** Limits of the chip that a connection has to keep. */
final class Limits {
  /** Windows and distances of a TCB have 28 bits. */
  static final long MAX_28_BITS = (1L << 28) - 1;

  /** The largest window in a header, RFC 9293. */
  static final int MAX_RAW_WINDOW = 0xFFFF;

  /** RFC 7323, section 2.3. */
  static final int MAX_SCALE = 14;

  /** An MPA frame has to fit the 255 immediate bytes of one FW_OFLD_TX_DATA_WR. */
  static final int MAX_MPA_FRAME_BYTES = 255;

  static final int MPA_HEADER_BYTES = 20;

  /** IRD and ORD of an enhanced frame, RFC 6581. */
  static final int MPA_ENHANCED_BYTES = 4;

  /** The first revision whose frames have that block. */
  static final int ENHANCED_REVISION = 2;

  /**
   * Bytes that are sent again, or for the first time, before RDMA mode: as many as a quarter of the
   * offload queue holds, in requests of 255.
   */
  static final int MAX_STREAMING_BYTES = 64 * MAX_MPA_FRAME_BYTES;

  /** {@code plen} of a work request has 32 bits, as DDP's message offset. */
  static final long MAX_MESSAGE_BYTES = 0xFFFF_FFFFL;

  /** What the chip puts into IPv4 packets; it has one value for all (TP_GLOBAL_CONFIG). */
  static final int HOP_LIMIT = 64;

  private Limits() {}

  /** The longest private data of an MPA frame of a revision. */
  static int maxPrivateDataBytes(int revision) {
    int enhanced = revision >= ENHANCED_REVISION ? MPA_ENHANCED_BYTES : 0;
    return MAX_MPA_FRAME_BYTES - MPA_HEADER_BYTES - enhanced;
  }
}
