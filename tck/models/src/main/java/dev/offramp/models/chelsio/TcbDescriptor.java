package dev.offramp.models.chelsio;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.descriptor.TcpState;
import dev.offramp.api.descriptor.VlanTag;
import java.net.Inet6Address;
import java.net.InetSocketAddress;

/**
 * What a TCB says of a connection, as a descriptor for the {@link dev.offramp.models.Link}; and the
 * other way round, for a hand-back. Of what a chip does not have nothing is said.
 */
final class TcbDescriptor {
  private static final int TCP_HEADER_BYTES = 20;
  private static final int TIMESTAMP_BYTES = 12;
  private static final long MASK_32 = 0xFFFF_FFFFL;
  private static final long RAW_MASK = 0xFFF_FFFFL;

  private final Silicon silicon;
  private final InetSocketAddress local;
  private final InetSocketAddress peer;

  TcbDescriptor(Silicon silicon, InetSocketAddress local, InetSocketAddress peer) {
    this.silicon = silicon;
    this.local = local;
    this.peer = peer;
  }

  /** The payload of a full segment, as t4_msg.h's set_emss has it; the MTU less the headers. */
  int segmentBytes(Tcb tcb) {
    int ip = local.getAddress() instanceof Inet6Address ? 40 : 20;
    int options = tcb.flag(TcbField.Flag.RECV_TSTMP) ? TIMESTAMP_BYTES : 0;
    return silicon.registers.mtu(tcb.getInt(TcbField.T_MAXSEG)) - ip - TCP_HEADER_BYTES - options;
  }

  static long sequence(Tcb tcb, TcbField distance) {
    return tcb.get(TcbField.TX_MAX) - tcb.get(distance) & MASK_32;
  }

  /** The connection that the TCB describes. */
  IwarpConnectionDescriptor of(Tcb tcb) {
    boolean scaling = tcb.flag(TcbField.Flag.RECV_SCALE);
    int peerScale = scaling ? tcb.getInt(TcbField.RCV_SCALE) : 0;
    long receiveNext = tcb.get(TcbField.RCV_NXT);
    IwarpConnectionDescriptor.Builder d = IwarpConnectionDescriptor.builder();
    d.present(DescriptorFields.LOCAL_ADDRESS, local, "LE tuple");
    d.present(DescriptorFields.REMOTE_ADDRESS, peer, "LE tuple");
    d.present(DescriptorFields.TCP_STATE, TcpState.ESTABLISHED, "T_STATE");
    d.present(DescriptorFields.TCP_RESIDENCE, TcpResidence.NEW_OWNER, "NON_OFFLOAD");
    d.present(DescriptorFields.WINDOW_SCALING, scaling, "T_FLAGS RECV_SCALE");
    if (scaling) {
      d.present(DescriptorFields.SEND_WINDOW_SCALE, peerScale, "RCV_SCALE");
      d.present(DescriptorFields.RECEIVE_WINDOW_SCALE, tcb.getInt(TcbField.SND_SCALE), "SND_SCALE");
    }
    d.present(
        DescriptorFields.SACK_PERMITTED, tcb.flag(TcbField.Flag.RECV_SACK), "T_FLAGS RECV_SACK");
    d.present(
        DescriptorFields.TIMESTAMPS, tcb.flag(TcbField.Flag.RECV_TSTMP), "T_FLAGS RECV_TSTMP");
    d.present(DescriptorFields.ECN, tcb.flag(TcbField.Flag.CCTRL_ECN), "T_FLAGS CCTRL_ECN");
    d.derived(DescriptorFields.SEND_MSS_BYTES, segmentBytes(tcb), "T_MAXSEG less headers");
    d.present(DescriptorFields.SND_UNA, sequence(tcb, TcbField.SND_UNA_RAW), "TX_MAX-SND_UNA_RAW");
    d.present(DescriptorFields.SND_NXT, sequence(tcb, TcbField.SND_NXT_RAW), "TX_MAX-SND_NXT_RAW");
    d.present(DescriptorFields.SND_MAX, sequence(tcb, TcbField.SND_MAX_RAW), "TX_MAX-SND_MAX_RAW");
    d.present(DescriptorFields.UNACKNOWLEDGED, Octets.empty(), "empty send buffer");
    d.present(DescriptorFields.UNSENT, Octets.empty(), "empty send buffer");
    d.present(DescriptorFields.UNREAD, Octets.empty(), "empty receive buffer");
    d.derived(
        DescriptorFields.SND_WND, tcb.get(TcbField.RCV_ADV) << peerScale, "RCV_ADV<<RCV_SCALE");
    d.present(DescriptorFields.RCV_NXT, receiveNext, "RCV_NXT");
    d.present(DescriptorFields.RCV_WND, tcb.get(TcbField.RCV_WND), "RCV_WND");
    d.derived(
        DescriptorFields.RCV_WUP,
        receiveNext - tcb.get(TcbField.TS_LAST_ACK_SENT_RAW) & MASK_32,
        "RCV_NXT-TS_LAST_ACK_SENT_RAW");
    d.present(DescriptorFields.CWND_BYTES, tcb.get(TcbField.SND_CWND), "SND_CWND");
    if (tcb.flag(TcbField.Flag.RECV_TSTMP)) {
      d.present(DescriptorFields.TS_RECENT, tcb.get(TcbField.T_RTSEQ_RECENT), "T_RTSEQ_RECENT");
      d.absent(DescriptorFields.TIMESTAMP_NOW, "4 bits of TIMESTAMP_OFFSET cannot say it");
    }
    d.absent(DescriptorFields.SRTT_MICROS, "the unit of T_SRTT is not public");
    d.present(DescriptorFields.DSCP, tcb.getInt(TcbField.TOS), "TOS");
    d.present(DescriptorFields.NO_DELAY, !tcb.flag(TcbField.Flag.NAGLE), "T_FLAGS NAGLE");
    d.present(DescriptorFields.KEEP_ALIVE, tcb.flag(TcbField.Flag.KEEPALIVE), "T_FLAGS KEEPALIVE");
    putRoute(d, tcb);
    return d.build();
  }

