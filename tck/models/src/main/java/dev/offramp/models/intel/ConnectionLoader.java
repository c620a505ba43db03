package dev.offramp.models.intel;

import static dev.offramp.models.intel.ContextFields.*;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.InvalidDescriptorException;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.TcpState;
import dev.offramp.api.descriptor.VlanTag;
import java.net.Inet4Address;
import org.jspecify.annotations.Nullable;

/**
 * Loads a connection: turns the 256 bytes into what TCP and IP need, and refuses what makes no
 * connection. irdma does not tell which checks the device does. Each one here is a <b>model
 * decision</b> with its reason beside it; the rest of a wrong context breaks the connection on the
 * wire.
 *
 * <p>Not used, for it changes nothing on the wire of a modelled link, or its unit is not public:
 * processing hints (TPH), push page, queue-set handle, exception queue, statistics index, SRTT,
 * RTTVAR, RTOMIN, last byte sent, DCTCP and Timely parameters, handling of SYN, duplicate and
 * out-of-order segments, and of unknown options, header alignment, bind and fast-register rights,
 * error index of the receive queue.
 */
final class ConnectionLoader {
  /** IRDMA_TCP_STATE_ESTABLISHED. */
  static final int STATE_ESTABLISHED = 5;

  static final int STATE_CLOSED = 1;
  static final int STATE_CLOSE_WAIT = 6;
  static final int STATE_FIN_WAIT_1 = 7;

  private static final long UINT32 = 0xFFFF_FFFFL;
  private static final int MAX_SCALE = 14;
  private static final long MAX_WINDOW = 65_535;

  /** A window's sequence numbers are at most this far apart (RFC 7323, section 2.2). */
  private static final long MAX_DISTANCE = 1L << 30;

  /** RFC 5044, section 4.1: with less, no FPDU with a sensible payload fits a segment. */
  static final int LEAST_MSS_BYTES = 128;

  private static final int VLAN_ID_MASK = 0xFFF;
  private static final int DDP_VERSION = 1;
  private static final int RDMAP_VERSION = 1;

  private final IntelChip chip;
  private final LocalTables tables;

  ConnectionLoader(IntelChip chip, LocalTables tables) {
    this.chip = chip;
    this.tables = tables;
  }

  /**
   * What the context says to TCP.
   *
   * @throws CommandException when it makes no connection
   */
  IwarpConnectionDescriptor load(ConnectionContext c) throws CommandException {
    checkIwarp(c);
    checkAddresses(c);
    checkSequences(c);
    checkWindows(c);
    try {
      IwarpConnectionDescriptor.Builder b = IwarpConnectionDescriptor.builder();
      putPath(b, c);
      putOptions(b, c);
      putState(b, c);
      return b.build();
    } catch (InvalidDescriptorException e) {
      throw new CommandException(CommandCodes.MINOR_BAD_CONTEXT, "context: " + e.getMessage());
    }
  }

  private void checkIwarp(ConnectionContext c) throws CommandException {
    // Other modes are other protocols' contexts with the same bits.
    require(c.isSet(IWARPMODE), "iWARP mode bit", c.get(IWARPMODE), "1");
    // The only versions there are (RFC 5041, section 4.2; RFC 5040, section 4.1).
    require(c.get(DDP_VER) == DDP_VERSION, "DDP version", c.get(DDP_VER), "1");
    require(c.get(RDMAP_VER) == RDMAP_VERSION, "RDMAP version", c.get(RDMAP_VER), "1");
    // Connections whose peer may not write or read at all are not modelled.
    require(c.isSet(WRRDRSPOK), "write and read-response bit", 0, "1");
    require(c.isSet(RDOK), "read bit", 0, "1");
    require(c.get(ORDSIZE) <= chip.maxOrd(), "ORD", c.get(ORDSIZE), "at most " + chip.maxOrd());
    require(c.ird() != null, "IRD code", c.get(IRDSIZE), "0..4");
    require(
        c.domain() >>> chip.domainBits() == 0,
        "protection domain",
        c.domain(),
        chip.domainBits() + " bits");
  }

