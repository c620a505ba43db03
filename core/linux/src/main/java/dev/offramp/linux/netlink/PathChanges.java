package dev.offramp.linux.netlink;

import dev.offramp.linux.libc.SocketAddresses;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a batch of announcements says may have changed. Bounded: what is too much to list is {@link
 * #all}. For one thread at a time.
 */
public final class PathChanges {
  private static final int MAX_NEIGHBOURS = 1_024;

  // include/uapi/linux/rtnetlink.h
  private static final int RTM_NEWLINK = 16;
  private static final int RTM_DELLINK = 17;
  private static final int RTM_NEWADDR = 20;
  private static final int RTM_DELADDR = 21;
  private static final int RTM_NEWROUTE = 24;
  private static final int RTM_DELROUTE = 25;
  private static final int RTM_NEWNEIGH = 28;
  private static final int RTM_DELNEIGH = 29;
  private static final int RTM_NEWRULE = 32;
  private static final int RTM_DELRULE = 33;
  private static final int RTM_NEWNEXTHOP = 104;
  private static final int RTM_DELNEXTHOP = 105;
  private static final int NDMSG_BYTES = 12;
  private static final int INTERFACE_OFFSET = 4;
  private static final int NDA_DST = 1;

  /**
   * A neighbour.
   *
   * @param interfaceIndex where it is
   * @param address its IP address
   */
  public record Hop(int interfaceIndex, InetAddress address) {}

  private final Set<Hop> neighbours = new HashSet<>();
  private boolean all;

  /** Whether any path may be another now: by a link, an address, a route, or a loss of news. */
  public boolean all() {
    return all;
  }

  /** Neighbours whose entries have changed; more may have when {@link #all}. */
  public Set<Hop> neighbours() {
    return neighbours;
  }

  boolean isEmpty() {
    return !all && neighbours.isEmpty();
  }

  /** News has been lost, or cannot be read: everything may have changed. */
  void lost() {
    all = true;
  }

  void add(NetlinkMessage message) throws NetlinkFormatException {
    switch (message.type()) {
      case RTM_NEWNEIGH, RTM_DELNEIGH -> {
        Optional<Hop> hop = hop(message.payload());
        if (hop.isPresent()) {
          neighbours.add(hop.get());
        }
        all |= neighbours.size() > MAX_NEIGHBOURS;
      }
      case RTM_NEWLINK,
          RTM_DELLINK,
          RTM_NEWADDR,
          RTM_DELADDR,
          RTM_NEWROUTE,
          RTM_DELROUTE,
          RTM_NEWRULE,
          RTM_DELRULE,
          RTM_NEWNEXTHOP,
          RTM_DELNEXTHOP ->
          all = true;
      default -> {
        // Answers to requests on the same socket, and what later kernels announce besides.
      }
    }
  }

  /** Empty for what is no IP neighbour: bridges announce their tables by the same messages. */
  private static Optional<Hop> hop(ByteBuffer payload) throws NetlinkFormatException {
    if (payload.limit() < NDMSG_BYTES) {
      throw new NetlinkFormatException("RTM_NEWNEIGH of " + payload.limit() + " bytes");
    }
    int family = payload.get(0);
    if (family != SocketAddresses.AF_INET && family != SocketAddresses.AF_INET6) {
      return Optional.empty();
    }
    int index = payload.getInt(INTERFACE_OFFSET);
    return Attributes.parse(payload, NDMSG_BYTES).address(NDA_DST).map(a -> new Hop(index, a));
  }
}
