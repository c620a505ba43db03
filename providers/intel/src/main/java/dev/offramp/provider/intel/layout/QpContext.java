package dev.offramp.provider.intel.layout;

import java.lang.foreign.MemorySegment;

/**
 * The QP context: 256 bytes in host memory, which MODIFY_QP has the device load. It holds the whole
 * TCP control block.
 *
 * <pre>
 * q0  | 63:62 RDMAP | 47 push | 41:32 push page | 31:28 TPH | 25 DCTCP | 21:20 PD hi | 19 err RQ
 *     | 18:16 dup ACKs | 15 drop ooo | 14 ECN | 13:12 cwnd limit | 9:8 RQ WQE size | 7 timestamp
 *     | 5 VLAN | 4 no Nagle | 3 IPv4 | 2 ibrd | 1:0 DDP
 * q1  | SQ address                          q2  | RQ address
 * q3  | 63:48 remote port | 47:32 local port | 31:24 TOS | 23 stretch ACKs | 21:16 MAC index (X722)
 *     | 15:12 SQ size | 11:8 RQ size | 7:0 TTL
 * q4  | remote address word 2, 3            q5  | remote address word 0, 1
 * q6  | 63:48 ARP index | 47:32 VLAN | 31:30 SYN/RST | 29:16 MSS
 * q7  | 63:48 PD lo | 43:40 send scale | 35:32 receive scale | 31:28 TCP state | 23 22 ignore options
 *     | 21 keep-alive | 20 window scaling | 19:0 flow label
 * q9  | timestamp age : recent              q10 | SND.WND : SND.NXT
 * q11 | RCV.WND : RCV.NXT                   q12 | SND.UNA : SND.MAX
 * q13 | RTTVAR : SRTT                       q14 | cwnd : ssthresh
 * q15 | SND.WL2 : SND.WL1                   q16 | 63:57 RTO min | 53:48 retransmits | 45:32 err RQ
 *     |                                     |   | 31:0 largest SND.WND
 * q17 | 50:32 receive CQ | 18:0 send CQ     q18 | 63:8 Q2 address | 6:0 statistics
 * q19 | 63:16 own MAC (E810) | 7:0 last byte sent
 * q20 | 56:48 send marker offset | 40:32 receive marker offset | 31 no CRC check | 30 align headers
 *     | 29 receive markers | 28 iWARP | 27 timely | 26 statistics | 25 privileged | 24 fast register
 *     | 23 bind | 22 send markers | 21 Read | 20 Write and Read Response | 18:16 IRD code | 7:0 ORD
 * q21 | completion context                  q22 | 43:32 LAN queue | 25:16 queue set | 15:0 TPH values
 * q23 | local address word 2, 3             q24 | local address word 0, 1
 * q25 | 63:52 T high | 39:32 T low          q26 | 16:0 remote endpoint
 * </pre>
 *
 * Source: IRDMAQPC_* in irdma's defs.h; ctrl.c, irdma_sc_qp_setctx. The vendor's code writes no q8;
 * the header's fields for keep-alive have no word there.
 */
public final class QpContext {
  public static final int BYTES = 256;

  public static final BitField IRDMAQPC_DDP_VER = BitField.bits(0, 1);
  public static final BitField IRDMAQPC_IBRDENABLE = BitField.bit(2);
  public static final BitField IRDMAQPC_IPV4 = BitField.bit(3);
  public static final BitField IRDMAQPC_NONAGLE = BitField.bit(4);
  public static final BitField IRDMAQPC_INSERTVLANTAG = BitField.bit(5);
  public static final BitField IRDMAQPC_TIMESTAMP = BitField.bit(7);
  public static final BitField IRDMAQPC_RQWQESIZE = BitField.bits(8, 9);
  public static final BitField IRDMAQPC_LIMIT = BitField.bits(12, 13);
  public static final BitField IRDMAQPC_ECN_EN = BitField.bit(14);
  public static final BitField IRDMAQPC_DROPOOOSEG = BitField.bit(15);
  public static final BitField IRDMAQPC_DUPACK_THRESH = BitField.bits(16, 18);
  public static final BitField IRDMAQPC_ERR_RQ_IDX_VALID = BitField.bit(19);
  public static final BitField IRDMAQPC_PDIDXHI = BitField.bits(20, 21);
  public static final BitField IRDMAQPC_DC_TCP_EN = BitField.bit(25);
  public static final BitField IRDMAQPC_RCVTPHEN = BitField.bit(28);
  public static final BitField IRDMAQPC_XMITTPHEN = BitField.bit(29);
  public static final BitField IRDMAQPC_RQTPHEN = BitField.bit(30);
  public static final BitField IRDMAQPC_SQTPHEN = BitField.bit(31);
  public static final BitField IRDMAQPC_PPIDX = BitField.bits(32, 41);
  public static final BitField IRDMAQPC_PMENA = BitField.bit(47);
  public static final BitField IRDMAQPC_RDMAP_VER = BitField.bits(62, 63);