  private void checkAddresses(ConnectionContext c) throws CommandException {
    require(c.get(SRCPORTNUM) != 0, "source port", 0, "a port");
    require(c.get(DESTPORTNUM) != 0, "destination port", 0, "a port");
    if (c.isSet(IPV4)) {
      // irdma leaves them zero, and an IPv4 address has no other words.
      requireZero(c, LOCAL_IPADDR0, LOCAL_IPADDR1, LOCAL_IPADDR2);
      requireZero(c, DESTIPADDR0, DESTIPADDR1, DESTIPADDR2);
    }
    require(!c.local().getAddress().isAnyLocalAddress(), "local address", 0, "an address");
    require(!c.remote().getAddress().isAnyLocalAddress(), "remote address", 0, "an address");
    // Segments to other ports go to the LAN driver and never to the protocol engine.
    require(
        tables.isAccelerated(c.getInt(SRCPORTNUM)),
        "source port",
        c.get(SRCPORTNUM),
        "a port of MANAGE_APBVT");
    require(c.get(TTL) != 0, "TTL", 0, "at least 1");
    require(c.get(SNDMSS) >= LEAST_MSS_BYTES, "MSS", c.get(SNDMSS), "at least " + LEAST_MSS_BYTES);
    require(
        tables.arp(c.getInt(ARPIDX)) != null, "ARP index", c.get(ARPIDX), "an entry of MANAGE_ARP");
    // irdma always writes both.
    require(
        c.get(REMENDPOINTIDX) == c.get(ARPIDX),
        "remote endpoint index",
        c.get(REMENDPOINTIDX),
        "the ARP index " + c.get(ARPIDX));
  }

  private static void requireZero(ConnectionContext c, Field... words) throws CommandException {
    for (Field word : words) {
      require(c.get(word) == 0, "IPv4 address, " + source(word), c.get(word), "0");
    }
  }

  private void checkSequences(ConnectionContext c) throws CommandException {
    require(c.get(TCPSTATE) == STATE_ESTABLISHED, "TCP state", c.get(TCPSTATE), "5 (established)");
    // The device has no copy of bytes that others have sent, so it could not send them again.
    require(
        c.get(SNDUNA) == c.get(SNDNXT) && c.get(SNDMAX) == c.get(SNDNXT),
        "snd_una, snd_nxt, snd_max",
        "%d, %d, %d".formatted(c.get(SNDUNA), c.get(SNDNXT), c.get(SNDMAX)),
        "all the same");
    // RFC 9293, section 3.10.7.4: both are of a segment that has come, and acceptable.
    require(
        distance(c.get(SNDWL1), c.get(RCVNXT)) <= MAX_DISTANCE,
        "snd_wl1",
        c.get(SNDWL1),
        "at or a little before rcv_nxt " + c.get(RCVNXT));
    require(
        distance(c.get(SNDWL2), c.get(SNDUNA)) <= MAX_DISTANCE,
        "snd_wl2",
        c.get(SNDWL2),
        "at or a little before snd_una " + c.get(SNDUNA));
    // No retransmission at all would end the connection with the first lost segment.
    require(c.get(REXMIT_THRESH) != 0, "retransmission threshold", 0, "at least 1");
  }

