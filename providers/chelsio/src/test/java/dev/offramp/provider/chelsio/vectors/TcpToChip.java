package dev.offramp.provider.chelsio.vectors;

import static java.util.Map.entry;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.iwarp.mpa.MpaFrame;
import dev.offramp.provider.chelsio.wire.CplAbort;
import dev.offramp.provider.chelsio.wire.CplCloseConReq;
import dev.offramp.provider.chelsio.wire.CplGetTcb;
import dev.offramp.provider.chelsio.wire.CplL2tWriteReq;
import dev.offramp.provider.chelsio.wire.CplRxDataAck;
import dev.offramp.provider.chelsio.wire.CplSetTcbField;
import dev.offramp.provider.chelsio.wire.CplTidRelease;
import dev.offramp.provider.chelsio.wire.FwFlowcWr;
import dev.offramp.provider.chelsio.wire.FwOfldConnectionWr;
import dev.offramp.provider.chelsio.wire.FwOfldTxDataWr;
import dev.offramp.provider.chelsio.wire.MtuTable;
import dev.offramp.provider.chelsio.wire.Opt0;
import dev.offramp.provider.chelsio.wire.Opt2;
import dev.offramp.provider.chelsio.wire.TcbField;
import dev.offramp.provider.chelsio.wire.TcpOpt;
import dev.offramp.provider.chelsio.wire.WindowScale;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;

/** Structures of TCP that the driver encodes, and the arithmetic behind them. */
final class TcpToChip {
  /** What chips usually hold, by the vendor's driver. */
  private static final int[] DEFAULT_MTUS = {
    88, 256, 512, 576, 808, 1024, 1280, 1488, 1500, 2002, 2048, 4096, 4352, 8192, 9000, 9600
  };

  private static final int NO_VLAN = 0xFFF;

  private TcpToChip() {}

  static Map<String, Binding> bindings() {
    return Map.ofEntries(
        entry("fw_ofld_connection_wr", Binding.encodes(TcpToChip::connection)),
        entry("opt0", Binding.computes(in -> opt0(in, ""), 8)),
        entry("opt2", Binding.computes(in -> opt2(in, ""), 4)),
        entry("cxgb_best_mtu", Binding.computes(TcpToChip::bestMtu, 1)),
        entry(
            "cxgb_compute_wscale",
            Binding.computes(in -> WindowScale.forWindow(in.number("window_bytes")), 1)),
        entry("set_emss", Binding.computes(TcpToChip::emss, 4)),
        entry("cpl_set_tcb_field", Binding.encodes(TcpToChip::setTcbField)),
        entry("cpl_set_tcb_field_cookie", Binding.encodes(TcpToChip::setTcbFieldCookie)),
        entry("ulp_txpkt_set_tcb_field", Binding.encodes(TcpToChip::batchedSetTcbField)),
        entry("tcb_field_update", Binding.encodes(TcpToChip::fieldUpdate)),
        entry("cpl_get_tcb", Binding.encodes(TcpToChip::getTcb)),
        entry("cpl_l2t_write_req", Binding.encodes(TcpToChip::l2tWrite)),
        entry("send_flowc", Binding.encodes(TcpToChip::sendFlowc)),
        entry("fw_flowc_wr", Binding.encodes(TcpToChip::flowc)),
        entry("send_mpa_req", Binding.encodes((in, s, at) -> mpa(in, s, at, false))),
        entry("send_mpa_reply", Binding.encodes((in, s, at) -> mpa(in, s, at, true))),
        entry("update_rx_credits", Binding.encodes(TcpToChip::updateCredits)),
        entry("cpl_rx_data_ack", Binding.encodes(TcpToChip::rxDataAck)),
        entry("cpl_close_con_req", Binding.encodes(TcpToChip::closeCon)),
        entry("cpl_abort_req", Binding.encodes(TcpToChip::abortReq)),
        entry("cpl_abort_rpl", Binding.encodes(TcpToChip::abortRpl)),
        entry("cpl_tid_release", Binding.encodes(TcpToChip::tidRelease)));
  }

  private static long connection(Input in, MemorySegment segment, long at) {
    FwOfldConnectionWr wr =
        new FwOfldConnectionWr()
            .begin(segment, at, in.flag("compl"), in.number("cookie_host_le"))
            .lookup(in.flag("version"), in.flag("cpl"), in.int32("filter"));
    ByteBuffer local = in.address("local_ip");
    ByteBuffer peer = in.address("peer_ip");
    int localPort = in.int32("local_port");
    int peerPort = in.int32("peer_port");
    if (in.number("ip_version") == 4) {
      wr.tuple4(localPort, peerPort, local.getInt(0), peer.getInt(0));
    } else {
      wr.tuple6(
          localPort,
          peerPort,
          local.getLong(0),
          local.getLong(8),
          peer.getLong(0),
          peer.getLong(8));
    }
    wr.state(in.int32("t_state"), in.int32("rcv_scale"), in.int32("astid"))
        .follows(in.flag("cpl_rx_data_ack"), in.flag("cpl_pass_accept_rpl"))
        .sequence(in.int32("rcv_adv"), in.int32("rcv_nxt"), in.int32("tx_max"))
        .options(opt0(in, "opt0_"), (int) opt2(in, "opt2_"));
    return FwOfldConnectionWr.SIZE_BYTES;
  }