  public static final BitField IRDMAQPC_TTL = BitField.bits(0, 7);
  public static final BitField IRDMAQPC_RQSIZE = BitField.bits(8, 11);
  public static final BitField IRDMAQPC_SQSIZE = BitField.bits(12, 15);
  public static final BitField IRDMAQPC_GEN1_SRCMACADDRIDX = BitField.bits(16, 21);
  public static final BitField IRDMAQPC_AVOIDSTRETCHACK = BitField.bit(23);
  public static final BitField IRDMAQPC_TOS = BitField.bits(24, 31);
  public static final BitField IRDMAQPC_SRCPORTNUM = BitField.bits(32, 47);
  public static final BitField IRDMAQPC_DESTPORTNUM = BitField.bits(48, 63);

  public static final BitField IRDMAQPC_SNDMSS = BitField.bits(16, 29);
  public static final BitField IRDMAQPC_SYN_RST_HANDLING = BitField.bits(30, 31);
  public static final BitField IRDMAQPC_VLANTAG = BitField.bits(32, 47);
  public static final BitField IRDMAQPC_ARPIDX = BitField.bits(48, 63);

  public static final BitField IRDMAQPC_FLOWLABEL = BitField.bits(0, 19);
  public static final BitField IRDMAQPC_WSCALE = BitField.bit(20);
  public static final BitField IRDMAQPC_IGNORE_TCP_OPT = BitField.bit(22);
  public static final BitField IRDMAQPC_IGNORE_TCP_UNS_OPT = BitField.bit(23);
  public static final BitField IRDMAQPC_TCPSTATE = BitField.bits(28, 31);
  public static final BitField IRDMAQPC_RCVSCALE = BitField.bits(32, 35);
  public static final BitField IRDMAQPC_SNDSCALE = BitField.bits(40, 43);
  public static final BitField IRDMAQPC_PDIDX = BitField.bits(48, 63);

  public static final BitField IRDMAQPC_MAXSNDWND = BitField.bits(0, 31);
  public static final BitField IRDMAQPC_ERR_RQ_IDX = BitField.bits(32, 45);
  public static final BitField IRDMAQPC_REXMIT_THRESH = BitField.bits(48, 53);
  public static final BitField IRDMAQPC_RTOMIN = BitField.bits(57, 63);

  public static final BitField IRDMAQPC_TXCQNUM = BitField.bits(0, 18);
  public static final BitField IRDMAQPC_RXCQNUM = BitField.bits(32, 50);
  public static final BitField IRDMAQPC_STAT_INDEX = BitField.bits(0, 6);
  public static final BitField IRDMAQPC_Q2ADDR = BitField.bits(8, 63);
  public static final BitField IRDMAQPC_LASTBYTESENT = BitField.bits(0, 7);
  public static final BitField IRDMAQPC_MACADDRESS = BitField.bits(16, 63);

