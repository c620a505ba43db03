package dev.offramp.models.chelsio;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/**
 * FW_OFLD_CONNECTION_WR: makes a TCB for a connection that the chip did not open (t4fw_api.h,
 * struct fw_ofld_connection_wr; 128 bytes).
 *
 * <pre>
 *  32: version 31 | cpl 30           36: compressed filter tuple
 *  44: local port   46: peer port    48: IPv4 peer, local; IPv6 peer (16), local (16)
 *  80: t_state 31:28 | rcv_scale 27:24 | astid 23:0
 *  84: cplrxdataack 15 | cplpassacceptrpl 14   86: rcv_adv   88: rcv_nxt   92: tx_max
 *  96: opt0 (8)   104: opt2
 * </pre>
 *
 * <p>Which IP version it is no public driver shows: all of them make IPv4 connections, with {@code
 * version} 0. Model decision: 1 is IPv6; and whichever the bit says, an IPv4 pair followed by zeros
 * where an IPv6 pair is expected, or the other way round, is refused by {@link FlowChecks}.
 *
 * @param peerScale what the peer's advertised windows are shifted by ({@code rcv_scale})
 * @param peerWindow what stood in the peer's last header ({@code rcv_adv})
 * @param sendMax {@code tx_max}: one past the last byte of the send buffer
 */
record OfldConnectionWr(
    boolean ipv6,
    boolean cpl,
    int filter,
    InetSocketAddress local,
    InetSocketAddress peer,
    boolean restIsZero,
    int state,
    int peerScale,
    int atid,
    boolean receiveCredits,
    boolean passAcceptReply,
    int peerWindow,
    int receiveNext,
    int sendMax,
    Opt0 opt0,
    Opt2 opt2) {
  static final int BYTES = 128;

  private static final int ADDRESSES = 48;
  private static final int ADDRESS_BYTES = 32;

  static OfldConnectionWr decode(MemorySegment wr) throws MalformedException {
    WrHeader.require(wr, "FW_OFLD_CONNECTION_WR", BYTES);
    int version = Be.get32(wr, 32);
    boolean ipv6 = Be.bit(version, 31);
    int size = ipv6 ? Addresses.V6_BYTES : Addresses.V4_BYTES;
    int state = Be.get32(wr, 80);
    int flags = Be.get16(wr, 84);
    return new OfldConnectionWr(
        ipv6,
        Be.bit(version, 30),
        Be.get32(wr, 36),
        Addresses.at(wr, ADDRESSES + size, size, Be.get16(wr, 44)),
        Addresses.at(wr, ADDRESSES, size, Be.get16(wr, 46)),
        Addresses.isZero(wr, ADDRESSES + 2L * size, ADDRESS_BYTES - 2L * size),
        Be.bits(state, 28, 4),
        Be.bits(state, 24, 4),
        Be.bits(state, 0, 24),
        Be.bit(flags, 15),
        Be.bit(flags, 14),
        Be.get16(wr, 86),
        Be.get32(wr, 88),
        Be.get32(wr, 92),
        Opt0.of(Be.get64(wr, 96)),
        Opt2.of(Be.get32(wr, 104)));
  }
}
