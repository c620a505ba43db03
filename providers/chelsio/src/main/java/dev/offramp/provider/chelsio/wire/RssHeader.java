package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * What stands before each message of an ingress queue (t4_msg.h {@code rss_header}).
 *
 * <pre>
 *  0  opcode
 *  1  send2fw 7 | ipv6 6 | hash_type 5:4 | filter_tid 3 | filter_hit 2 | channel 1:0
 *  2  qid      4  hash_val
 * </pre>
 */
public final class RssHeader extends Flyweight {
  public static final int SIZE_BYTES = 8;

  private static final Bits CHANNEL = new Bits("channel", 0, 2);
  private static final Bits FILTER_HIT = Bits.flag("filter_hit", 2);
  private static final Bits FILTER_TID = Bits.flag("filter_tid", 3);
  private static final Bits HASH_TYPE = new Bits("hash_type", 4, 2);
  private static final Bits IPV6 = Bits.flag("ipv6", 6);
  private static final Bits SEND2FW = Bits.flag("send2fw", 7);

  /** Lays it over a message. */
  public RssHeader at(MemorySegment segment, long offset) {
    over(segment, offset);
    return this;
  }

  public int opcode() {
    return u8(0);
  }

  public int channel() {
    return CHANNEL.from(u8(1));
  }

  public boolean filterHit() {
    return FILTER_HIT.isSetIn(u8(1));
  }

  public boolean filterTid() {
    return FILTER_TID.isSetIn(u8(1));
  }

  public int hashType() {
    return HASH_TYPE.from(u8(1));
  }

  public boolean ipv6() {
    return IPV6.isSetIn(u8(1));
  }

  public boolean send2fw() {
    return SEND2FW.isSetIn(u8(1));
  }

  public int qid() {
    return be16(2);
  }

  public int hashVal() {
    return be32(4);
  }
}