  public static final BitField IRDMAQPC_ORDSIZE = BitField.bits(0, 7);
  public static final BitField IRDMAQPC_IRDSIZE = BitField.bits(16, 18);
  public static final BitField IRDMAQPC_WRRDRSPOK = BitField.bit(20);
  public static final BitField IRDMAQPC_RDOK = BitField.bit(21);
  public static final BitField IRDMAQPC_SNDMARKERS = BitField.bit(22);
  public static final BitField IRDMAQPC_BINDEN = BitField.bit(23);
  public static final BitField IRDMAQPC_FASTREGEN = BitField.bit(24);
  public static final BitField IRDMAQPC_PRIVEN = BitField.bit(25);
  public static final BitField IRDMAQPC_USESTATSINSTANCE = BitField.bit(26);
  public static final BitField IRDMAQPC_TIMELYENABLE = BitField.bit(27);
  public static final BitField IRDMAQPC_IWARPMODE = BitField.bit(28);
  public static final BitField IRDMAQPC_RCVMARKERS = BitField.bit(29);
  public static final BitField IRDMAQPC_ALIGNHDRS = BitField.bit(30);
  public static final BitField IRDMAQPC_RCVNOMPACRC = BitField.bit(31);
  public static final BitField IRDMAQPC_RCVMARKOFFSET = BitField.bits(32, 40);
  public static final BitField IRDMAQPC_SNDMARKOFFSET = BitField.bits(48, 56);

  public static final BitField IRDMAQPC_SQTPHVAL = BitField.bits(0, 7);
  public static final BitField IRDMAQPC_RQTPHVAL = BitField.bits(8, 15);
  public static final BitField IRDMAQPC_QSHANDLE = BitField.bits(16, 25);
  public static final BitField IRDMAQPC_EXCEPTION_LAN_QUEUE = BitField.bits(32, 43);
  public static final BitField IRDMAQPC_TLOW = BitField.bits(32, 39);
  public static final BitField IRDMAQPC_THIGH = BitField.bits(52, 63);
  public static final BitField IRDMAQPC_REMENDPOINTIDX = BitField.bits(0, 16);

  /** IRDMAQPC_SNDNXT, RCVNXT, SNDMAX, SRTT, SSTHRESH, SNDWL1, TIMESTAMP_RECENT, *IPADDR1, 3. */
  public static final BitField LOWER = BitField.bits(0, 31);

  /** IRDMAQPC_SNDWND, RCVWND, SNDUNA, RTTVAR, CWND, SNDWL2, TIMESTAMP_AGE, *IPADDR0, 2. */
  public static final BitField UPPER = BitField.bits(32, 63);

  private static final int PD_LOW_BITS = 16;
  private static final int ECN_MASK = 3;
  private static final int ECT_0 = 2;

  private QpContext() {}

  /** Where word {@code number} stands. */
  public static long word(int number) {
    return (long) number * Words.BYTES;
  }

  /**
   * Writes the context. Words that belong to a part that is not valid keep what was there, except
   * for q0, q3, q7 and q16, which parts share.
   *
   * @param tcpValid whether the TCP part is written
   * @param iwarpValid whether the iWARP part is written
   */
  public static void write(
      Generation generation,
      MemorySegment memory,
      long offset,
      QueueContext queues,
      TcpContext tcp,
      IwarpContext iwarp,
      boolean tcpValid,
      boolean iwarpValid) {
    long q0 = queueBits(queues);
    long q3 = IRDMAQPC_RQSIZE.of(queues.rqSizeCode) | IRDMAQPC_SQSIZE.of(queues.sqSizeCode);
    long q7 = 0;
    long q16 = 0;
    if (generation.isFirst()) {
      q3 |= IRDMAQPC_GEN1_SRCMACADDRIDX.of(queues.sourceMacIndex);
    }
    putQueues(memory, offset, queues);
    if (iwarpValid) {
      q0 |= iwarpBits(iwarp);
      q7 |= IRDMAQPC_PDIDX.of(iwarp.pdId);
      q16 |= IRDMAQPC_ERR_RQ_IDX.of(iwarp.errorRqIndex) | IRDMAQPC_RTOMIN.of(iwarp.rtoMin);
      putIwarp(generation, memory, offset, queues, tcp, iwarp);
    }
    if (tcpValid) {
      q0 |= tcpBits(tcp);
      q3 |= tcpHeaderBits(generation, tcp, iwarp);
      q7 |= tcpStateBits(tcp);
      q16 |=
          IRDMAQPC_MAXSNDWND.of(tcp.maxSndWnd) | IRDMAQPC_REXMIT_THRESH.of(tcp.retransmitThreshold);
      putTcp(memory, offset, tcp);
      Words.put(
          memory,
          offset + word(25),
          IRDMAQPC_THIGH.of(iwarp.timelyHigh) | IRDMAQPC_TLOW.of(iwarp.timelyLow));
      Words.put(memory, offset + word(26), IRDMAQPC_REMENDPOINTIDX.of(queues.remoteEndpointIndex));
    }
    Words.put(memory, offset, q0);
    Words.put(memory, offset + word(3), q3);
    Words.put(memory, offset + word(7), q7);
    Words.put(memory, offset + word(16), q16);
  }

