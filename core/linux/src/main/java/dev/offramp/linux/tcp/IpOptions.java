package dev.offramp.linux.tcp;

import static dev.offramp.api.descriptor.DescriptorFields.DSCP;
import static dev.offramp.api.descriptor.DescriptorFields.ECN_CODEPOINT;
import static dev.offramp.api.descriptor.DescriptorFields.FLOW_LABEL;
import static dev.offramp.api.descriptor.DescriptorFields.HOP_LIMIT;
import static dev.offramp.api.descriptor.DescriptorFields.PATH_MTU_BYTES;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LinuxException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What a socket puts into IP headers, and the path MTU. v4-mapped sockets have the IPv4 options.
 */
public final class IpOptions {
  private static final int DSCP_SHIFT = 2;
  private static final int ECN_MASK = 3;
  private static final int MIN_MTU_BYTES = 68;
  private static final int MAX_MTU_BYTES = 0xFFFF;
  private static final int FLOW_LABEL_MASK = 0xFFFFF;

  // struct in6_flowlabel_req (include/uapi/linux/in6.h): u8 dst[16], be32 label, ...
  private static final int FLOWLABEL_BYTES = 32;
  private static final int FLOWLABEL_LABEL = 16;

  private static final String NO_LABEL = noLabel(Errno.ENOENT);

  private IpOptions() {}

  /**
   * Reads them into {@code to}.
   *
   * @param v6 whether IPv6 packets are sent
   */
  public static void describe(OsSocket socket, boolean v6, IwarpConnectionDescriptor.Builder to)
      throws LinuxException {
    Opt hops = v6 ? Opt.IPV6_UNICAST_HOPS : Opt.IP_TTL;
    to.present(HOP_LIMIT, socket.getInt(hops), hops.name());
    Opt classOption = v6 ? Opt.IPV6_TCLASS : Opt.IP_TOS;
    int trafficClass = socket.getInt(classOption);
    to.derived(DSCP, trafficClass >> DSCP_SHIFT & 0x3F, classOption.name() + " >> 2");
    to.derived(ECN_CODEPOINT, trafficClass & ECN_MASK, classOption.name() + " & 3");
    describePathMtu(socket, v6 ? Opt.IPV6_MTU : Opt.IP_MTU, to);
    if (v6) {
      describeFlowLabel(socket, to);
    } else {
      to.absent(FLOW_LABEL, "IPv4 packets have none");
    }
  }

  /**
   * The MTU of the cached route. A connected socket has none right after an IP option was set,
   * until its next packet: the kernel then says ENOTCONN, and TCP's own notion stands in.
   */
  private static void describePathMtu(
      OsSocket socket, Opt option, IwarpConnectionDescriptor.Builder to) throws LinuxException {
    long bytes;
    String source = option.name();
    int written = socket.probe(option, Integer.BYTES);
    if (written >= 0) {
      bytes = OsSocket.probedWord();
    } else if (written == -Errno.ENOTCONN) {
      bytes = TcpInfo.of(socket).pathMtuBytes();
      source = "TCP_INFO.tcpi_pmtu";
    } else {
      throw new LinuxException("getsockopt(" + source + ")", -written);
    }
    if (bytes < MIN_MTU_BYTES) {
      to.absent(PATH_MTU_BYTES, "no route is cached");
    } else {
      // The loopback's 65536 is more than an IP packet, or the field, can have.
      to.present(PATH_MTU_BYTES, (int) Math.min(bytes, MAX_MTU_BYTES), source);
    }
  }

  private static void describeFlowLabel(OsSocket socket, IwarpConnectionDescriptor.Builder to) {
    Opt option = Opt.IPV6_FLOWLABEL_MGR;
    Scratch scratch = Scratch.own();
    MemorySegment request = scratch.value(FLOWLABEL_BYTES).fill((byte) 0);
    long result =
        socket
            .libc()
            .getsockopt(
                socket.fd(),
                option.level(),
                option.number(),
                request,
                scratch.length(FLOWLABEL_BYTES));
    if (result < 0) {
      to.absent(FLOW_LABEL, result == -Errno.ENOENT ? NO_LABEL : noLabel((int) -result));
      return;
    }
    int label =
        request.get(
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), FLOWLABEL_LABEL);
    to.present(FLOW_LABEL, label & FLOW_LABEL_MASK, option.name());
  }

  private static String noLabel(int errno) {
    return "none is leased (IPV6_FLOWLABEL_MGR: "
        + Errno.name(errno)
        + "); an automatic one is a hash that Linux does not tell";
  }

  /**
   * Sets those that {@code from} knows. The path MTU is left to the new stack's own discovery, and
   * a flow label to its lease: a label of another host means nothing to this one.
   */
  public static void apply(IwarpConnectionDescriptor from, OsSocket socket, boolean v6)
      throws LinuxException {
    if (from.isKnown(HOP_LIMIT)) {
      socket.setInt(v6 ? Opt.IPV6_UNICAST_HOPS : Opt.IP_TTL, from.value(HOP_LIMIT));
    }
    if (from.get(DSCP).orElse(0) != 0) { // a new socket has 0
      // The two ECN bits belong to the kernel on a TCP socket: it masks them out itself.
      socket.setInt(v6 ? Opt.IPV6_TCLASS : Opt.IP_TOS, from.value(DSCP) << DSCP_SHIFT);
    }
  }
}
