package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A work request of a send or receive queue, written into the queue's ring (t4fw_ri_api.h, {@code
 * fw_ri_rdma_write_wr} and its like; iw_cxgb4's {@code build_rdma_send} and its like). What does
 * not fit before the ring's end goes on at its beginning, byte for byte; the fixed part never does,
 * as a request begins with a slot of 64 bytes.
 *
 * <pre>
 *  0  opcode 1 | flags 1 | wrid 2 (host order) | r1 3 | len16 1
 *
 * WRITE  8 iw_imm_data  16 plen      20 stag_sink  24 to_sink                      32 data
 * SEND   8 sendop_pkd   12 stag_inv  16 plen       20 r3  24 r4                    32 data
 * READ   8 r2  16 stag_sink  20 to_sink_hi  24 to_sink_lo  28 plen
 *       32 stag_src  36 to_src_hi  40 to_src_lo  44 r5
 * RECV   8 data (a gather list)
 * INV    8 r2   12 stag_inv
 *
 * data:  immediate  op 0x81 1 | r1 1 | r2 2 | immdlen 4, the bytes, zeros up to a unit of 16
 *        list       op 0x83 1 | r1 1 | nsge 2 | r2 4, then stag 4 | len 4 | to 8 for each, a zero flit
 * </pre>
 *
 * Use: one of the five beginnings, the data where it has some, {@link #end}. For one thread.
 */
public final class RiWorkRequest {
  public static final int SLOT_BYTES = 64;

  // ---- flags
  public static final int COMPLETION = 0x01;
  public static final int SOLICITED_EVENT = 0x04;
  public static final int READ_FENCE = 0x08;
  public static final int LOCAL_FENCE = 0x10;
  public static final int READ_INVALIDATE = 0x20;
  public static final int WRITE_WITH_IMMEDIATE = 0x40;

  /** {@code T4_MAX_SEND_SGE}, also for WRITE: more do not fit five slots. */
  public static final int MAX_SQ_SGE = 17;

  /** {@code T4_MAX_RECV_SGE}. */
  public static final int MAX_RQ_SGE = 4;

  /** {@code T4_MAX_SEND_INLINE}, also for WRITE. */
  public static final int MAX_INLINE_BYTES = 280;

  private static final ValueLayout.OfInt BE32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong BE64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private static final int DATA_HEADER_BYTES = 8;
  private static final int FIXED_BYTES = 32;
  private static final int PLEN = 16;
  private static final int READ_BYTES = 48;
  private static final int INVALIDATE_BYTES = 16;

  private static final long DATA_IMMD = 0x81L << 56;
  private static final long DATA_ISGL = 0x83L << 56;

  /** What a READ of no bytes names, for nobody looks it up ({@code build_rdma_read}). */
  private static final int ZERO_READ_STAG = 2;

  private static final Bits OPCODE = new Bits("opcode", 56, 8);
  private static final Bits FLAGS = new Bits("flags", 48, 8);
  private static final Bits WRID = new Bits("wrid", 0, 16);
  private static final Bits LEN16 = new Bits("len16", 0, 8);
  private static final Bits NSGE = new Bits("nsge", 32, 16);

  private final MemorySegment ring;
  private final long ringBytes;

  private long start;
  private long header;
  private long cursor;
  private long dataAt;
  private int pieces;
  private long payloadBytes;

  /**
   * A writer for one ring.
   *
   * @param ring where requests go
   * @param ringBytes the part of it that is slots, a multiple of 64; it begins the segment
   */
  public RiWorkRequest(MemorySegment ring, long ringBytes) {
    this.ring = ring;
    this.ringBytes = ringBytes;
  }

  /**
   * Begins an RDMA Write.
   *
   * @param at the slot's offset
   * @param wrid 0..65535, returned in the completion
   */
  public void write(long at, int flags, int wrid, int stagSink, long toSink) {
    fixed(at, Wr.FW_RI_RDMA_WRITE_WR, flags, wrid);
    ring.set(BE64, at + 8, 0);
    ring.set(BE32, at + 20, stagSink);
    ring.set(BE64, at + 24, toSink);
    cursor = at + FIXED_BYTES;
  }

  /** Gives a Write that has begun its 32 bits of immediate data; the flag has to be set. */
  public void immediateOfWrite(int data) {
    ring.set(BE32, start + 8, data);
  }

  /**
   * Begins a Send of one of the four kinds.
   *
   * @param invalidates whether it revokes an STag of the peer
   */
  public void send(
      long at, int flags, int wrid, boolean solicited, boolean invalidates, int stagInv) {
    fixed(at, Wr.FW_RI_SEND_WR, flags, wrid);
    int sendop =
        invalidates
            ? (solicited ? Cqe.FW_RI_SEND_WITH_SE_INV : Cqe.FW_RI_SEND_WITH_INV)
            : (solicited ? Cqe.FW_RI_SEND_WITH_SE : Cqe.FW_RI_SEND);
    ring.set(BE32, at + 8, sendop);
    ring.set(BE32, at + 12, invalidates ? stagInv : 0);
    ring.set(BE32, at + 20, 0);
    ring.set(BE64, at + 24, 0);
    cursor = at + FIXED_BYTES;
  }

  /**
   * A whole RDMA Read; it has no data part. It always completes, as a Read Response, and its flags
   * never ask for that.
   *
   * @param invalidates whether the sink's STag is revoked when it is done
   */
  public void read(
      long at,
      int wrid,
      boolean invalidates,
      int stagSink,
      long toSink,
      int length,
      int stagSource,
      long toSource) {
    fixed(at, Wr.FW_RI_RDMA_READ_WR, invalidates ? READ_INVALIDATE : 0, wrid);
    boolean empty = length == 0;
    ring.set(BE64, at + 8, 0);
    ring.set(BE32, at + 16, empty ? ZERO_READ_STAG : stagSink);
    ring.set(BE64, at + 20, empty ? 0 : toSink);
    ring.set(BE32, at + 28, length);
    ring.set(BE32, at + 32, empty ? ZERO_READ_STAG : stagSource);
    ring.set(BE64, at + 36, empty ? 0 : toSource);
    ring.set(BE32, at + 44, 0);
    cursor = at + READ_BYTES;
  }

  /** Begins a Receive; it needs a list, which may be empty. */
  public void receive(long at, int wrid) {
    fixed(at, Wr.FW_RI_RECV_WR, 0, wrid);
    cursor = at + DATA_HEADER_BYTES;
  }

  /** A whole local invalidation; it has no data part. */
  public void invalidate(long at, int flags, int wrid, int stag) {
    fixed(at, Wr.FW_RI_INV_LSTAG_WR, flags, wrid);
    ring.set(BE32, at + 8, 0);
    ring.set(BE32, at + 12, stag);
    cursor = at + INVALIDATE_BYTES;
  }

  private void fixed(long at, int opcode, int flags, int wrid) {
    start = at;
    pieces = 0;
    payloadBytes = 0;
    header =
        OPCODE.of(opcode)
            | FLAGS.of(flags)
            | (long) Short.toUnsignedInt(Short.reverseBytes((short) WRID.of(wrid))) << 32;
  }

  /** Begins a list of buffers. */
  public void beginList() {
    dataAt = cursor;
    cursor = wrapped(cursor + DATA_HEADER_BYTES);
  }

  /** Adds a buffer to the list. */
  public void buffer(int stag, int length, long to) {
    flit((long) stag << 32 | Integer.toUnsignedLong(length));
    flit(to);
    pieces++;
    payloadBytes += Integer.toUnsignedLong(length);
  }

  /** Ends the list. */
  public void endList() {
    ring.set(BE64, dataAt, DATA_ISGL | NSGE.of(pieces));
    if (used() % Wr.UNIT_BYTES != 0) {
      flit(0);
    }
  }

  /** Begins bytes that travel in the request itself. */
  public void beginImmediate() {
    dataAt = cursor;
    cursor = wrapped(cursor + DATA_HEADER_BYTES);
  }

  /** Adds bytes. */
  public void bytes(MemorySegment source, long from, long length) {
    long beforeEnd = Math.min(length, ringBytes - cursor);
    MemorySegment.copy(source, from, ring, cursor, beforeEnd);
    if (beforeEnd < length) {
      MemorySegment.copy(source, from + beforeEnd, ring, 0, length - beforeEnd);
    }
    cursor = wrapped(cursor + length);
    payloadBytes += length;
  }

  /** Ends the bytes. */
  public void endImmediate() {
    ring.set(BE64, dataAt, DATA_IMMD | payloadBytes);
    // The ring's end is a multiple of 16, so the padding lies in one piece.
    for (long left = -used() & (Wr.UNIT_BYTES - 1); left > 0; left--) {
      ring.set(ValueLayout.JAVA_BYTE, cursor, (byte) 0);
      cursor++;
    }
    cursor = wrapped(cursor);
  }

  /**
   * Completes a request whose payload's length stands in it: WRITE and SEND.
   *
   * @return how many units of 16 bytes it takes
   */
  public int endWithLength() {
    ring.set(BE32, start + PLEN, (int) payloadBytes);
    return end();
  }

  /**
   * Completes the request.
   *
   * @return how many units of 16 bytes it takes
   */
  public int end() {
    int len16 = Wr.len16(used());
    ring.set(BE64, start, header | LEN16.of(len16));
    return len16;
  }

  /** How many slots a request of so many units takes. */
  public static int slots(int len16) {
    return (len16 * Wr.UNIT_BYTES + SLOT_BYTES - 1) / SLOT_BYTES;
  }

  private void flit(long value) {
    ring.set(BE64, cursor, value);
    cursor = wrapped(cursor + Long.BYTES);
  }

  private long wrapped(long at) {
    return at >= ringBytes ? at - ringBytes : at;
  }

  private long used() {
    return cursor > start ? cursor - start : cursor + ringBytes - start;
  }
}
