package dev.offramp.provider.intel;

import static dev.offramp.api.descriptor.DescriptorFields.CWND_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.DSCP;
import static dev.offramp.api.descriptor.DescriptorFields.ECN;
import static dev.offramp.api.descriptor.DescriptorFields.ECN_CODEPOINT;
import static dev.offramp.api.descriptor.DescriptorFields.FLOW_LABEL;
import static dev.offramp.api.descriptor.DescriptorFields.HOP_LIMIT;
import static dev.offramp.api.descriptor.DescriptorFields.IRD;
import static dev.offramp.api.descriptor.DescriptorFields.LOCAL_ADDRESS;
import static dev.offramp.api.descriptor.DescriptorFields.MAX_SND_WND;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_CRC;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_RECEIVE_MARKERS;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_RECEIVE_START;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_REVISION;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_ROLE;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_SEND_MARKERS;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_SEND_START;
import static dev.offramp.api.descriptor.DescriptorFields.NEXT_HOP_MAC;
import static dev.offramp.api.descriptor.DescriptorFields.NO_DELAY;
import static dev.offramp.api.descriptor.DescriptorFields.ORD;
import static dev.offramp.api.descriptor.DescriptorFields.PATH_MTU_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_NXT;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_WND;
import static dev.offramp.api.descriptor.DescriptorFields.RECEIVE_WINDOW_SCALE;
import static dev.offramp.api.descriptor.DescriptorFields.REMOTE_ADDRESS;
import static dev.offramp.api.descriptor.DescriptorFields.RTR;
import static dev.offramp.api.descriptor.DescriptorFields.SEND_MSS_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.SEND_WINDOW_SCALE;
import static dev.offramp.api.descriptor.DescriptorFields.SND_MAX;
import static dev.offramp.api.descriptor.DescriptorFields.SND_NXT;
import static dev.offramp.api.descriptor.DescriptorFields.SND_UNA;
import static dev.offramp.api.descriptor.DescriptorFields.SND_WL1;
import static dev.offramp.api.descriptor.DescriptorFields.SND_WND;
import static dev.offramp.api.descriptor.DescriptorFields.SOURCE_MAC;
import static dev.offramp.api.descriptor.DescriptorFields.SSTHRESH_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.TCP_STATE;
import static dev.offramp.api.descriptor.DescriptorFields.UNSENT;
import static dev.offramp.api.descriptor.DescriptorFields.VLAN_TAG;
import static dev.offramp.api.descriptor.DescriptorFields.WINDOW_SCALING;

import dev.offramp.api.descriptor.Field;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.checker.qual.FromIpStack;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.IwarpContext;
import dev.offramp.provider.intel.layout.TcpContext;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns a descriptor into the parts of a QP context. It begins with what the vendor's code fills in
 * for a connection that it knows little about, and puts in what the descriptor knows better.
 *
 * <p>SRTT and RTTVAR stay the vendor's 0 and 6: their unit is not public. TCP measures anew.
 */
final class ContextBuilder {
  /** Fields without which there is no context. */
  static final List<FieldKey<?>> NEEDED =
      List.of(
          LOCAL_ADDRESS,
          REMOTE_ADDRESS,
          SEND_MSS_BYTES,
          SOURCE_MAC,
          NEXT_HOP_MAC,
          TCP_STATE,
          SND_UNA,
          SND_NXT,
          SND_MAX,
          SND_WND,
          RCV_NXT,
          RCV_WND,
          UNSENT,
          MPA_ROLE,
          MPA_REVISION,
          MPA_CRC,
          MPA_SEND_MARKERS,
          MPA_RECEIVE_MARKERS,
          MPA_SEND_START,
          MPA_RECEIVE_START,
          IRD,
          ORD,
          RTR);

  /** Fields that are used when they are known, and what is used when they are not. */
  static final Map<FieldKey<?>, String> DEFAULTS =
      Map.ofEntries(
          Map.entry(WINDOW_SCALING, "on when either scale is not 0"),
          Map.entry(SEND_WINDOW_SCALE, "0"),
          Map.entry(RECEIVE_WINDOW_SCALE, "0"),
          Map.entry(ECN, "off"),
          Map.entry(VLAN_TAG, "frames without a tag"),
          Map.entry(PATH_MTU_BYTES, "segments of the given size"),
          Map.entry(HOP_LIMIT, "64"),
          Map.entry(DSCP, "0"),
          Map.entry(ECN_CODEPOINT, "0"),
          Map.entry(FLOW_LABEL, "0"),
          Map.entry(SND_WL1, "RCV.NXT"),
          Map.entry(MAX_SND_WND, "SND.WND"),
          Map.entry(CWND_BYTES, "two segments"),
          Map.entry(SSTHRESH_BYTES, "0x3fffffff"),
          Map.entry(NO_DELAY, "off"));

  private static final int DSCP_SHIFT = 2;
  private static final int DROP_ELIGIBLE = 1 << 12;
  private static final long MAX_UNSIGNED = 0xFFFF_FFFFL;

  /** Of irdma's verbs.c; the unit is not public. */
  private static final int VENDOR_RTO_MIN = 5;

  private ContextBuilder() {}

  /** All fields that influence what the device does. */
  static Set<FieldKey<?>> consumed() {
    Set<FieldKey<?>> keys = new HashSet<>(NEEDED);
    keys.addAll(DEFAULTS.keySet());
    return keys;
  }

