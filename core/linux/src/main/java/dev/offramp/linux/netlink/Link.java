package dev.offramp.linux.netlink;

import dev.offramp.api.descriptor.MacAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An interface (include/uapi/linux/rtnetlink.h, if_link.h).
 *
 * <pre>
 * struct ifinfomsg: u8 family, u8 pad, u16 type, s32 index, u32 flags, u32 change
 * </pre>
 *
 * @param index its number, which does not change while it exists
 * @param name IFLA_IFNAME
 * @param flags IFF_*
 * @param mac IFLA_ADDRESS; empty when the link layer is not Ethernet
 * @param mtuBytes IFLA_MTU
 * @param kind IFLA_INFO_KIND: {@code vlan}, {@code veth}, ...; empty for hardware
 * @param lowerIndex IFLA_LINK: the interface below, in the same namespace
 * @param vlan what a VLAN interface puts into frames
 */
public record Link(
    int index,
    String name,
    int flags,
    Optional<MacAddress> mac,
    int mtuBytes,
    Optional<String> kind,
    OptionalInt lowerIndex,
    Optional<Vlan> vlan) {
  static final int RTM_NEWLINK = 16;

  private static final int IFF_LOOPBACK = 0x8;
  private static final int IFF_NOARP = 0x80;
  private static final int ARPHRD_ETHER = 1;

  private static final int IFINFOMSG_BYTES = 16;
  private static final int IFLA_ADDRESS = 1;
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_MTU = 4;
  private static final int IFLA_LINK = 5;
  private static final int IFLA_LINKINFO = 18;
  private static final int IFLA_LINK_NETNSID = 37;
  private static final int IFLA_INFO_KIND = 1;
  private static final int IFLA_INFO_DATA = 2;
  private static final int IFLA_VLAN_ID = 1;
  private static final int IFLA_VLAN_EGRESS_QOS = 3;
  private static final int IFLA_VLAN_PROTOCOL = 5;
  private static final int VLAN_ID_MASK = 0xFFF;
  private static final int QOS_MAPPING_BYTES = 8;
  private static final int ETH_P_8021Q = 0x8100;

  /**
   * What a VLAN interface puts into frames.
   *
   * @param id IFLA_VLAN_ID, 0..4095
   * @param protocol IFLA_VLAN_PROTOCOL: 0x8100 (802.1Q) or 0x88a8 (802.1ad)
   * @param priorities IFLA_VLAN_EGRESS_QOS: from a packet's priority (SO_PRIORITY, or what the TOS
   *     makes of it) to the tag's; one that is not listed becomes 0
   */
  public record Vlan(int id, int protocol, Map<Integer, Integer> priorities) {
    public Vlan {
      priorities = Map.copyOf(priorities);
    }

    /** The tag's priority for a packet's, 0..7. */
    public int priorityFor(int packetPriority) {
      return priorities.getOrDefault(packetPriority, 0) & 7;
    }
  }

  /** Whether it is a loopback interface. */
  public boolean isLoopback() {
    return (flags & IFF_LOOPBACK) != 0;
  }

  /** Whether address resolution is off. */
  public boolean isNoArp() {
    return (flags & IFF_NOARP) != 0;
  }

  /**
   * Reads the payload of RTM_NEWLINK.
   *
   * @throws NetlinkFormatException when it is none
   */
  public static Link decode(ByteBuffer payload) throws NetlinkFormatException {
    if (payload.limit() < IFINFOMSG_BYTES) {
      throw new NetlinkFormatException("RTM_NEWLINK of " + payload.limit() + " bytes");
    }
    Attributes attributes = Attributes.parse(payload, IFINFOMSG_BYTES);
    Attributes info = attributes.nested(IFLA_LINKINFO);
    Optional<String> kind = info.text(IFLA_INFO_KIND);
    boolean ethernet = Short.toUnsignedInt(payload.getShort(2)) == ARPHRD_ETHER;
    return new Link(
        payload.getInt(4),
        attributes.text(IFLA_IFNAME).orElse(""),
        payload.getInt(8),
        ethernet ? attributes.mac(IFLA_ADDRESS) : Optional.empty(),
        attributes.u32(IFLA_MTU).orElse(0),
        kind,
        // With IFLA_LINK_NETNSID it is an index in another namespace: the far end of a veth.
        attributes.has(IFLA_LINK_NETNSID) ? OptionalInt.empty() : lower(attributes, kind),
        kind.filter("vlan"::equals).isPresent()
            ? vlan(info.nested(IFLA_INFO_DATA))
            : Optional.empty());
  }

  /** The other end of a veth pair is beside, not below. */
  private static OptionalInt lower(Attributes attributes, Optional<String> kind)
      throws NetlinkFormatException {
    return kind.filter("veth"::equals).isPresent()
        ? OptionalInt.empty()
        : attributes.u32(IFLA_LINK);
  }

  private static Optional<Vlan> vlan(Attributes data) throws NetlinkFormatException {
    OptionalInt id = data.u16(IFLA_VLAN_ID);
    if (id.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new Vlan(id.getAsInt() & VLAN_ID_MASK, protocol(data), priorities(data)));
  }

  /** In network byte order, whatever the host's. */
  private static int protocol(Attributes data) {
    return data.raw(IFLA_VLAN_PROTOCOL)
        .filter(value -> value.limit() >= 2)
        .map(value -> Byte.toUnsignedInt(value.get(0)) << 8 | Byte.toUnsignedInt(value.get(1)))
        .orElse(ETH_P_8021Q);
  }

  /**
   * IFLA_VLAN_EGRESS_QOS nests many IFLA_VLAN_QOS_MAPPING, all of one type: struct
   * ifla_vlan_qos_mapping { u32 from, to }.
   */
  private static Map<Integer, Integer> priorities(Attributes data) throws NetlinkFormatException {
    Map<Integer, Integer> priorities = new HashMap<>();
    ByteBuffer mappings = data.raw(IFLA_VLAN_EGRESS_QOS).orElse(null);
    if (mappings == null) {
      return priorities;
    }
    for (ByteBuffer mapping : Attributes.values(mappings)) {
      if (mapping.limit() < QOS_MAPPING_BYTES) {
        throw new NetlinkFormatException("IFLA_VLAN_QOS_MAPPING of " + mapping.limit() + " bytes");
      }
      priorities.put(mapping.getInt(0), mapping.getInt(4));
    }
    return priorities;
  }
}