  private static long queueBits(QueueContext queues) {
    return IRDMAQPC_RQWQESIZE.of(queues.rqWqeSizeCode)
        | IRDMAQPC_RCVTPHEN.of(queues.receiveTph)
        | IRDMAQPC_XMITTPHEN.of(queues.transmitTph)
        | IRDMAQPC_RQTPHEN.of(queues.rqTph)
        | IRDMAQPC_SQTPHEN.of(queues.sqTph)
        | (queues.pushPage < 0 ? 0 : IRDMAQPC_PPIDX.of(queues.pushPage) | IRDMAQPC_PMENA.mask());
  }

  private static long iwarpBits(IwarpContext iwarp) {
    return IRDMAQPC_DDP_VER.of(iwarp.ddpVersion)
        | IRDMAQPC_RDMAP_VER.of(iwarp.rdmapVersion)
        | IRDMAQPC_DC_TCP_EN.of(iwarp.dctcp)
        | IRDMAQPC_ECN_EN.of(iwarp.ecn)
        | IRDMAQPC_IBRDENABLE.of(iwarp.ibrdEnabled)
        | IRDMAQPC_PDIDXHI.of(iwarp.pdId >> PD_LOW_BITS)
        | IRDMAQPC_ERR_RQ_IDX_VALID.of(iwarp.errorRqIndexValid);
  }

  private static long tcpBits(TcpContext tcp) {
    return IRDMAQPC_IPV4.of(tcp.ipv4)
        | IRDMAQPC_NONAGLE.of(tcp.noNagle)
        | IRDMAQPC_INSERTVLANTAG.of(tcp.insertVlanTag)
        | IRDMAQPC_TIMESTAMP.of(tcp.timestamp)
        | IRDMAQPC_LIMIT.of(tcp.cwndIncreaseLimit)
        | IRDMAQPC_DROPOOOSEG.of(tcp.dropOutOfOrder)
        | IRDMAQPC_DUPACK_THRESH.of(tcp.dupAckThreshold);
  }

  private static long tcpHeaderBits(Generation generation, TcpContext tcp, IwarpContext iwarp) {
    boolean marks = (iwarp.ecn || iwarp.dctcp) && (tcp.tos & ECN_MASK) == 0;
    return IRDMAQPC_TTL.of(tcp.ttl)
        | IRDMAQPC_AVOIDSTRETCHACK.of(tcp.avoidStretchAck)
        | IRDMAQPC_TOS.of(marks ? tcp.tos | ECT_0 : tcp.tos)
        | IRDMAQPC_SRCPORTNUM.of(tcp.localPort)
        | IRDMAQPC_DESTPORTNUM.of(tcp.remotePort)
        | (generation.isFirst() ? IRDMAQPC_GEN1_SRCMACADDRIDX.of(tcp.sourceMacIndex) : 0);
  }

  private static long tcpStateBits(TcpContext tcp) {
    return IRDMAQPC_FLOWLABEL.of(tcp.flowLabel)
        | IRDMAQPC_WSCALE.of(tcp.windowScaling)
        | IRDMAQPC_IGNORE_TCP_OPT.of(tcp.ignoreOptions)
        | IRDMAQPC_IGNORE_TCP_UNS_OPT.of(tcp.ignoreUnsupportedOptions)
        | IRDMAQPC_TCPSTATE.of(tcp.tcpState)
        | IRDMAQPC_RCVSCALE.of(tcp.receiveScale)
        | IRDMAQPC_SNDSCALE.of(tcp.sendScale);
  }

  private static void putQueues(MemorySegment memory, long offset, QueueContext queues) {
    Words.put(memory, offset + word(1), queues.sqAddress);
    Words.put(memory, offset + word(2), queues.rqAddress);
    Words.put(
        memory,
        offset + word(17),
        IRDMAQPC_TXCQNUM.of(queues.sendCqId) | IRDMAQPC_RXCQNUM.of(queues.receiveCqId));
    Words.put(memory, offset + word(21), queues.completionContext);
    Words.put(
        memory,
        offset + word(22),
        IRDMAQPC_SQTPHVAL.of(queues.sqTphValue)
            | IRDMAQPC_RQTPHVAL.of(queues.rqTphValue)
            | IRDMAQPC_QSHANDLE.of(queues.queueSetHandle)
            | IRDMAQPC_EXCEPTION_LAN_QUEUE.of(queues.exceptionLanQueue));
  }

