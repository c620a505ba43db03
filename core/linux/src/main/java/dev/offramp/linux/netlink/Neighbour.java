package dev.offramp.linux.netlink;

import dev.offramp.api.descriptor.MacAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * An entry of the neighbour table (include/uapi/linux/neighbour.h).
 *
 * <pre>
 * struct ndmsg: u8 family, u8 pad, u16 pad, s32 ifindex, u16 state, u8 flags, u8 type
 * </pre>
 *
 * @param state NUD_*, one bit or none
 * @param mac NDA_LLADDR; empty while it is not known or when it is no Ethernet address
 */
public record Neighbour(int state, Optional<MacAddress> mac) {
  static final int RTM_NEWNEIGH = 28;

  static final int NUD_INCOMPLETE = 0x01;
  static final int NUD_REACHABLE = 0x02;
  static final int NUD_STALE = 0x04;
  static final int NUD_DELAY = 0x08;
  static final int NUD_PROBE = 0x10;
  static final int NUD_FAILED = 0x20;
  static final int NUD_NOARP = 0x40;
  static final int NUD_PERMANENT = 0x80;

  // include/net/neighbour.h: in these states the kernel sends to the address.
  private static final int NUD_VALID =
      NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY;
  private static final int NDMSG_BYTES = 12;
  private static final int STATE_OFFSET = 8;
  private static final int NDA_LLADDR = 2;

  /** Whether the kernel uses the address as it is. */
  public boolean isValid() {
    return (state & NUD_VALID) != 0;
  }

  /** The name of the state, as {@code ip neigh} prints it. */
  public String stateName() {
    return switch (state) {
      case 0 -> "NONE";
      case NUD_INCOMPLETE -> "INCOMPLETE";
      case NUD_REACHABLE -> "REACHABLE";
      case NUD_STALE -> "STALE";
      case NUD_DELAY -> "DELAY";
      case NUD_PROBE -> "PROBE";
      case NUD_FAILED -> "FAILED";
      case NUD_NOARP -> "NOARP";
      case NUD_PERMANENT -> "PERMANENT";
      default -> "state 0x" + Integer.toHexString(state);
    };
  }

  /**
   * Reads the payload of RTM_NEWNEIGH.
   *
   * @throws NetlinkFormatException when it is none
   */
  public static Neighbour decode(ByteBuffer payload) throws NetlinkFormatException {
    if (payload.limit() < NDMSG_BYTES) {
      throw new NetlinkFormatException("RTM_NEWNEIGH of " + payload.limit() + " bytes");
    }
    return new Neighbour(
        Short.toUnsignedInt(payload.getShort(STATE_OFFSET)),
        Attributes.parse(payload, NDMSG_BYTES).mac(NDA_LLADDR));
  }
}
