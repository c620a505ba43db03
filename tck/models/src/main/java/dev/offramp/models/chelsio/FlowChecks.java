package dev.offramp.models.chelsio;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What has to hold before the chip speaks TCP for a connection. Public sources do not say what
 * firmware checks, so each of these is a model decision: they are what a chip could not work
 * without, and what would break the connection later where nobody could tell why.
 */
final class FlowChecks {
  static final int ESTABLISHED = 4;

  private static final int MAX_SCALE = 14;
  private static final int PROTOCOL_TCP = 6;

  /** Widths of the fields of the filter tuple, lowest bit of the mode first (t4_values.h, FT_*). */
  private static final int[] FILTER_WIDTHS = {1, 3, 17, 17, 8, 8, 16, 9, 3, 1};

  private static final int FILTER_PORT = 1;
  private static final int FILTER_VLAN = 3;
  private static final int FILTER_PROTOCOL = 5;
  private static final int VLAN_VALID = 1 << 16;

  private final Silicon silicon;

  FlowChecks(Silicon silicon) {
    this.silicon = silicon;
  }

  /** What firmware answers to a connection's work request. */
  int connection(OfldConnectionWr wr) {
    if (!silicon.firmware.offloads()) {
      return refused(wr, FwError.ENOSYS, "offload is off", "INITIALIZE, and ofldcaps of 1");
    }
    if (wr.state() == 2 || wr.state() == 3) {
      // A handshake: the model's link has connections that exist only.
      return refused(wr, FwError.ENOSYS, "t_state " + wr.state(), "4: others are not modelled");
    }
    if (wr.state() != ESTABLISHED || wr.passAcceptReply()) {
      return refused(
          wr,
          FwError.EINVAL,
          "t_state " + wr.state() + ", cplpassacceptrpl " + wr.passAcceptReply(),
          "4 and none");
    }
    if (!wr.restIsZero() || wr.local().getPort() == 0 || wr.peer().getPort() == 0) {
      return refused(
          wr, FwError.EINVAL, wr.local() + " and " + wr.peer(), "addresses of the version's size");
    }
    if (wr.ipv6() && !silicon.firmware.interfaces().hasLocal(wr.local().getAddress())) {
      // cxgb4_clip_get comes before every IPv6 connection of iw_cxgb4.
      return refused(
          wr,
          FwError.EADDRNOTAVAIL,
          "local address " + wr.local().getAddress().getHostAddress(),
          "one that FW_CLIP_CMD has put into the table");
    }
    String options = options(wr.opt0(), wr.opt2());
    if (options != null) {
      return refused(wr, FwError.EINVAL, options, "options that can be");
    }
    NextHop hop = silicon.nextHops.get(wr.opt0().l2tIndex());
    if (hop == null || hop.port() != wr.opt0().txChannel()) {
      return refused(
          wr,
          FwError.ENETUNREACH,
          "next hop " + wr.opt0().l2tIndex() + ": " + hop + ", channel " + wr.opt0().txChannel(),
          "an entry that was written, on the channel's port");
    }
    if (!silicon.sourceMacs.containsKey(wr.opt0().smacSelect())) {
      return refused(
          wr,
          FwError.EINVAL,
          "source address " + wr.opt0().smacSelect(),
          "an index that VI or CPL_SMT_WRITE_REQ has filled");
    }
    int filter = filter(hop);
    if (wr.filter() != filter) {
      return refused(
          wr,
          FwError.EINVAL,
          "filter tuple [%08x]".formatted(wr.filter()),
          "[%08x]: TP_VLAN_PRI_MAP says which fields".formatted(filter));
    }
    return FwError.SUCCESS;
  }

  private @Nullable String options(Opt0 opt0, Opt2 opt2) {
    if (!opt2.rssQueueValid()) {
      return "rss_queue_valid 0";
    }
    if (opt0.windowScale() > MAX_SCALE) {
      return "wnd_scale " + opt0.windowScale();
    }
    boolean known =
        opt0.ulpMode() == Opt0.MODE_NONE
            || opt0.ulpMode() == Opt0.MODE_RDMA
            || opt0.ulpMode() == Opt0.MODE_TCPDDP;
    return known ? null : "ulp_mode " + opt0.ulpMode();
  }

  /** The tuple that the connection's segments give (cxgb4_select_ntuple), cut to 32 bits. */
  int filter(NextHop hop) {
    int mode = silicon.registers.indirect(Registers.TP_VLAN_PRI_MAP);
    long tuple = 0;
    int shift = 0;
    for (int field = 0; field < FILTER_WIDTHS.length; field++) {
      if (!Be.bit(mode, field)) {
        continue;
      }
      tuple |= value(field, hop) << shift;
      shift += FILTER_WIDTHS[field];
    }
    return (int) tuple;
  }

  private static long value(int field, NextHop hop) {
    return switch (field) {
      case FILTER_PORT -> hop.port();
      case FILTER_VLAN -> hop.isTagged() ? VLAN_VALID | hop.vlan() : 0;
      case FILTER_PROTOCOL -> PROTOCOL_TCP;
      default -> 0;
    };
  }

  private int refused(OfldConnectionWr wr, int retval, String seen, String expected) {
    silicon.violations.add(
        Violation.Kind.BAD_TCB, "FW_OFLD_CONNECTION_WR, atid " + wr.atid(), seen, expected);
    return retval;
  }

