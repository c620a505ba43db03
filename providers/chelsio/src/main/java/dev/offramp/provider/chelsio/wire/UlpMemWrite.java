package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * Writes memory of the adapter: ULP_TX_MEM_WRITE in an FW_ULPTX_WR, the bytes inside (t4_msg.h
 * {@code ulp_mem_io}, {@code ulptx_idata}; iw_cxgb4's {@code _c4iw_write_mem_inline}).
 *
 * <pre>
 *  0  op_to_compl   op | compl 21
 *  4  flowid_len16  len16
 *  8  cookie        host order
 * 16  cmd           ULP_TX_MEM_WRITE 31:24 | imm 23
 * 20  len16         units from here on (the command and the data)
 * 24  dlen          in units of 32 bytes
 * 28  lock_addr     in units of 32 bytes
 * 32  cmd_more      ULP_TX_SC_IMM 31:24      36  len
 * 40  the bytes, zeros up to a unit of 16
 * </pre>
 *
 * What is written most is a memory region's entry in the TPT (t4fw_ri_api.h {@code fw_ri_tpte}):
 *
 * <pre>
 *  0  valid_to_pdid    valid 31 | stagkey 30:23 | stagstate 22 | stagtype 21:20 | pdid 19:0
 *  4  locread_to_qpid  perm 31:28 | reminvdis 27 | addrtype 26 | mwbinden 25 | ps 24:20 | qpid 19:0
 *  8  nosnoop_pbladdr  pbladdr 28:0, in units of 8 bytes
 * 12  len_lo   16  va_hi   20  va_lo_fbo   24  dca_mwbcnt_pstag   28  len_hi
 * </pre>
 */
public final class UlpMemWrite extends Flyweight {
  /** Of a request that writes one TPT entry. */
  public static final int TPT_BYTES = 80;

  /** The most data of one request ({@code C4IW_MAX_INLINE_SIZE}). */
  public static final int MAX_BYTES = 96;

  /** The unit of addresses and lengths. */
  public static final int BLOCK_BYTES = 32;

  public static final int PERM_REMOTE_WRITE = 1;
  public static final int PERM_REMOTE_READ = 2;
  public static final int PERM_LOCAL_WRITE = 4;
  public static final int PERM_LOCAL_READ = 8;

  /** {@code FW_RI_STAG_NSMR}: memory that no window shares. */
  public static final int STAG_NSMR = 0;

  private static final int HEADER_BYTES = 40;
  private static final int TPTE = 40;
  private static final int STAG_INDEX_SHIFT = 8;
  private static final int PBL_UNIT_SHIFT = 3;

  private static final Bits ULPTX_CMD = new Bits("ULPTX_CMD", 24, 8);
  private static final Bits IMM = Bits.flag("T5_ULP_MEMIO_IMM", 23);
  private static final Bits DATA_LEN = new Bits("ULP_MEMIO_DATA_LEN", 0, 5);
  private static final Bits ADDR = new Bits("ULP_MEMIO_ADDR", 0, 31);
  private static final int ULP_TX_MEM_WRITE = 3;
  private static final int ULP_TX_SC_IMM = 0x81;

  private static final Bits VALID = Bits.flag("FW_RI_TPTE_VALID", 31);
  private static final Bits STAGKEY = new Bits("FW_RI_TPTE_STAGKEY", 23, 8);
  private static final Bits STAGSTATE = Bits.flag("FW_RI_TPTE_STAGSTATE", 22);
  private static final Bits STAGTYPE = new Bits("FW_RI_TPTE_STAGTYPE", 20, 2);
  private static final Bits PDID = new Bits("FW_RI_TPTE_PDID", 0, 20);
  private static final Bits PERM = new Bits("FW_RI_TPTE_PERM", 28, 4);
  private static final Bits REMINVDIS = Bits.flag("FW_RI_TPTE_REMINVDIS", 27);
  private static final Bits ADDRTYPE = Bits.flag("FW_RI_TPTE_ADDRTYPE", 26);
  private static final Bits MWBINDEN = Bits.flag("FW_RI_TPTE_MWBINDEN", 25);
  private static final Bits PS = new Bits("FW_RI_TPTE_PS", 20, 5);
  private static final Bits PBLADDR = new Bits("FW_RI_TPTE_PBLADDR", 0, 29);

  /**
   * Begins a write of so many bytes, all zero until they are put.
   *
   * @param block where, in units of 32 bytes
   * @param length a multiple of 32, up to {@value #MAX_BYTES}
   * @param cookie what the reply echoes
   * @return how long the request is, in bytes
   */
  public int begin(MemorySegment segment, long offset, long cookie, int block, int length) {
    over(segment, offset);
    int size = sizeBytes(length);
    zero(size);
    putBe32(0, Wr.op(Wr.FW_ULPTX_WR) | Wr.FW_WR_COMPL.int32(true));
    putBe32(4, Wr.FW_WR_LEN16.int32(Wr.len16(size)));
    putLe64(8, cookie);
    putBe32(16, ULPTX_CMD.int32(ULP_TX_MEM_WRITE) | IMM.int32(true));
    putBe32(20, Wr.len16(size - Wr.UNIT_BYTES));
    putBe32(24, DATA_LEN.int32(length / BLOCK_BYTES));
    putBe32(28, ADDR.int32(Integer.toUnsignedLong(block)));
    putBe32(32, ULPTX_CMD.int32(ULP_TX_SC_IMM));
    putBe32(36, length);
    return size;
  }

  /** How long a request with so many bytes is. */
  public static int sizeBytes(int length) {
    return Wr.len16(HEADER_BYTES + (long) length) * Wr.UNIT_BYTES;
  }

  /** Puts eight bytes of the data, big-endian. */
  public void data(int at, long value) {
    putBe64(HEADER_BYTES + (long) at, value);
  }

  /**
   * The request that revokes an STag: its TPT entry becomes zero.
   *
   * @param tptBase where the table begins, in units of 32 bytes
   */
  public int resetTpte(MemorySegment segment, long offset, long cookie, int tptBase, int stag) {
    return begin(segment, offset, cookie, tptBase + (stag >>> STAG_INDEX_SHIFT), BLOCK_BYTES);
  }

  /** Begins the request that makes an STag. */
  public UlpMemWrite tpte(MemorySegment segment, long offset, long cookie, int tptBase, int stag) {
    resetTpte(segment, offset, cookie, tptBase, stag);
    return this;
  }

  /**
   * What the STag is.
   *
   * @param valid whether it can be used at once
   */
  public UlpMemWrite stag(int stag, boolean valid, int stagType, int pdid) {
    putBe32(
        TPTE,
        VALID.int32(true)
            | STAGKEY.int32(stag & 0xFF)
            | STAGSTATE.int32(valid)
            | STAGTYPE.int32(stagType)
            | PDID.int32(pdid));
    return this;
  }

  /**
   * What may be done.
   *
   * @param remoteInvalidate whether the peer's Send with Invalidate may revoke it
   * @param pageSizeCode pages of 4096 bytes shifted left by so many bits
   */
  public UlpMemWrite rights(
      int perm,
      boolean remoteInvalidate,
      boolean bindEnabled,
      boolean zeroBased,
      int pageSizeCode) {
    putBe32(
        TPTE + 4,
        PERM.int32(perm)
            | REMINVDIS.int32(!remoteInvalidate)
            | ADDRTYPE.int32(!zeroBased)
            | MWBINDEN.int32(bindEnabled)
            | PS.int32(pageSizeCode));
    return this;
  }

  /**
   * Where the page list lies.
   *
   * @param pblOffset in bytes from the beginning of the page-list memory
   */
  public UlpMemWrite pages(int pblOffset) {
    putBe32(TPTE + 8, PBLADDR.int32(pblOffset >>> PBL_UNIT_SHIFT));
    return this;
  }

  /** The range of tagged offsets. */
  public UlpMemWrite range(long to, long length) {
    putBe32(TPTE + 12, (int) length);
    putBe64(TPTE + 16, to);
    putBe32(TPTE + 28, (int) (length >>> Integer.SIZE));
    return this;
  }
}
