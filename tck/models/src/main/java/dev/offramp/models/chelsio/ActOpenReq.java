package dev.offramp.models.chelsio;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/**
 * CPL_ACT_OPEN_REQ and CPL_ACT_OPEN_REQ6 with their work request header (t4_msg.h, struct
 * cpl_t5_act_open_req, cpl_t6_act_open_req and the same for IPv6).
 *
 * <pre>
 *          IPv4   IPv6                      IPv4   IPv6
 * opcode     16     16      opt0              32     56
 * ports   20,22  20,22      iss               40     64
 * local      24     24      opt2              44     68
 * peer       28     40      filter tuple      48     72   (40 bits at 63:24)
 * </pre>
 *
 * @param params the filter tuple, 40 bits
 */
record ActOpenReq(
    boolean ipv6,
    int atid,
    int replyQueue,
    InetSocketAddress local,
    InetSocketAddress peer,
    int initialSequence,
    long params,
    Opt0 opt0,
    Opt2 opt2) {
  static final int T5_V4_BYTES = 56;
  static final int T5_V6_BYTES = 80;
  static final int T6_V4_BYTES = 64;
  static final int T6_V6_BYTES = 88;

  static ActOpenReq decode(MemorySegment wr, ChelsioChip chip) throws MalformedException {
    boolean ipv6 = Be.get8(wr, WrHeader.BYTES) == CplCode.ACT_OPEN_REQ6;
    int bytes =
        chip == ChelsioChip.T5
            ? ipv6 ? T5_V6_BYTES : T5_V4_BYTES
            : ipv6 ? T6_V6_BYTES : T6_V4_BYTES;
    WrHeader.require(wr, ipv6 ? "CPL_ACT_OPEN_REQ6" : "CPL_ACT_OPEN_REQ", bytes);
    int tid = Be.get32(wr, WrHeader.BYTES);
    int size = ipv6 ? Addresses.V6_BYTES : Addresses.V4_BYTES;
    long options = 24 + 2L * size;
    return new ActOpenReq(
        ipv6,
        Be.bits(tid, 0, 14),
        Be.bits(tid, 14, 10),
        Addresses.at(wr, 24, size, Be.get16(wr, 20)),
        Addresses.at(wr, 24 + size, size, Be.get16(wr, 22)),
        Be.get32(wr, options + 8),
        Be.get64(wr, options + 16) >>> 24,
        Opt0.of(Be.get64(wr, options)),
        Opt2.of(Be.get32(wr, options + 12)));
  }
}