  /**
   * What is wrong with a TCB that is to run; null when nothing is. The chip's send buffer is empty,
   * so SND_UNA, SND_NXT and SND_MAX must stand at TX_MAX, and its receive buffer is, too.
   */
  @Nullable String tcb(Tcb tcb, InetSocketAddress local, TcbDescriptor descriptor) {
    if (tcb.getInt(TcbField.T_STATE) != ESTABLISHED) {
      return "T_STATE " + tcb.getInt(TcbField.T_STATE) + ", not 4";
    }
    for (TcbField raw :
        new TcbField[] {TcbField.SND_UNA_RAW, TcbField.SND_NXT_RAW, TcbField.SND_MAX_RAW}) {
      if (tcb.get(raw) != 0) {
        return raw + " " + tcb.get(raw) + ", not 0: the send buffer is empty";
      }
    }
    if (tcb.get(TcbField.RX_HDR_OFFSET) != 0) {
      return "RX_HDR_OFFSET " + tcb.get(TcbField.RX_HDR_OFFSET) + ", not 0";
    }
    if (tcb.flag(TcbField.Flag.IP_VERSION) != (local.getAddress() instanceof Inet6Address)) {
      return "T_FLAGS IP_VERSION of the other family";
    }
    if (tcb.flag(TcbField.Flag.CORE_BYPASS)) {
      return "T_FLAGS CORE_BYPASS: the host would go on sending";
    }
    boolean scaling = tcb.flag(TcbField.Flag.RECV_SCALE);
    int sendScale = tcb.getInt(TcbField.RCV_SCALE);
    int receiveScale = tcb.getInt(TcbField.SND_SCALE);
    if (sendScale > MAX_SCALE
        || receiveScale > MAX_SCALE
        || (!scaling && (sendScale != 0 || receiveScale != 0))) {
      return "RCV_SCALE %d and SND_SCALE %d, RECV_SCALE %b"
          .formatted(sendScale, receiveScale, scaling);
    }
    if (tcb.get(TcbField.RCV_WND) == 0) {
      return "RCV_WND 0";
    }
    if (!silicon.nextHops.containsKey(tcb.getInt(TcbField.L2T_IX))
        || !silicon.sourceMacs.containsKey(tcb.getInt(TcbField.SMAC_SEL))) {
      return "L2T_IX %d or SMAC_SEL %d without an entry"
          .formatted(tcb.getInt(TcbField.L2T_IX), tcb.getInt(TcbField.SMAC_SEL));
    }
    return descriptor.segmentBytes(tcb) <= 0
        ? "T_MAXSEG " + tcb.getInt(TcbField.T_MAXSEG) + ": no room for payload"
        : null;
  }

  /** What is wrong with FW_FLOWC_WR for a flow; null when nothing is. */
  @Nullable String flowc(FlowcWr wr, Tcb tcb, int segmentBytes) {
    int iq = wr.get(FlowcWr.IQID, -1);
    int pf = wr.get(FlowcWr.PFNVFN, -1);
    if (pf != silicon.options.function() << 8) {
      return "PFNVFN [%x], not [%x]".formatted(pf, silicon.options.function() << 8);
    }
    if (iq < 0 || silicon.queues.absolute(iq) == null) {
      return "IQID " + iq + ", no absolute number of an ingress queue";
    }
    NextHop hop = silicon.nextHops.get(tcb.getInt(TcbField.L2T_IX));
    int port = hop == null ? -1 : hop.port();
    if (wr.get(FlowcWr.CH, -1) != port || wr.get(FlowcWr.PORT, -1) != port) {
      return "CH %d and PORT %d, not the next hop's port %d"
          .formatted(wr.get(FlowcWr.CH, -1), wr.get(FlowcWr.PORT, -1), port);
    }
    int next = (int) TcbDescriptor.sequence(tcb, TcbField.SND_NXT_RAW);
    if (!wr.has(FlowcWr.SNDNXT) || wr.get(FlowcWr.SNDNXT, 0) != next) {
      return "SNDNXT %d, not the TCB's %d"
          .formatted(
              Integer.toUnsignedLong(wr.get(FlowcWr.SNDNXT, 0)), Integer.toUnsignedLong(next));
    }
    if (!wr.has(FlowcWr.RCVNXT) || wr.get(FlowcWr.RCVNXT, 0) != tcb.getInt(TcbField.RCV_NXT)) {
      return "RCVNXT %d, not the TCB's %d"
          .formatted(Integer.toUnsignedLong(wr.get(FlowcWr.RCVNXT, 0)), tcb.get(TcbField.RCV_NXT));
    }
    int mss = wr.get(FlowcWr.MSS, 0);
    if (mss <= 0 || mss > segmentBytes) {
      return "MSS " + mss + ", not 1.." + segmentBytes + " as T_MAXSEG has it";
    }
    if (wr.get(FlowcWr.SNDBUF, 0) <= 0) {
      return "SNDBUF " + wr.get(FlowcWr.SNDBUF, 0);
    }
    if (wr.get(FlowcWr.TCPSTATE, ESTABLISHED) != ESTABLISHED) {
      return "TCPSTATE " + wr.get(FlowcWr.TCPSTATE, ESTABLISHED) + ", not 4";
    }
    int sendScale = tcb.getInt(TcbField.RCV_SCALE);
    return wr.get(FlowcWr.RCV_SCALE, sendScale) != sendScale
        ? "RCV_SCALE " + wr.get(FlowcWr.RCV_SCALE, 0) + ", not the TCB's " + sendScale
        : null;
  }
}
