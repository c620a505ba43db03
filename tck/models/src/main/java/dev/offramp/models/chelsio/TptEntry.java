package dev.offramp.models.chelsio;

import java.lang.foreign.MemorySegment;

/**
 * An entry of the table of STags (t4fw_ri_api.h, struct fw_ri_tpte; 32 bytes).
 *
 * <pre>
 *  0: valid 31 | stagkey 30:23 | stagstate 22 | stagtype 21:20 | pdid 19:0
 *  4: perm 31:28 | reminvdis 27 | addrtype 26 | mwbinden 25 | ps 24:20 | qpid 19:0
 *  8: nosnoop 30 | pbladdr 28:0, in units of 8 bytes from the start of the PBL area
 * 12: len_lo  16: va_hi  20: va_lo_fbo  24: dca 28:24 | mwbcnt_pstag 23:0  28: len_hi
 * </pre>
 *
 * @param valid the entry is in use
 * @param key the low 8 bits of the STag
 * @param enabled the STag can be used ({@code stagstate})
 * @param zeroBased whether tagged offsets begin at 0 and not at {@code address}
 * @param pageBytes 4096 shifted by {@code ps}
 * @param pageList where in the PBL area its addresses begin, bytes
 * @param length bytes; all ones for the whole of memory
 */
record TptEntry(
    boolean valid,
    int key,
    boolean enabled,
    int type,
    int domain,
    int permissions,
    boolean remoteInvalidateDisabled,
    boolean zeroBased,
    boolean bindEnabled,
    long pageBytes,
    int queueId,
    long pageList,
    long length,
    long address) {
  static final int BYTES = 32;
  static final int REMOTE_WRITE = 1;
  static final int REMOTE_READ = 2;
  static final int LOCAL_WRITE = 4;
  static final int LOCAL_READ = 8;
  static final int TYPE_NSMR = 0;

  private static final int PAGE_SHIFT = 12;
  private static final int PAGE_LIST_UNIT = 8;
  private static final int STATE_BIT = 22;

  static TptEntry decode(MemorySegment at) {
    int first = Be.get32(at, 0);
    int second = Be.get32(at, 4);
    return new TptEntry(
        Be.bit(first, 31),
        Be.bits(first, 23, 8),
        Be.bit(first, STATE_BIT),
        Be.bits(first, 20, 2),
        Be.bits(first, 0, 20),
        Be.bits(second, 28, 4),
        Be.bit(second, 27),
        !Be.bit(second, 26),
        Be.bit(second, 25),
        1L << (PAGE_SHIFT + Be.bits(second, 20, 5)),
        Be.bits(second, 0, 20),
        (long) Be.bits(Be.get32(at, 8), 0, 29) * PAGE_LIST_UNIT,
        Be.getU32(at, 28) << 32 | Be.getU32(at, 12),
        Be.getU32(at, 16) << 32 | Be.getU32(at, 20));
  }

  /** Takes the STag out of use, as an invalidation does. */
  static void disable(MemorySegment at) {
    Be.put32(at, 0, Be.get32(at, 0) & ~(1 << STATE_BIT));
  }

  /** Puts an STag into use, as FW_RI_FR_NSMR_WR does: the place of its page list stays. */
  static void enable(MemorySegment at, RiWork.FastRegister with, int domain) {
    Be.put32(at, 0, 1 << 31 | (with.stag() & 0xFF) << 23 | 1 << STATE_BIT | (domain & 0xF_FFFF));
    Be.put32(
        at,
        4,
        with.permissions() << 28 | (with.zeroBased() ? 0 : 1 << 26) | with.pageShift() << 20);
    Be.put32(at, 12, with.length());
    Be.put64(at, 16, with.address());
    Be.put32(at, 28, with.length() >>> 32);
  }

  /**
   * Whether it covers the whole of memory by bus address, without a page list: how iw_cxgb4 writes
   * one (c4iw_get_dma_mr). A page list at offset 0 of its area looks the same otherwise, so the
   * length tells (model decision).
   */
  boolean isWholeMemory() {
    return length == -1L && pageList == 0;
  }

  boolean may(int permission) {
    return (permissions & permission) == permission;
  }

  /** The tagged offset of its first byte. */
  long firstTaggedOffset() {
    return zeroBased ? 0 : address;
  }
}