  private static long opt0(Input in, String prefix) {
    return Opt0.TX_CHAN.of(in.number(prefix + "tx_chan"))
        | Opt0.NO_CONG.of(in.number(prefix + "no_cong"))
        | Opt0.DELACK.of(in.number(prefix + "delack"))
        | Opt0.NON_OFFLOAD.of(in.number(prefix + "non_offload"))
        | Opt0.ULP_MODE.of(in.number(prefix + "ulp_mode"))
        | Opt0.RCV_BUFSIZ.of(in.number(prefix + "rcv_bufsiz"))
        | Opt0.DSCP.of(in.number(prefix + "dscp"))
        | Opt0.SMAC_SEL.of(in.number(prefix + "smac_sel"))
        | Opt0.L2T_IDX.of(in.number(prefix + "l2t_idx"))
        | Opt0.TCAM_BYPASS.of(in.number(prefix + "tcam_bypass"))
        | Opt0.NAGLE.of(in.number(prefix + "nagle"))
        | Opt0.WND_SCALE.of(in.number(prefix + "wnd_scale"))
        | Opt0.KEEP_ALIVE.of(in.number(prefix + "keep_alive"))
        | Opt0.MSS_IDX.of(in.number(prefix + "mss_idx"));
  }

  private static long opt2(Input in, String prefix) {
    return Opt2.RSS_QUEUE.of(in.number(prefix + "rss_queue"))
        | Opt2.RSS_QUEUE_VALID.of(in.number(prefix + "rss_queue_valid"))
        | Opt2.RX_COALESCE_VALID.of(in.number(prefix + "rx_coalesce_valid"))
        | Opt2.RX_COALESCE.of(in.number(prefix + "rx_coalesce"))
        | Opt2.CONG_CNTRL.of(in.number(prefix + "cong_cntrl"))
        | Opt2.PACE.of(in.number(prefix + "pace"))
        | Opt2.T5_ISS.of(in.number(prefix + "t5_iss"))
        | Opt2.RX_FC_DISABLE.of(in.number(prefix + "rx_fc_disable"))
        | Opt2.RX_FC_VALID.of(in.number(prefix + "rx_fc_valid"))
        | Opt2.TX_QUEUE.of(in.number(prefix + "tx_queue"))
        | Opt2.RX_CHANNEL.of(in.number(prefix + "rx_channel"))
        | Opt2.CCTRL_ECN.of(in.number(prefix + "cctrl_ecn"))
        | Opt2.WND_SCALE_EN.of(in.number(prefix + "wnd_scale_en"))
        | Opt2.TSTAMPS_EN.of(in.number(prefix + "tstamps_en"))
        | Opt2.SACK_EN.of(in.number(prefix + "sack_en"))
        | Opt2.T5_OPT_2_VALID.of(in.number(prefix + "t5_opt2_valid"));
  }

  private static MtuTable table(Input in) {
    boolean usual = in.values().get("mtu_table") instanceof String;
    return new MtuTable(usual ? DEFAULT_MTUS : in.ints("mtu_table"));
  }

  private static long bestMtu(Input in) {
    return table(in)
        .bestIndex(in.int32("mtu"), in.flag("timestamps"), in.number("ip_version") == 6);
  }

  private static long emss(Input in) {
    MtuTable table = table(in);
    int opt = in.int32("tcp_opt");
    boolean ipv6 = in.number("ip_version") == 6;
    int index = TcpOpt.MSS.from(opt);
    int mss = table.mssBytes(index, ipv6);
    return (long) mss << 16 | table.emssBytes(index, TcpOpt.TSTAMP.isSetIn(opt), ipv6);
  }

  private static long setTcbField(Input in, MemorySegment segment, long at) {
    new CplSetTcbField()
        .encode(
            segment,
            at,
            in.int32("tid"),
            in.int32("queue"),
            in.flag("no_reply"),
            0,
            in.int32("word"),
            in.number("mask"),
            in.number("val"));
    return CplSetTcbField.SIZE_BYTES;
  }

  private static long setTcbFieldCookie(Input in, MemorySegment segment, long at) {
    new CplSetTcbField()
        .encodePadded(
            segment,
            at,
            in.int32("tid"),
            in.int32("queue"),
            in.flag("no_reply"),
            in.int32("cookie"),
            in.int32("word"),
            in.number("mask"),
            in.number("val"));
    return CplSetTcbField.PADDED_BYTES;
  }

