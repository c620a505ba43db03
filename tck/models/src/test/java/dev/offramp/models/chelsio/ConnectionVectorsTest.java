package dev.offramp.models.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** The model's decoders against what Linux's drivers write to make a connection's TCB. */
final class ConnectionVectorsTest {
  @Test
  void options() throws Exception {
    Vector.forEach(
        "opt0",
        "chelsio.opt0",
        v -> assertThat(Opt0.of(Be.get64(v.segment(), 0))).isEqualTo(opt0(v, "")));
    Vector.forEach(
        "opt2",
        "chelsio.opt2",
        v -> assertThat(Opt2.of(Be.get32(v.segment(), 0))).isEqualTo(opt2(v, "")));
  }

  private static Opt0 opt0(Vector v, String prefix) {
    return new Opt0(
        v.integer(prefix + "mss_idx"),
        v.flag(prefix + "keep_alive"),
        v.integer(prefix + "wnd_scale"),
        v.flag(prefix + "nagle"),
        v.flag(prefix + "tcam_bypass"),
        v.integer(prefix + "l2t_idx"),
        v.integer(prefix + "smac_sel"),
        v.integer(prefix + "dscp"),
        v.integer(prefix + "rcv_bufsiz"),
        v.integer(prefix + "ulp_mode"),
        v.flag(prefix + "non_offload"),
        v.flag(prefix + "delack"),
        v.flag(prefix + "no_cong"),
        v.integer(prefix + "tx_chan"));
  }

  private static Opt2 opt2(Vector v, String prefix) {
    return new Opt2(
        v.flag(prefix + "t5_opt2_valid"),
        v.flag(prefix + "sack_en"),
        v.flag(prefix + "tstamps_en"),
        v.flag(prefix + "wnd_scale_en"),
        v.flag(prefix + "cctrl_ecn"),
        v.integer(prefix + "rx_channel"),
        v.integer(prefix + "tx_queue"),
        v.flag(prefix + "rx_fc_valid"),
        v.flag(prefix + "rx_fc_disable"),
        v.flag(prefix + "t5_iss"),
        v.integer(prefix + "pace"),
        v.integer(prefix + "cong_cntrl"),
        v.integer(prefix + "rx_coalesce"),
        v.flag(prefix + "rx_coalesce_valid"),
        v.flag(prefix + "rss_queue_valid"),
        v.integer(prefix + "rss_queue"));
  }

  /** The vectors' version bit is arbitrary; the model takes it for the IP version. */
  @Test
  void establishedConnection() throws Exception {
    Vector.forEach(
        "fw_ofld_connection_wr",
        "chelsio.fw_ofld_connection_wr",
        v -> {
          OfldConnectionWr wr = OfldConnectionWr.decode(v.segment());
          WrHeader header = WrHeader.decode(v.segment());
          assertThat(header.opcode()).isEqualTo(WrHeader.FW_OFLD_CONNECTION);
          assertThat(header.completion()).isEqualTo(v.flag("compl"));
          assertThat(header.len16()).isEqualTo(8);
          assertThat(header.cookie()).isEqualTo(v.echoed64("cookie_host_le"));
          assertThat(wr.ipv6()).isEqualTo(v.flag("version"));
          assertThat(wr.cpl()).isEqualTo(v.flag("cpl"));
          assertThat(wr.filter()).isEqualTo(v.integer("filter"));
          assertThat(wr.local().getPort()).isEqualTo(v.integer("local_port"));
          assertThat(wr.peer().getPort()).isEqualTo(v.integer("peer_port"));
          boolean six = v.integer("ip_version") == 6;
          if (wr.ipv6() == six) {
            assertThat(wr.local().getAddress()).isEqualTo(v.address("local_ip"));
            assertThat(wr.peer().getAddress()).isEqualTo(v.address("peer_ip"));
            assertThat(wr.restIsZero()).isTrue();
          } else if (six) {
            assertThat(wr.restIsZero()).isFalse();
          }
          assertThat(wr.state()).isEqualTo(v.integer("t_state"));
          assertThat(wr.peerScale()).isEqualTo(v.integer("rcv_scale"));
          assertThat(wr.atid()).isEqualTo(v.integer("astid"));
          assertThat(wr.receiveCredits()).isEqualTo(v.flag("cpl_rx_data_ack"));
          assertThat(wr.passAcceptReply()).isEqualTo(v.flag("cpl_pass_accept_rpl"));
          assertThat(wr.peerWindow()).isEqualTo(v.integer("rcv_adv"));
          assertThat(wr.receiveNext()).isEqualTo(v.integer("rcv_nxt"));
          assertThat(wr.sendMax()).isEqualTo(v.integer("tx_max"));
          assertThat(wr.opt0()).isEqualTo(opt0(v, "opt0_"));
          assertThat(wr.opt2()).isEqualTo(opt2(v, "opt2_"));
        });
  }

