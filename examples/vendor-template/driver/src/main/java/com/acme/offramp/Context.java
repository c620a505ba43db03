package com.acme.offramp;

import static dev.offramp.api.descriptor.DescriptorFields.CWND_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.DSCP;
import static dev.offramp.api.descriptor.DescriptorFields.ECN;
import static dev.offramp.api.descriptor.DescriptorFields.FLOW_LABEL;
import static dev.offramp.api.descriptor.DescriptorFields.HOP_LIMIT;
import static dev.offramp.api.descriptor.DescriptorFields.IRD;
import static dev.offramp.api.descriptor.DescriptorFields.IWARP_PHASE;
import static dev.offramp.api.descriptor.DescriptorFields.LOCAL_ADDRESS;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_CRC;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_RECEIVE_MARKERS;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_REVISION;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_ROLE;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_SEND_MARKERS;
import static dev.offramp.api.descriptor.DescriptorFields.NEXT_HOP_MAC;
import static dev.offramp.api.descriptor.DescriptorFields.NO_DELAY;
import static dev.offramp.api.descriptor.DescriptorFields.ORD;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_NXT;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_WND;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_WUP;
import static dev.offramp.api.descriptor.DescriptorFields.RECEIVE_WINDOW_SCALE;
import static dev.offramp.api.descriptor.DescriptorFields.REMOTE_ADDRESS;
import static dev.offramp.api.descriptor.DescriptorFields.RTR;
import static dev.offramp.api.descriptor.DescriptorFields.SACK_PERMITTED;
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
import static dev.offramp.api.descriptor.DescriptorFields.TIMESTAMPS;
import static dev.offramp.api.descriptor.DescriptorFields.UNACKNOWLEDGED;
import static dev.offramp.api.descriptor.DescriptorFields.UNREAD;
import static dev.offramp.api.descriptor.DescriptorFields.UNSENT;
import static dev.offramp.api.descriptor.DescriptorFields.VLAN_TAG;
import static dev.offramp.api.descriptor.DescriptorFields.WINDOW_SCALING;

import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.api.mpa.MpaRole;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The context of a queue pair, from which the adapter goes on with TCP and iWARP: each field of the
 * descriptor in a place of its own, and unsent bytes behind the rings.
 */
final class Context {
  static final int BYTES = 0x200;

  static final int FLAG_IPV6 = 1;
  static final int FLAG_VLAN = 1 << 1;
  static final int FLAG_WINDOW_SCALING = 1 << 2;
  static final int FLAG_SACK = 1 << 3;
  static final int FLAG_ECN = 1 << 4;
  static final int FLAG_NO_DELAY = 1 << 5;
  static final int FLAG_INITIATOR = 1 << 6;

  /** Fields without which there is no context, or which decide whether there can be one. */
  static final List<FieldKey<?>> NEEDED =
      List.of(
          LOCAL_ADDRESS,
          REMOTE_ADDRESS,
          SOURCE_MAC,
          NEXT_HOP_MAC,
          SEND_MSS_BYTES,
          WINDOW_SCALING,
          TIMESTAMPS,
          TCP_STATE,
          SND_UNA,
          SND_NXT,
          SND_MAX,
          SND_WND,
          RCV_NXT,
          RCV_WND,
          UNACKNOWLEDGED,
          UNSENT,
          UNREAD,
          IWARP_PHASE,
          MPA_ROLE,
          MPA_REVISION,
          MPA_CRC,
          MPA_SEND_MARKERS,
          MPA_RECEIVE_MARKERS,
          IRD,
          ORD,
          RTR);

  /** Fields that are used when they are known, and what is used when they are not. */
  static final Map<FieldKey<?>, String> DEFAULTS =
      Map.ofEntries(
          Map.entry(SEND_WINDOW_SCALE, "0"),
          Map.entry(RECEIVE_WINDOW_SCALE, "0"),
          Map.entry(SACK_PERMITTED, "off"),
          Map.entry(ECN, "off"),
          Map.entry(NO_DELAY, "off"),
          Map.entry(VLAN_TAG, "frames without a tag"),
          Map.entry(HOP_LIMIT, "64"),
          Map.entry(DSCP, "0"),
          Map.entry(FLOW_LABEL, "0"),
          Map.entry(SND_WL1, "RCV.NXT"),
          Map.entry(RCV_WUP, "RCV.NXT"),
          Map.entry(CWND_BYTES, "two segments"),
          Map.entry(SSTHRESH_BYTES, "no threshold: 2^63-1"));

  private static final int DEFAULT_HOP_LIMIT = 64;
  private static final int ADDRESS_BYTES = 16;
  private static final int PRIORITY_SHIFT = 13;
  private static final int DROP_ELIGIBLE = 1 << 12;