  private static long batchedSetTcbField(Input in, MemorySegment segment, long at) {
    new CplSetTcbField()
        .encodeTxpkt(
            segment,
            at,
            in.int32("tid"),
            in.int32("queue"),
            in.int32("channel"),
            in.int32("fid"),
            in.flag("reply"),
            in.int32("word"),
            in.number("mask"),
            in.number("val"));
    return CplSetTcbField.TXPKT_BYTES;
  }

  private static long fieldUpdate(Input in, MemorySegment segment, long at) {
    new CplSetTcbField()
        .encode(
            segment,
            at,
            in.int32("tid"),
            in.int32("queue"),
            in.flag("no_reply"),
            0,
            TcbField.valueOf(in.text("field")),
            in.number("value"));
    return CplSetTcbField.SIZE_BYTES;
  }

  private static long getTcb(Input in, MemorySegment segment, long at) {
    new CplGetTcb()
        .encode(segment, at, in.int32("tid"), in.int32("queue"), in.int32("reply_chan"), 0);
    return CplGetTcb.SIZE_BYTES;
  }

  private static long l2tWrite(Input in, MemorySegment segment, long at) {
    long mac = Long.parseLong(in.text("dst_mac").replace(":", ""), 16);
    new CplL2tWriteReq()
        .encode(
            segment,
            at,
            in.int32("l2t_idx"),
            in.int32("port"),
            in.int32("vlan"),
            mac,
            in.flag("sync"),
            in.int32("evt_queue"));
    return CplL2tWriteReq.SIZE_BYTES;
  }

  private static long sendFlowc(Input in, MemorySegment segment, long at) {
    return new FwFlowcWr()
        .begin(segment, at, in.int32("tid"), false)
        .connection(
            in.int32("pf"),
            in.int32("tx_chan"),
            in.int32("rss_qid"),
            in.int32("snd_nxt"),
            in.int32("rcv_nxt"),
            in.int32("snd_buf_bytes"),
            in.int32("emss"),
            in.int32("snd_wscale"),
            in.has("vlan_tci") ? in.int32("vlan_tci") : NO_VLAN)
        .end();
  }

  private static long flowc(Input in, MemorySegment segment, long at) {
    FwFlowcWr wr = new FwFlowcWr().begin(segment, at, in.int32("tid"), in.flag("compl"));
    for (Input param : in.parts("params")) {
      wr.param(param.int32("id"), param.int32("value"));
    }
    return wr.end();
  }

  /** The frame is not the driver's: it arrives as bytes to be sent, made by the MPA engine. */
  private static long mpa(Input in, MemorySegment segment, long at, boolean reply) {
    boolean enhanced = in.number("mpa_revision") == 2;
    boolean peerToPeer = enhanced && in.flag("peer2peer");
    RtrKind rtr = in.text("rtr").equals("write") ? RtrKind.WRITE : RtrKind.READ;
    MpaFrame frame =
        new MpaFrame(
            reply,
            in.flag("markers"),
            in.flag("crc"),
            false,
            enhanced,
            in.int32("mpa_revision"),
            enhanced ? in.int32("ird") : -1,
            enhanced ? in.int32("ord") : -1,
            peerToPeer,
            peerToPeer ? Set.of(rtr) : Set.of(),
            Octets.copyOf(ByteBuffer.wrap(in.bytes("private_data"))));
    MemorySegment bytes = MemorySegment.ofBuffer(frame.encode());
    return new FwOfldTxDataWr()
        .encode(segment, at, in.int32("tid"), bytes, 0, (int) bytes.byteSize());
  }

  private static long updateCredits(Input in, MemorySegment segment, long at) {
    new CplRxDataAck()
        .update(
            segment,
            at,
            in.int32("tid"),
            in.number("rcv_win_bytes"),
            in.int32("credits"),
            in.int32("dack_mode"));
    return CplRxDataAck.SIZE_BYTES;
  }

  private static long rxDataAck(Input in, MemorySegment segment, long at) {
    new CplRxDataAck()
        .encode(
            segment,
            at,
            in.int32("tid"),
            in.int32("credits"),
            in.flag("force_ack"),
            in.int32("dack_mode"),
            in.flag("dack_change"));
    return CplRxDataAck.SIZE_BYTES;
  }

  private static long closeCon(Input in, MemorySegment segment, long at) {
    new CplCloseConReq().encode(segment, at, in.int32("tid"));
    return CplCloseConReq.SIZE_BYTES;
  }

  private static long abortReq(Input in, MemorySegment segment, long at) {
    new CplAbort().request(segment, at, in.int32("tid"), in.int32("cmd"));
    return CplAbort.SIZE_BYTES;
  }

  private static long abortRpl(Input in, MemorySegment segment, long at) {
    new CplAbort().reply(segment, at, in.int32("tid"), in.int32("cmd"));
    return CplAbort.SIZE_BYTES;
  }

  private static long tidRelease(Input in, MemorySegment segment, long at) {
    new CplTidRelease().encode(segment, at, in.int32("tid"));
    return CplTidRelease.SIZE_BYTES;
  }
}