  @Test
  void activeOpenByFirmware() throws Exception {
    Vector.forEach(
        "fw_act_open_req",
        "chelsio.send_fw_act_open_req",
        v -> {
          OfldConnectionWr wr = OfldConnectionWr.decode(v.segment());
          assertThat(wr.state()).isEqualTo(2);
          assertThat(wr.atid()).isEqualTo(v.integer("atid"));
          assertThat(wr.filter()).isEqualTo(v.integer("filter"));
          assertThat(wr.local()).isEqualTo(ends(v, "local"));
          assertThat(wr.peer()).isEqualTo(ends(v, "peer"));
          assertThat(Integer.reverseBytes(wr.sendMax())).isEqualTo(v.integer("tx_max_host_le"));
          assertThat(wr.opt0().l2tIndex()).isEqualTo(v.integer("l2t_idx"));
          assertThat(wr.opt0().smacSelect()).isEqualTo(v.integer("smac_idx"));
          assertThat(wr.opt0().txChannel()).isEqualTo(v.integer("tx_chan"));
          assertThat(wr.opt0().noCongestionControl()).isEqualTo(v.flag("nocong"));
          assertThat(wr.opt2().rssQueue()).isEqualTo(v.integer("rss_qid"));
          assertThat(wr.opt2().txQueue()).isEqualTo(v.integer("tx_modq"));
          assertThat(wr.opt2().sack()).isEqualTo(v.flag("sack"));
          assertThat(wr.opt2().ecn()).isEqualTo(v.flag("ecn"));
          assertThat(wr.opt2().timestamps()).isEqualTo(v.flag("timestamps"));
        });
  }

  @Test
  void passiveOpenByFirmware() throws Exception {
    Vector.forEach(
        "fw_pass_open_req",
        "chelsio.send_fw_pass_open_req",
        v -> {
          OfldConnectionWr wr = OfldConnectionWr.decode(v.segment());
          assertThat(wr.state()).isEqualTo(3);
          assertThat(wr.cpl()).isTrue();
          assertThat(wr.atid()).isEqualTo(v.integer("stid"));
          assertThat(wr.local()).isEqualTo(ends(v, "local"));
          assertThat(wr.peer()).isEqualTo(ends(v, "peer"));
          assertThat(wr.peerWindow()).isEqualTo(v.integer("window_wire"));
          assertThat(wr.peerScale()).isEqualTo(v.integer("peer_wscale"));
          assertThat(wr.receiveNext()).isEqualTo(v.integer("syn_seq") + 1);
          assertThat(wr.opt2().rssQueue()).isEqualTo(v.integer("rss_qid"));
        });
  }

  @Test
  void activeOpen() throws Exception {
    for (String structure : new String[] {"chelsio.send_connect", "chelsio.send_connect6"}) {
      Vector.forEach(
          "cpl_act_open_req",
          structure,
          v -> {
            ChelsioChip chip = v.integer("chip") == 5 ? ChelsioChip.T5 : ChelsioChip.T6;
            ActOpenReq request = ActOpenReq.decode(v.segment(), chip);
            checkOpen(request, v);
            assertThat(request.replyQueue()).isEqualTo(v.integer("rss_qid"));
            assertThat(request.params()).isEqualTo(v.number("filter_tuple"));
            int base = ((int) v.number("random") & ~7) - 1 + (v.flag("peer2peer") ? 4 : 0);
            assertThat(request.initialSequence()).isEqualTo(base);
            assertThat(request.opt0().l2tIndex()).isEqualTo(v.integer("l2t_idx"));
            assertThat(request.opt0().smacSelect()).isEqualTo(v.integer("smac_idx"));
            assertThat(request.opt0().txChannel()).isEqualTo(v.integer("tx_chan"));
            assertThat(request.opt0().ulpMode()).isEqualTo(Opt0.MODE_TCPDDP);
            assertThat(request.opt2().rssQueue()).isEqualTo(v.integer("rss_qid"));
            assertThat(request.opt2().timestamps()).isEqualTo(v.flag("timestamps"));
            assertThat(request.opt2().sack()).isEqualTo(v.flag("sack"));
          });
    }
  }

  @Test
  void connectionOfAnotherOwner() throws Exception {
    for (String structure :
        new String[] {"chelsio.ktls_t6_act_open_req", "chelsio.ktls_t6_act_open_req6"}) {
      Vector.forEach(
          "cpl_act_open_req",
          structure,
          v -> {
            ActOpenReq request = ActOpenReq.decode(v.segment(), ChelsioChip.T6);
            checkOpen(request, v);
            assertThat(request.opt0().nonOffload()).isTrue();
            assertThat(request.opt0().tcamBypass()).isTrue();
            assertThat(request.opt0().smacSelect()).isEqualTo(v.integer("smac_sel"));
            assertThat(request.opt0().txChannel()).isEqualTo(v.integer("tx_chan"));
            assertThat(request.opt2().txQueue()).isEqualTo(v.integer("tx_modq"));
          });
    }
  }

  private static void checkOpen(ActOpenReq request, Vector v) throws Exception {
    assertThat(request.local()).isEqualTo(ends(v, "local"));
    assertThat(request.peer()).isEqualTo(ends(v, "peer"));
    assertThat(request.atid()).isEqualTo(v.integer("atid"));
  }

  private static InetSocketAddress ends(Vector v, String which) throws Exception {
    return new InetSocketAddress(v.address(which + "_ip"), v.integer(which + "_port"));
  }

  @Test
  void segmentSize() throws Exception {
    Bench bench = new Bench(ChelsioChip.T6);
    Vector.forEach(
        "best_mtu_idx",
        "chelsio.set_emss",
        v -> {
          int option = v.integer("tcp_opt");
          boolean six = v.integer("ip_version") == 6;
          Tcb tcb = new Tcb();
          tcb.set(TcbField.T_MAXSEG, option >>> 12);
          tcb.setFlag(TcbField.Flag.RECV_TSTMP, Be.bit(option, 7));
          InetSocketAddress end =
              new InetSocketAddress(java.net.InetAddress.getByName(six ? "fd::1" : "10.0.0.1"), 1);
          int emss = new TcbDescriptor(bench.silicon(), end, end).segmentBytes(tcb);
          // The driver's floor of 128 is for tables with tiny MTUs.
          assertThat(Math.max(emss, 128)).isEqualTo(Be.get16(v.segment(), 2));
        });
  }
}