  private void checkWindows(ConnectionContext c) throws CommandException {
    boolean scaling = c.isSet(WSCALE);
    require(
        c.get(SNDSCALE) <= (scaling ? MAX_SCALE : 0),
        "send window scale",
        c.get(SNDSCALE),
        scaling ? "0..14" : "0 without window scaling");
    require(
        c.get(RCVSCALE) <= (scaling ? MAX_SCALE : 0),
        "receive window scale",
        c.get(RCVSCALE),
        scaling ? "0..14" : "0 without window scaling");
    // What 16 bits and the scale cannot say, no segment can have said.
    require(
        c.get(SNDWND) <= MAX_WINDOW << c.get(SNDSCALE),
        "snd_wnd",
        c.get(SNDWND),
        "at most 65535 << " + c.get(SNDSCALE));
    require(
        c.get(RCVWND) <= MAX_WINDOW << c.get(RCVSCALE),
        "rcv_wnd",
        c.get(RCVWND),
        "at most 65535 << " + c.get(RCVSCALE));
    require(
        c.get(MAXSNDWND) >= c.get(SNDWND) && c.get(MAXSNDWND) <= MAX_WINDOW << c.get(SNDSCALE),
        "max_snd_window",
        c.get(MAXSNDWND),
        "at least snd_wnd %d, at most 65535 << %d".formatted(c.get(SNDWND), c.get(SNDSCALE)));
    // With no congestion window nothing is ever sent.
    require(c.get(CWND) != 0, "cwnd", 0, "at least one segment");
    require(c.get(SSTHRESH) != 0, "ssthresh", 0, "at least two segments (RFC 5681)");
  }

  private void putPath(IwarpConnectionDescriptor.Builder b, ConnectionContext c)
      throws CommandException {
    b.present(DescriptorFields.LOCAL_ADDRESS, c.local(), source(SRCPORTNUM));
    b.present(DescriptorFields.REMOTE_ADDRESS, c.remote(), source(DESTPORTNUM));
    b.present(DescriptorFields.V4_MAPPED_SOCKET, false, "a device has no sockets");
    boolean v4 = c.local().getAddress() instanceof Inet4Address;
    if (v4 != c.remote().getAddress() instanceof Inet4Address) {
      throw refusal("addresses", c.local() + " and " + c.remote(), "one family");
    }
    if (!v4) {
      b.present(DescriptorFields.FLOW_LABEL, c.getInt(FLOWLABEL), source(FLOWLABEL));
    }
    b.present(DescriptorFields.SOURCE_MAC, sourceMac(c), source(MACADDRESS));
    MacAddress nextHop = tables.arp(c.getInt(ARPIDX));
    if (nextHop != null) {
      b.present(DescriptorFields.NEXT_HOP_MAC, nextHop, source(ARPIDX));
    }
    VlanTag vlan = vlan(c);
    if (vlan == null) {
      b.absent(DescriptorFields.VLAN_TAG, "untagged");
    } else {
      b.present(DescriptorFields.VLAN_TAG, vlan, source(VLANTAG));
    }
    b.present(DescriptorFields.HOP_LIMIT, c.getInt(TTL), source(TTL));
    b.present(DescriptorFields.DSCP, c.getInt(TOS) >> 2, source(TOS));
    b.present(DescriptorFields.ECN_CODEPOINT, c.getInt(TOS) & 3, source(TOS));
  }

  private MacAddress sourceMac(ConnectionContext c) throws CommandException {
    if (chip.isSecondGeneration()) {
      return LocalTables.station(c.get(MACADDRESS), "source MAC of the context");
    }
    int index = c.getInt(GEN1_SRCMACADDRIDX);
    MacAddress mac = tables.mac(index);
    if (mac == null) {
      throw refusal("source MAC index", index, "an entry of MANAGE_LOC_MAC_TABLE");
    }
    return mac;
  }

  /** Null when untagged. Tags with a priority only are not modelled. */
  private static @Nullable VlanTag vlan(ConnectionContext c) throws CommandException {
    if (!c.isSet(INSERTVLANTAG)) {
      return null;
    }
    int tag = c.getInt(VLANTAG);
    int id = tag & VLAN_ID_MASK;
    if (id == 0 || id == VLAN_ID_MASK) {
      throw refusal("VLAN id", id, "1..4094");
    }
    return new VlanTag(id, tag >> 13, (tag & 0x1000) != 0);
  }

