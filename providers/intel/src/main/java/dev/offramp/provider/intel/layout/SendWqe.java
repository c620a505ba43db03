package dev.offramp.provider.intel.layout;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A work request in the send queue: one to eight quanta of 32 bytes. The header is written last.
 *
 * <pre>
 *      63       62      61     60     59    58   57   56   55:48   47   46  41:38  37:32  31:0
 * q3 | valid | signal | local| read | wait | str| inl| push| inl. | imm| rtt| frag.| op-  | remote STag, or
 *    |       |        | fence| fence| PDU  | mode data|    | length    |    | more | code | STag to invalidate
 * q2 | remote tagged offset
 * q1 | fragment 0: length, STag, valid (where: {@link Generation.Fragment})
 * q0 | fragment 0: address
 * q4.. fragments 1 and 2, then two in each further quantum
 * </pre>
 *
 * Source: IRDMAQPSQ_* in irdma's defs.h; uk.c, irdma_uk_send, irdma_uk_rdma_write,
 * irdma_uk_rdma_read, irdma_uk_inline_*, irdma_uk_stag_local_invalidate, irdma_nop_1.
 */
public final class SendWqe {
  /** Bytes of a quantum. */
  public static final int QUANTUM_BYTES = 32;

  /** Where the header stands. */
  public static final int HEADER = 24;

  public static final BitField IRDMAQPSQ_REMSTAG = BitField.bits(0, 31);
  public static final BitField IRDMAQPSQ_OPCODE = BitField.bits(32, 37);
  public static final BitField IRDMAQPSQ_ADDFRAGCNT = BitField.bits(38, 41);
  public static final BitField IRDMAQPSQ_REPORTRTT = BitField.bit(46);
  public static final BitField IRDMAQPSQ_IMMDATAFLAG = BitField.bit(47);
  public static final BitField IRDMAQPSQ_INLINEDATALEN = BitField.bits(48, 55);
  public static final BitField IRDMAQPSQ_INLINEDATAFLAG = BitField.bit(57);
  public static final BitField IRDMAQPSQ_STREAMMODE = BitField.bit(58);
  public static final BitField IRDMAQPSQ_WAITFORRCVPDU = BitField.bit(59);
  public static final BitField IRDMAQPSQ_READFENCE = BitField.bit(60);
  public static final BitField IRDMAQPSQ_LOCALFENCE = BitField.bit(61);
  public static final BitField IRDMAQPSQ_SIGCOMPL = BitField.bit(62);
  public static final BitField IRDMAQPSQ_VALID = BitField.bit(63);

  public static final int OP_RDMA_WRITE = 0x00;
  public static final int OP_RDMA_READ = 0x01;
  public static final int OP_RDMA_SEND = 0x03;
  public static final int OP_RDMA_SEND_INV = 0x04;
  public static final int OP_RDMA_SEND_SOL_EVENT = 0x05;
  public static final int OP_RDMA_SEND_SOL_EVENT_INV = 0x06;
  public static final int OP_LOCAL_INVALIDATE = 0x0A;
  public static final int OP_RDMA_READ_LOC_INV = 0x0B;
  public static final int OP_NOP = 0x0C;
  public static final int OP_RDMA_WRITE_SOL = 0x0D;
  public static final int OP_GEN_RTS_AE = 0x30;

  private static final int REMOTE_OFFSET = 16;
  private static final int VALID_BIT_IN_BYTE = 7;

  private SendWqe() {}

  /** Quanta of a WQE with this many fragments, immediate data counted as one. */
  public static int quantaOf(int fragments) {
    return 1 + fragments / 2;
  }

  /** Where a fragment stands, from the WQE's first byte. */
  static int fragmentOffset(int index) {
    return index == 0 ? 0 : QUANTUM_BYTES + (index - 1) * Generation.Fragment.BYTES;
  }

  /**
   * Writes a fragment.
   *
   * @param wqe where the WQE begins in {@code ring}
   * @param index which fragment, 0 and up
   * @param valid the ring's polarity, 0 or 1
   */
  public static void fragment(
      Generation generation,
      MemorySegment ring,
      long wqe,
      int index,
      long address,
      long lengthBytes,
      int stag,
      int valid) {
    Generation.Fragment layout = generation.fragment();
    long at = wqe + fragmentOffset(index);
    Words.put(ring, at, address);
    Words.put(
        ring,
        at + Words.BYTES,
        layout.length().of(lengthBytes) | layout.stag().of(stag) | layout.valid().of(valid));
  }