  private Context() {}

  /** All fields that influence what the adapter does. */
  static Set<FieldKey<?>> consumed() {
    Set<FieldKey<?>> keys = new HashSet<>(NEEDED);
    keys.addAll(DEFAULTS.keySet());
    return keys;
  }

  /** Writes the context of a stopped connection that was admitted. */
  static void write(MemorySegment to, IwarpConnectionDescriptor d) {
    to.set(Words.U32, 0x00, flags(d));
    to.set(Words.U16, 0x04, (short) d.value(LOCAL_ADDRESS).getPort());
    to.set(Words.U16, 0x06, (short) d.value(REMOTE_ADDRESS).getPort());
    address(to, 0x08, 0x28, d.value(LOCAL_ADDRESS).getAddress());
    address(to, 0x18, 0x2C, d.value(REMOTE_ADDRESS).getAddress());
    to.set(Words.U64, 0x30, d.value(SOURCE_MAC).value());
    to.set(Words.U64, 0x38, d.value(NEXT_HOP_MAC).value());
    to.set(Words.U32, 0x40, d.isKnown(VLAN_TAG) ? tag(d.value(VLAN_TAG)) : 0);
    to.set(Words.U32, 0x44, d.get(HOP_LIMIT).orElse(DEFAULT_HOP_LIMIT));
    to.set(Words.U32, 0x48, d.get(DSCP).orElse(0));
    to.set(Words.U32, 0x4C, d.get(FLOW_LABEL).orElse(0));
    to.set(Words.U32, 0x50, d.value(SEND_MSS_BYTES));
    to.set(Words.U32, 0x54, d.get(SEND_WINDOW_SCALE).orElse(0));
    to.set(Words.U32, 0x58, d.get(RECEIVE_WINDOW_SCALE).orElse(0));
    to.set(Words.U32, 0x60, d.value(SND_UNA).intValue());
    to.set(Words.U32, 0x64, d.value(SND_NXT).intValue());
    to.set(Words.U32, 0x68, d.value(SND_MAX).intValue());
    to.set(Words.U32, 0x6C, d.value(SND_WND).intValue());
    to.set(Words.U32, 0x70, d.get(SND_WL1).orElse(d.value(RCV_NXT)).intValue());
    to.set(Words.U32, 0x74, d.value(RCV_NXT).intValue());
    to.set(Words.U32, 0x78, d.value(RCV_WND).intValue());
    to.set(Words.U32, 0x7C, d.get(RCV_WUP).orElse(d.value(RCV_NXT)).intValue());
    to.set(Words.U64, 0x80, d.get(CWND_BYTES).orElse(2L * d.value(SEND_MSS_BYTES)));
    to.set(Words.U64, 0x88, d.get(SSTHRESH_BYTES).orElse(Long.MAX_VALUE));
    to.set(Words.U32, 0x90, d.value(UNSENT).length());
    to.set(Words.U32, 0xA0, d.value(MPA_REVISION));
    to.set(Words.U32, 0xA4, d.value(RTR).ordinal());
    to.set(Words.U32, 0xA8, d.value(IRD));
    to.set(Words.U32, 0xAC, d.value(ORD));
  }

  private static int flags(IwarpConnectionDescriptor d) {
    return flag(FLAG_IPV6, d.value(LOCAL_ADDRESS).getAddress() instanceof Inet6Address)
        | flag(FLAG_VLAN, d.isKnown(VLAN_TAG))
        | flag(FLAG_WINDOW_SCALING, d.value(WINDOW_SCALING))
        | flag(FLAG_SACK, d.get(SACK_PERMITTED).orElse(false))
        | flag(FLAG_ECN, d.get(ECN).orElse(false))
        | flag(FLAG_NO_DELAY, d.get(NO_DELAY).orElse(false))
        | flag(FLAG_INITIATOR, d.value(MPA_ROLE) == MpaRole.INITIATOR);
  }

  private static int flag(int bit, boolean set) {
    return set ? bit : 0;
  }

  /** Octets in the order of the packet; the scope of a link-local address is half of it. */
  private static void address(MemorySegment to, long at, long scopeAt, InetAddress address) {
    byte[] octets = address.getAddress();
    MemorySegment.copy(MemorySegment.ofArray(octets), 0, to, at, octets.length);
    if (octets.length == ADDRESS_BYTES) {
      to.set(Words.U32, scopeAt, ((Inet6Address) address).getScopeId());
    }
  }

  private static int tag(VlanTag tag) {
    return tag.id() | tag.priority() << PRIORITY_SHIFT | flag(DROP_ELIGIBLE, tag.dropEligible());
  }
}