  private static void putOptions(IwarpConnectionDescriptor.Builder b, ConnectionContext c) {
    b.present(DescriptorFields.SEND_MSS_BYTES, c.getInt(SNDMSS), source(SNDMSS));
    b.present(DescriptorFields.WINDOW_SCALING, c.isSet(WSCALE), source(WSCALE));
    b.present(DescriptorFields.SEND_WINDOW_SCALE, c.getInt(SNDSCALE), source(SNDSCALE));
    b.present(DescriptorFields.RECEIVE_WINDOW_SCALE, c.getInt(RCVSCALE), source(RCVSCALE));
    b.present(DescriptorFields.SACK_PERMITTED, false, "the context has no bit for it");
    b.present(DescriptorFields.TIMESTAMPS, c.isSet(TIMESTAMP), source(TIMESTAMP));
    if (c.isSet(TIMESTAMP)) {
      b.present(DescriptorFields.TS_RECENT, c.get(TIMESTAMP_RECENT), source(TIMESTAMP_RECENT));
    }
    b.present(DescriptorFields.ECN, c.isSet(ECN_EN), source(ECN_EN));
    b.present(DescriptorFields.NO_DELAY, c.isSet(NONAGLE), source(NONAGLE));
    b.present(DescriptorFields.KEEP_ALIVE, c.isSet(KEEPALIVE), source(KEEPALIVE));
  }

  private static void putState(IwarpConnectionDescriptor.Builder b, ConnectionContext c) {
    b.present(DescriptorFields.TCP_STATE, TcpState.ESTABLISHED, source(TCPSTATE));
    b.present(DescriptorFields.SND_UNA, c.get(SNDUNA), source(SNDUNA));
    b.present(DescriptorFields.SND_NXT, c.get(SNDNXT), source(SNDNXT));
    b.present(DescriptorFields.SND_MAX, c.get(SNDMAX), source(SNDMAX));
    b.present(DescriptorFields.SND_WND, c.get(SNDWND), source(SNDWND));
    b.present(DescriptorFields.SND_WL1, c.get(SNDWL1), source(SNDWL1));
    b.present(DescriptorFields.MAX_SND_WND, c.get(MAXSNDWND), source(MAXSNDWND));
    b.present(DescriptorFields.RCV_NXT, c.get(RCVNXT), source(RCVNXT));
    b.present(DescriptorFields.RCV_WND, c.get(RCVWND), source(RCVWND));
    b.derived(DescriptorFields.RCV_WUP, c.get(RCVNXT), source(RCVNXT));
    b.present(DescriptorFields.CWND_BYTES, c.get(CWND), source(CWND));
    b.present(DescriptorFields.SSTHRESH_BYTES, c.get(SSTHRESH), source(SSTHRESH));
    b.absent(DescriptorFields.SRTT_MICROS, "its unit in the context is not public");
    b.absent(DescriptorFields.RTTVAR_MICROS, "its unit in the context is not public");
    b.present(DescriptorFields.UNACKNOWLEDGED, Octets.empty(), "a context has no bytes");
    b.present(DescriptorFields.UNSENT, Octets.empty(), "a context has no bytes");
    b.present(DescriptorFields.UNREAD, Octets.empty(), "a context has no bytes");
  }

  private static long distance(long from, long to) {
    return (to - from) & UINT32;
  }

  private static String source(Field field) {
    return "context q%d %d:%d".formatted(field.word(), field.high(), field.low());
  }

  private static void require(boolean holds, String what, Object seen, String expected)
      throws CommandException {
    if (!holds) {
      throw refusal(what, seen, expected);
    }
  }

  private static CommandException refusal(String what, Object seen, String expected) {
    return new CommandException(
        CommandCodes.MINOR_BAD_CONTEXT,
        "context: %s [%s], expected %s".formatted(what, seen, expected));
  }
}
