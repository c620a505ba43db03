package dev.offramp.linux.netlink;

import java.util.ArrayList;
import java.util.List;

/**
 * What a cls_u32 filter matches: words of the packet, from the start of its IP header. Immutable.
 *
 * <pre>
 * struct tc_u32_sel (include/uapi/linux/pkt_cls.h):
 *   u8 flags, u8 offshift, u8 nkeys, pad, be16 offmask, u16 off, s16 offoff, s16 hoff, be32 hmask
 *   struct tc_u32_key: be32 mask, be32 val, s32 off, s32 offmask
 * </pre>
 *
 * @param keys all have to match; the first that does not ends the comparison
 * @param hashOffset where the word is that chooses the bucket of the table that is linked to
 * @param hashMask its bits that do so, adjacent and eight at most; 0 for none
 */
public record U32Selector(List<Key> keys, int hashOffset, int hashMask) {
  private static final int TC_U32_TERMINAL = 1;

  /** Matches every packet. */
  public static final U32Selector ALL = new U32Selector(List.of(), 0, 0);

  public U32Selector {
    keys = List.copyOf(keys);
  }

  /**
   * One comparison.
   *
   * @param offset of a word of four bytes, a multiple of 4
   * @param mask bits that count
   * @param value what they are; no others are set
   */
  public record Key(int offset, int mask, int value) {}

  /** The same, and a word has to be {@code value} in the bits of {@code mask}. */
  public U32Selector match(int offset, int mask, int value) {
    List<Key> more = new ArrayList<>(keys);
    more.add(new Key(offset, mask, value & mask));
    return new U32Selector(more, hashOffset, hashMask);
  }

  /** The same, choosing the bucket by a byte of a word. */
  public U32Selector hashedBy(int offset, int mask) {
    return new U32Selector(keys, offset, mask);
  }

  void appendTo(Request request, boolean terminal) {
    request.u8(terminal ? TC_U32_TERMINAL : 0).u8(0).u8(keys.size()).u8(0);
    request.u16(0).u16(0).u16(0).u16(hashOffset).be32(hashMask);
    for (Key key : keys) {
      request.be32(key.mask()).be32(key.value()).u32(key.offset()).u32(0);
    }
  }
}