  /**
   * Writes what follows the last fragment, and says how many fragments there are besides the first:
   * the value of {@link #IRDMAQPSQ_ADDFRAGCNT}.
   *
   * @param fragments how many were written, immediate data counted as one
   */
  public static int endFragments(
      Generation generation, MemorySegment ring, long wqe, int fragments, int valid) {
    if (fragments == 0) {
      fragment(generation, ring, wqe, 0, 0, 0, 0, valid);
      return 0;
    }
    if (generation.fragment().padded() && (fragments & 1) == 0) {
      fragment(generation, ring, wqe, fragments, 0, 0, 0, valid);
      return fragments;
    }
    return fragments - 1;
  }

  /** Writes immediate data in the place of fragment 0. */
  public static void immediate(MemorySegment ring, long wqe, int data) {
    Words.put(ring, wqe, Integer.toUnsignedLong(data));
    Words.put(ring, wqe + Words.BYTES, 0);
  }

  /**
   * Copies bytes into the WQE.
   *
   * @param length how many; at most the generation's limit
   */
  public static void inline(
      Generation generation,
      MemorySegment ring,
      long wqe,
      MemorySegment source,
      long sourceOffset,
      int length,
      int valid) {
    inline(generation, ring, wqe, 0, source, sourceOffset, length);
    endInline(generation, ring, wqe, length, valid);
  }

  /**
   * Copies part of the bytes that travel inside the WQE.
   *
   * @param position which of the WQE's inline bytes is the first
   */
  public static void inline(
      Generation generation,
      MemorySegment ring,
      long wqe,
      int position,
      MemorySegment source,
      long sourceOffset,
      int length) {
    Generation.Inline layout = generation.inline();
    int at = position;
    int end = position + length;
    while (at < end) {
      int beyond = at - layout.firstBytes();
      int room;
      long place;
      if (beyond < 0) {
        room = -beyond;
        place = (long) layout.firstOffset() + at;
      } else {
        int quantum = beyond / layout.nextBytes();
        int within = beyond % layout.nextBytes();
        room = layout.nextBytes() - within;
        place = (long) (quantum + 1) * QUANTUM_BYTES + within;
      }
      int count = Math.min(room, end - at);
      MemorySegment.copy(source, sourceOffset + at - position, ring, wqe + place, count);
      at += count;
    }
  }

  /** Marks the quanta that hold inline bytes, where the generation wants that. */
  public static void endInline(
      Generation generation, MemorySegment ring, long wqe, int length, int valid) {
    if (!generation.inline().marked()) {
      return;
    }
    int quanta = generation.inline().quanta(length);
    for (int quantum = 1; quantum < quanta; quantum++) {
      ring.set(
          ValueLayout.JAVA_BYTE,
          wqe + (long) (quantum + 1) * QUANTUM_BYTES - 1,
          (byte) (valid << VALID_BIT_IN_BYTE));
    }
  }

  /** The STag that a local invalidation is about: a fragment without length and valid bit. */
  public static void invalidated(Generation generation, MemorySegment ring, long wqe, int stag) {
    fragment(generation, ring, wqe, 0, 0, 0, stag, 0);
  }

  /** The remote tagged offset; 0 where there is none. */
  public static void remoteOffset(MemorySegment ring, long wqe, long taggedOffset) {
    Words.put(ring, wqe + REMOTE_OFFSET, taggedOffset);
  }

  /**
   * The header of a WQE with fragments.
   *
   * @param stag the remote STag, or the STag to invalidate, or 0
   * @param moreFragments what {@link #endFragments} gave
   * @param flags masks of {@link #IRDMAQPSQ_SIGCOMPL} and its neighbours
   */
  public static long headerOf(int opcode, int stag, int moreFragments, long flags, int valid) {
    return IRDMAQPSQ_REMSTAG.of(stag)
        | IRDMAQPSQ_OPCODE.of(opcode)
        | IRDMAQPSQ_ADDFRAGCNT.of(moreFragments)
        | flags
        | IRDMAQPSQ_VALID.of(valid);
  }

  /** The header of a WQE with bytes inside. */
  public static long headerOfInline(int opcode, int stag, int length, long flags, int valid) {
    return headerOf(
        opcode,
        stag,
        0,
        flags | IRDMAQPSQ_INLINEDATALEN.of(length) | IRDMAQPSQ_INLINEDATAFLAG.mask(),
        valid);
  }

  /** Hands the WQE over: the header, with all before it visible. */
  public static void header(MemorySegment ring, long wqe, long header) {
    Words.putRelease(ring, wqe + HEADER, header);
  }

  /** A quantum that does nothing. */
  public static void nop(MemorySegment ring, long wqe, long flags, int valid) {
    Words.put(ring, wqe, 0);
    Words.put(ring, wqe + Words.BYTES, 0);
    Words.put(ring, wqe + REMOTE_OFFSET, 0);
    header(ring, wqe, IRDMAQPSQ_OPCODE.of(OP_NOP) | flags | IRDMAQPSQ_VALID.of(valid));
  }
}