  /**
   * The TCP part.
   *
   * @param arpIndex the next hop's place
   * @param ownMacIndex the own MAC address' place, for X722
   */
  static TcpContext tcp(IwarpConnectionDescriptor d, int arpIndex, int ownMacIndex) {
    TcpContext tcp = new TcpContext();
    InetAddress local = d.value(LOCAL_ADDRESS).getAddress();
    tcp.ipv4 = local instanceof Inet4Address;
    words(local, tcp.localAddress);
    words(d.value(REMOTE_ADDRESS).getAddress(), tcp.remoteAddress);
    tcp.localPort = d.value(LOCAL_ADDRESS).getPort();
    tcp.remotePort = d.value(REMOTE_ADDRESS).getPort();
    tcp.sendMss = Route.segmentBytes(d);
    tcp.sendScale = d.get(SEND_WINDOW_SCALE).orElse(0);
    tcp.receiveScale = d.get(RECEIVE_WINDOW_SCALE).orElse(0);
    tcp.sndWnd = d.value(SND_WND).intValue();
    tcp.maxSndWnd = d.get(MAX_SND_WND).orElse(d.value(SND_WND)).intValue();
    tcp.rcvWnd = d.value(RCV_WND).intValue();
    tcp.arpIndex = arpIndex;
    tcp.sourceMacIndex = ownMacIndex;
    // The vendor's iw_ooo is off by default: what comes out of order is dropped, and sent again.
    tcp.dropOutOfOrder = true;
    tcp.establish(d.value(SND_NXT).intValue(), d.value(RCV_NXT).intValue());
    tcp.windowScaling = d.get(WINDOW_SCALING).orElse(tcp.sendScale != 0 || tcp.receiveScale != 0);
    tcp.sndUna = d.value(SND_UNA).intValue();
    tcp.sndMax = d.value(SND_MAX).intValue();
    tcp.sndWl1 = windowSequence(d);
    tcp.cwnd = unsigned(d.get(CWND_BYTES), tcp.cwnd);
    tcp.ssthresh = unsigned(d.get(SSTHRESH_BYTES), tcp.ssthresh);
    tcp.noNagle = d.get(NO_DELAY).orElse(false);
    tcp.ttl = d.get(HOP_LIMIT).orElse(TcpContext.DEFAULT_TTL);
    tcp.tos = d.get(DSCP).orElse(0) << DSCP_SHIFT | d.get(ECN_CODEPOINT).orElse(0);
    tcp.flowLabel = d.get(FLOW_LABEL).orElse(0);
    if (d.isKnown(VLAN_TAG)) {
      VlanTag tag = d.value(VLAN_TAG);
      tcp.vlan(tag.priority(), tag.id() | (tag.dropEligible() ? DROP_ELIGIBLE : 0));
    }
    return tcp;
  }

  /**
   * SND.WL1 is of a segment that was acceptable, and may have had octets that nobody has taken:
   * behind RCV.NXT, where the device begins, there is none.
   */
  private static int windowSequence(IwarpConnectionDescriptor d) {
    int next = d.value(RCV_NXT).intValue();
    int last = d.get(SND_WL1).orElse(d.value(RCV_NXT)).intValue();
    return last - next > 0 ? next : last;
  }

  /** Windows of congestion control have 63 bits in the descriptor, and 32 in the context. */
  private static int unsigned(Field<@FromIpStack Long> field, int byDefault) {
    return field.isKnown() ? (int) Math.min(field.value(), MAX_UNSIGNED) : byDefault;
  }

  /** The iWARP part. */
  static IwarpContext iwarp(Generation generation, IwarpConnectionDescriptor d, int pdId) {
    IwarpContext iwarp = queueOnly(generation, pdId);
    iwarp.establish(
        d.value(SND_NXT).intValue(),
        d.value(UNSENT).length(),
        d.value(MPA_SEND_MARKERS),
        d.value(MPA_RECEIVE_MARKERS));
    iwarp.sendMarkerOffset = IwarpContext.markerOffset(d.value(MPA_SEND_START).intValue());
    iwarp.receiveMarkerOffset = IwarpContext.markerOffset(d.value(MPA_RECEIVE_START).intValue());
    iwarp.ird = Math.min(d.value(IRD), generation.limits().ird());
    iwarp.ord = Math.min(d.value(ORD), generation.limits().ord());
    // Inference: the vendor's driver never switches the check off.
    iwarp.noMpaCrcCheck = !d.value(MPA_CRC);
    iwarp.ecn = d.get(ECN).orElse(false);
    iwarp.sourceMac = d.value(SOURCE_MAC).value();
    return iwarp;
  }

  /**
   * What the vendor's code fills in when a QP is created, before there is a connection; but no
   * rights that this driver does not use (windows, fast registration, STag 0).
   */
  static IwarpContext queueOnly(Generation generation, int pdId) {
    IwarpContext iwarp = new IwarpContext();
    iwarp.ddpVersion = 1;
    iwarp.rdmapVersion = 1;
    iwarp.pdId = pdId;
    iwarp.readEnabled = true;
    iwarp.writeReadResponseEnabled = true;
    iwarp.ibrdEnabled = !generation.isFirst();
    iwarp.rtoMin = VENDOR_RTO_MIN;
    return iwarp;
  }

  /** An address as the context has it: IPv4 in the last word, and nothing before. */
  static void words(InetAddress address, int[] words) {
    byte[] octets = address.getAddress();
    int first = words.length - octets.length / Integer.BYTES;
    for (int i = 0; i < octets.length; i++) {
      int word = first + i / Integer.BYTES;
      words[word] = words[word] << Byte.SIZE | Byte.toUnsignedInt(octets[i]);
    }
  }
}