  private static void putIwarp(
      Generation generation,
      MemorySegment memory,
      long offset,
      QueueContext queues,
      TcpContext tcp,
      IwarpContext iwarp) {
    Words.put(
        memory,
        offset + word(18),
        (queues.q2Address & IRDMAQPC_Q2ADDR.mask()) | IRDMAQPC_STAT_INDEX.of(queues.statsIndex));
    Words.put(
        memory,
        offset + word(19),
        (!generation.isFirst() ? IRDMAQPC_MACADDRESS.of(iwarp.sourceMac) : 0)
            | IRDMAQPC_LASTBYTESENT.of(iwarp.lastByteSent));
    Words.put(
        memory,
        offset + word(20),
        IRDMAQPC_ORDSIZE.of(iwarp.ord)
            | IRDMAQPC_IRDSIZE.of(IwarpContext.irdCode(iwarp.ird))
            | IRDMAQPC_WRRDRSPOK.of(iwarp.writeReadResponseEnabled)
            | IRDMAQPC_RDOK.of(iwarp.readEnabled)
            | IRDMAQPC_SNDMARKERS.of(iwarp.sendMarkers)
            | IRDMAQPC_BINDEN.of(iwarp.bindEnabled)
            | IRDMAQPC_FASTREGEN.of(iwarp.fastRegisterEnabled)
            | IRDMAQPC_PRIVEN.of(iwarp.privileged)
            | IRDMAQPC_USESTATSINSTANCE.of(queues.statsIndexValid)
            | IRDMAQPC_TIMELYENABLE.of(iwarp.timely)
            | IRDMAQPC_IWARPMODE.mask()
            | IRDMAQPC_RCVMARKERS.of(iwarp.receiveMarkers)
            | IRDMAQPC_ALIGNHDRS.of(iwarp.alignHeaders)
            | IRDMAQPC_RCVNOMPACRC.of(iwarp.noMpaCrcCheck)
            | IRDMAQPC_RCVMARKOFFSET.of(
                iwarp.receiveMarkerOffset == 0 ? tcp.rcvNxt : iwarp.receiveMarkerOffset)
            | IRDMAQPC_SNDMARKOFFSET.of(
                iwarp.sendMarkerOffset == 0 ? tcp.sndNxt : iwarp.sendMarkerOffset));
  }

  private static void putTcp(MemorySegment memory, long offset, TcpContext tcp) {
    address(memory, offset + word(4), tcp.remoteAddress);
    Words.put(
        memory,
        offset + word(6),
        IRDMAQPC_SNDMSS.of(tcp.sendMss)
            | IRDMAQPC_SYN_RST_HANDLING.of(tcp.synRstHandling)
            | IRDMAQPC_VLANTAG.of(tcp.vlanTag)
            | IRDMAQPC_ARPIDX.of(tcp.arpIndex));
    pair(memory, offset + word(9), tcp.timestampRecent, tcp.timestampAge);
    pair(memory, offset + word(10), tcp.sndNxt, tcp.sndWnd);
    pair(memory, offset + word(11), tcp.rcvNxt, tcp.rcvWnd);
    pair(memory, offset + word(12), tcp.sndMax, tcp.sndUna);
    pair(memory, offset + word(13), tcp.srtt, tcp.rttvar);
    pair(memory, offset + word(14), tcp.ssthresh, tcp.cwnd);
    pair(memory, offset + word(15), tcp.sndWl1, tcp.sndWl2);
    address(memory, offset + word(23), tcp.localAddress);
  }

  private static void address(MemorySegment memory, long at, int[] words) {
    pair(memory, at, words[3], words[2]);
    pair(memory, at + Words.BYTES, words[1], words[0]);
  }

  private static void pair(MemorySegment memory, long at, int lower, int upper) {
    Words.put(memory, at, LOWER.of(lower) | UPPER.of(upper));
  }

