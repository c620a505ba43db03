package dev.offramp.models.intel;

import static dev.offramp.models.intel.Field.bit;
import static dev.offramp.models.intel.Field.word;

/**
 * The 256 bytes that describe a connection to the device, names as in irdma's {@code IRDMAQPC_*}.
 * Addresses are host-order words of the network-order address; IPv4 is word 3 alone.
 */
final class ContextFields {
  static final int BYTES = 256;
  static final int WORDS = BYTES / Long.BYTES;

  // word 0
  static final Field DDP_VER = new Field(0, 0, 1);
  static final Field IBRDENABLE = bit(0, 2);
  static final Field IPV4 = bit(0, 3);
  static final Field NONAGLE = bit(0, 4);
  static final Field INSERTVLANTAG = bit(0, 5);
  static final Field TIMESTAMP = bit(0, 7);
  static final Field RQWQESIZE = new Field(0, 8, 9);
  static final Field LIMIT = new Field(0, 12, 13);
  static final Field ECN_EN = bit(0, 14);
  static final Field DROPOOOSEG = bit(0, 15);
  static final Field DUPACK_THRESH = new Field(0, 16, 18);
  static final Field ERR_RQ_IDX_VALID = bit(0, 19);
  static final Field PDIDXHI = new Field(0, 20, 21);
  static final Field DC_TCP_EN = bit(0, 25);
  static final Field RCVTPHEN = bit(0, 28);
  static final Field XMITTPHEN = bit(0, 29);
  static final Field RQTPHEN = bit(0, 30);
  static final Field SQTPHEN = bit(0, 31);
  static final Field PPIDX = new Field(0, 32, 41);
  static final Field PMENA = bit(0, 47);
  static final Field RDMAP_VER = new Field(0, 62, 63);

  static final Field SQADDR = word(1);
  static final Field RQADDR = word(2);

  // word 3
  static final Field TTL = new Field(3, 0, 7);
  static final Field RQSIZE = new Field(3, 8, 11);
  static final Field SQSIZE = new Field(3, 12, 15);
  static final Field GEN1_SRCMACADDRIDX = new Field(3, 16, 21);
  static final Field AVOIDSTRETCHACK = bit(3, 23);
  static final Field TOS = new Field(3, 24, 31);
  static final Field SRCPORTNUM = new Field(3, 32, 47);
  static final Field DESTPORTNUM = new Field(3, 48, 63);

  static final Field DESTIPADDR2 = new Field(4, 32, 63);
  static final Field DESTIPADDR3 = new Field(4, 0, 31);
  static final Field DESTIPADDR0 = new Field(5, 32, 63);
  static final Field DESTIPADDR1 = new Field(5, 0, 31);

  // word 6
  static final Field SNDMSS = new Field(6, 16, 29);
  static final Field SYN_RST_HANDLING = new Field(6, 30, 31);
  static final Field VLANTAG = new Field(6, 32, 47);
  static final Field ARPIDX = new Field(6, 48, 63);

  // word 7
  static final Field FLOWLABEL = new Field(7, 0, 19);
  static final Field WSCALE = bit(7, 20);
  static final Field KEEPALIVE = bit(7, 21);
  static final Field IGNORE_TCP_OPT = bit(7, 22);
  static final Field IGNORE_TCP_UNS_OPT = bit(7, 23);
  static final Field TCPSTATE = new Field(7, 28, 31);
  static final Field RCVSCALE = new Field(7, 32, 35);
  static final Field SNDSCALE = new Field(7, 40, 43);
  static final Field PDIDX = new Field(7, 48, 63);

  /** The header gives the bits and no word; word 8 is the only gap, and irdma leaves it alone. */
  static final Field KEEPALIVE_INTERVAL = new Field(8, 24, 31);

  static final Field KALIVE_TIMER_MAX_PROBES = new Field(8, 16, 23);

  static final Field TIMESTAMP_RECENT = new Field(9, 0, 31);
  static final Field TIMESTAMP_AGE = new Field(9, 32, 63);
  static final Field SNDNXT = new Field(10, 0, 31);
  static final Field SNDWND = new Field(10, 32, 63);
  static final Field RCVNXT = new Field(11, 0, 31);
  static final Field RCVWND = new Field(11, 32, 63);
  static final Field SNDMAX = new Field(12, 0, 31);
  static final Field SNDUNA = new Field(12, 32, 63);
  static final Field SRTT = new Field(13, 0, 31);
  static final Field RTTVAR = new Field(13, 32, 63);
  static final Field SSTHRESH = new Field(14, 0, 31);
  static final Field CWND = new Field(14, 32, 63);
  static final Field SNDWL1 = new Field(15, 0, 31);
  static final Field SNDWL2 = new Field(15, 32, 63);

  // word 16
  static final Field MAXSNDWND = new Field(16, 0, 31);
  static final Field ERR_RQ_IDX = new Field(16, 32, 45);
  static final Field REXMIT_THRESH = new Field(16, 48, 53);
  static final Field RTOMIN = new Field(16, 57, 63);

  static final Field TXCQNUM = new Field(17, 0, 18);
  static final Field RXCQNUM = new Field(17, 32, 50);

  /** The address in units of 256 bytes. */
  static final Field Q2ADDR = new Field(18, 8, 63);

  static final Field STAT_INDEX = new Field(18, 0, 6);
  static final Field LASTBYTESENT = new Field(19, 0, 7);
  static final Field MACADDRESS = new Field(19, 16, 63);

  // word 20
  static final Field ORDSIZE = new Field(20, 0, 7);
  static final Field IRDSIZE = new Field(20, 16, 18);
  static final Field WRRDRSPOK = bit(20, 20);
  static final Field RDOK = bit(20, 21);
  static final Field SNDMARKERS = bit(20, 22);
  static final Field BINDEN = bit(20, 23);
  static final Field FASTREGEN = bit(20, 24);
  static final Field PRIVEN = bit(20, 25);
  static final Field USESTATSINSTANCE = bit(20, 26);
  static final Field TIMELYENABLE = bit(20, 27);
  static final Field IWARPMODE = bit(20, 28);
  static final Field RCVMARKERS = bit(20, 29);
  static final Field ALIGNHDRS = bit(20, 30);
  static final Field RCVNOMPACRC = bit(20, 31);
  static final Field RCVMARKOFFSET = new Field(20, 32, 40);
  static final Field SNDMARKOFFSET = new Field(20, 48, 56);

  static final Field QPCOMPCTX = word(21);

  static final Field SQTPHVAL = new Field(22, 0, 7);
  static final Field RQTPHVAL = new Field(22, 8, 15);
  static final Field QSHANDLE = new Field(22, 16, 25);
  static final Field EXCEPTION_LAN_QUEUE = new Field(22, 32, 43);

  static final Field LOCAL_IPADDR2 = new Field(23, 32, 63);
  static final Field LOCAL_IPADDR3 = new Field(23, 0, 31);
  static final Field LOCAL_IPADDR0 = new Field(24, 32, 63);
  static final Field LOCAL_IPADDR1 = new Field(24, 0, 31);

  static final Field TLOW = new Field(25, 32, 39);
  static final Field THIGH = new Field(25, 52, 63);
  static final Field REMENDPOINTIDX = new Field(26, 0, 16);

  private ContextFields() {}
}