  private void putRoute(IwarpConnectionDescriptor.Builder d, Tcb tcb) {
    NextHop hop = silicon.nextHops.get(tcb.getInt(TcbField.L2T_IX));
    if (hop != null) {
      d.present(DescriptorFields.NEXT_HOP_MAC, hop.mac(), "L2T entry");
      if (hop.isTagged()) {
        d.present(
            DescriptorFields.VLAN_TAG,
            new VlanTag(hop.vlan() & 0xFFF, hop.vlan() >>> 13 & 7, Be.bit(hop.vlan(), 12)),
            "L2T entry");
      }
    }
    var mac = silicon.sourceMacs.get(tcb.getInt(TcbField.SMAC_SEL));
    if (mac != null) {
      d.present(DescriptorFields.SOURCE_MAC, mac, "SMT entry");
    }
    d.derived(
        DescriptorFields.PATH_MTU_BYTES,
        silicon.registers.mtu(tcb.getInt(TcbField.T_MAXSEG)),
        "T_MAXSEG");
  }

  /**
   * Puts the state of a stopped connection into its TCB: what a CPL_GET_TCB shows of it. Bytes that
   * the peer has not acknowledged, or that were never sent, stand between SND_UNA and TX_MAX; bytes
   * that nobody read are the receive buffer's.
   */
  static void show(Tcb tcb, IwarpConnectionDescriptor d) {
    long una = d.value(DescriptorFields.SND_UNA);
    long max = d.get(DescriptorFields.SND_MAX).orElse(d.value(DescriptorFields.SND_NXT));
    long unsent = d.get(DescriptorFields.UNSENT).orElse(Octets.empty()).length();
    long end = max + unsent & MASK_32;
    tcb.set(TcbField.TX_MAX, end);
    tcb.set(TcbField.SND_UNA_RAW, end - una & RAW_MASK);
    tcb.set(TcbField.SND_NXT_RAW, end - d.get(DescriptorFields.SND_NXT).orElse(max) & RAW_MASK);
    tcb.set(TcbField.SND_MAX_RAW, unsent);
    tcb.set(TcbField.SND_REC_RAW, end - una & RAW_MASK);
    long receiveNext = d.value(DescriptorFields.RCV_NXT);
    tcb.set(TcbField.RCV_NXT, receiveNext);
    d.get(DescriptorFields.RCV_WND)
        .map(window -> {
          tcb.set(TcbField.RCV_WND, window);
          return window;
        });
    long updated = d.get(DescriptorFields.RCV_WUP).orElse(receiveNext);
    tcb.set(TcbField.TS_LAST_ACK_SENT_RAW, receiveNext - updated & RAW_MASK);
    tcb.set(TcbField.RX_HDR_OFFSET, d.get(DescriptorFields.UNREAD).orElse(Octets.empty()).length());
    int peerScale = tcb.getInt(TcbField.RCV_SCALE);
    if (d.isKnown(DescriptorFields.SND_WND)) {
      tcb.set(TcbField.RCV_ADV, d.value(DescriptorFields.SND_WND) >>> peerScale);
    }
    if (d.isKnown(DescriptorFields.CWND_BYTES)) {
      tcb.set(TcbField.SND_CWND, Math.min(RAW_MASK, d.value(DescriptorFields.CWND_BYTES)));
    }
    if (d.isKnown(DescriptorFields.SSTHRESH_BYTES)) {
      tcb.set(TcbField.SND_SSTHRESH, Math.min(RAW_MASK, d.value(DescriptorFields.SSTHRESH_BYTES)));
    }
  }
}