  /** Changes the next hop's place in a context that was written before, in both fields for it. */
  public static void putArpIndex(MemorySegment memory, long offset, int index) {
    put(memory, offset + word(6), IRDMAQPC_ARPIDX, index);
    put(memory, offset + word(26), IRDMAQPC_REMENDPOINTIDX, index);
  }

  /** Changes the segment size in a context that was written before. */
  public static void putSegmentBytes(MemorySegment memory, long offset, int bytes) {
    put(memory, offset + word(6), IRDMAQPC_SNDMSS, bytes);
  }

  private static void put(MemorySegment memory, long at, BitField field, long value) {
    Words.put(memory, at, (Words.get(memory, at) & ~field.mask()) | field.of(value));
  }

  /**
   * Reads the TCP part back, for a hand-back. That an uploaded context has this layout is an
   * inference: the vendor's driver encodes UPLOAD_CONTEXT and never sends it.
   */
  public static void readTcp(MemorySegment memory, long offset, TcpContext tcp) {
    long q0 = Words.get(memory, offset);
    long q3 = Words.get(memory, offset + word(3));
    long q6 = Words.get(memory, offset + word(6));
    long q7 = Words.get(memory, offset + word(7));
    long q16 = Words.get(memory, offset + word(16));
    tcp.ipv4 = IRDMAQPC_IPV4.isSetIn(q0);
    tcp.noNagle = IRDMAQPC_NONAGLE.isSetIn(q0);
    tcp.insertVlanTag = IRDMAQPC_INSERTVLANTAG.isSetIn(q0);
    tcp.timestamp = IRDMAQPC_TIMESTAMP.isSetIn(q0);
    tcp.ttl = IRDMAQPC_TTL.intIn(q3);
    tcp.tos = IRDMAQPC_TOS.intIn(q3);
    tcp.localPort = IRDMAQPC_SRCPORTNUM.intIn(q3);
    tcp.remotePort = IRDMAQPC_DESTPORTNUM.intIn(q3);
    tcp.sendMss = IRDMAQPC_SNDMSS.intIn(q6);
    tcp.vlanTag = IRDMAQPC_VLANTAG.intIn(q6);
    tcp.arpIndex = IRDMAQPC_ARPIDX.intIn(q6);
    tcp.flowLabel = IRDMAQPC_FLOWLABEL.intIn(q7);
    tcp.windowScaling = IRDMAQPC_WSCALE.isSetIn(q7);
    tcp.tcpState = IRDMAQPC_TCPSTATE.intIn(q7);
    tcp.receiveScale = IRDMAQPC_RCVSCALE.intIn(q7);
    tcp.sendScale = IRDMAQPC_SNDSCALE.intIn(q7);
    tcp.maxSndWnd = IRDMAQPC_MAXSNDWND.intIn(q16);
    readAddress(memory, offset + word(4), tcp.remoteAddress);
    readAddress(memory, offset + word(23), tcp.localAddress);
    long pair = Words.get(memory, offset + word(10));
    tcp.sndNxt = LOWER.intIn(pair);
    tcp.sndWnd = UPPER.intIn(pair);
    pair = Words.get(memory, offset + word(11));
    tcp.rcvNxt = LOWER.intIn(pair);
    tcp.rcvWnd = UPPER.intIn(pair);
    pair = Words.get(memory, offset + word(12));
    tcp.sndMax = LOWER.intIn(pair);
    tcp.sndUna = UPPER.intIn(pair);
    pair = Words.get(memory, offset + word(13));
    tcp.srtt = LOWER.intIn(pair);
    tcp.rttvar = UPPER.intIn(pair);
    pair = Words.get(memory, offset + word(14));
    tcp.ssthresh = LOWER.intIn(pair);
    tcp.cwnd = UPPER.intIn(pair);
    pair = Words.get(memory, offset + word(15));
    tcp.sndWl1 = LOWER.intIn(pair);
    tcp.sndWl2 = UPPER.intIn(pair);
  }

  private static void readAddress(MemorySegment memory, long at, int[] words) {
    long pair = Words.get(memory, at);
    words[3] = LOWER.intIn(pair);
    words[2] = UPPER.intIn(pair);
    pair = Words.get(memory, at + Words.BYTES);
    words[1] = LOWER.intIn(pair);
    words[0] = UPPER.intIn(pair);
  }
}
