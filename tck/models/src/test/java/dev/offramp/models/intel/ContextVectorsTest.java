package dev.offramp.models.intel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Modifier;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The connection context as Linux's driver writes it, read by the model's decoder. */
final class ContextVectorsTest {
  private static final Map<String, Field> PLAIN = new HashMap<>();

  static {
    PLAIN.put("rq_wqe_size_code", ContextFields.RQWQESIZE);
    PLAIN.put("rcv_tph_en", ContextFields.RCVTPHEN);
    PLAIN.put("xmit_tph_en", ContextFields.XMITTPHEN);
    PLAIN.put("rq_tph_en", ContextFields.RQTPHEN);
    PLAIN.put("sq_tph_en", ContextFields.SQTPHEN);
    PLAIN.put("sq_pa", ContextFields.SQADDR);
    PLAIN.put("rq_pa", ContextFields.RQADDR);
    PLAIN.put("hw_rq_size_code", ContextFields.RQSIZE);
    PLAIN.put("hw_sq_size_code", ContextFields.SQSIZE);
    PLAIN.put("sq_tph_val", ContextFields.SQTPHVAL);
    PLAIN.put("rq_tph_val", ContextFields.RQTPHVAL);
    PLAIN.put("qs_handle", ContextFields.QSHANDLE);
    PLAIN.put("exception_lan_queue", ContextFields.EXCEPTION_LAN_QUEUE);
    PLAIN.put("qp_compl_ctx", ContextFields.QPCOMPCTX);
    PLAIN.put("send_cq_num", ContextFields.TXCQNUM);
    PLAIN.put("rcv_cq_num", ContextFields.RXCQNUM);
  }

  private static final Map<String, Field> TCP = new HashMap<>();

  static {
    TCP.put("ipv4", ContextFields.IPV4);
    TCP.put("no_nagle", ContextFields.NONAGLE);
    TCP.put("insert_vlan_tag", ContextFields.INSERTVLANTAG);
    TCP.put("time_stamp", ContextFields.TIMESTAMP);
    TCP.put("drop_ooo_seg", ContextFields.DROPOOOSEG);
    TCP.put("avoid_stretch_ack", ContextFields.AVOIDSTRETCHACK);
    TCP.put("wscale", ContextFields.WSCALE);
    TCP.put("ignore_tcp_opt", ContextFields.IGNORE_TCP_OPT);
    TCP.put("ignore_tcp_uns_opt", ContextFields.IGNORE_TCP_UNS_OPT);
    TCP.put("cwnd_inc_limit", ContextFields.LIMIT);
    TCP.put("dup_ack_thresh", ContextFields.DUPACK_THRESH);
    TCP.put("ttl", ContextFields.TTL);
    TCP.put("src_port", ContextFields.SRCPORTNUM);
    TCP.put("dst_port", ContextFields.DESTPORTNUM);
    TCP.put("snd_mss", ContextFields.SNDMSS);
    TCP.put("syn_rst_handling", ContextFields.SYN_RST_HANDLING);
    TCP.put("vlan_tag", ContextFields.VLANTAG);
    TCP.put("arp_idx", ContextFields.ARPIDX);
    TCP.put("flow_label", ContextFields.FLOWLABEL);
    TCP.put("tcp_state", ContextFields.TCPSTATE);
    TCP.put("snd_wscale", ContextFields.SNDSCALE);
    TCP.put("rcv_wscale", ContextFields.RCVSCALE);
    TCP.put("time_stamp_recent", ContextFields.TIMESTAMP_RECENT);
    TCP.put("time_stamp_age", ContextFields.TIMESTAMP_AGE);
    TCP.put("snd_nxt", ContextFields.SNDNXT);
    TCP.put("snd_wnd", ContextFields.SNDWND);
    TCP.put("rcv_nxt", ContextFields.RCVNXT);
    TCP.put("rcv_wnd", ContextFields.RCVWND);
    TCP.put("snd_max", ContextFields.SNDMAX);
    TCP.put("snd_una", ContextFields.SNDUNA);
    TCP.put("srtt", ContextFields.SRTT);
    TCP.put("rtt_var", ContextFields.RTTVAR);
    TCP.put("ss_thresh", ContextFields.SSTHRESH);
    TCP.put("cwnd", ContextFields.CWND);
    TCP.put("snd_wl1", ContextFields.SNDWL1);
    TCP.put("snd_wl2", ContextFields.SNDWL2);
    TCP.put("max_snd_window", ContextFields.MAXSNDWND);
    TCP.put("rexmit_thresh", ContextFields.REXMIT_THRESH);
    TCP.put("t_high", ContextFields.THIGH);
    TCP.put("t_low", ContextFields.TLOW);
    TCP.put("rem_endpoint_idx", ContextFields.REMENDPOINTIDX);
  }

  private static final Map<String, Field> IWARP = new HashMap<>();

  static {
    IWARP.put("ddp_ver", ContextFields.DDP_VER);
    IWARP.put("rdmap_ver", ContextFields.RDMAP_VER);
    IWARP.put("err_rq_idx", ContextFields.ERR_RQ_IDX);
    IWARP.put("err_rq_idx_valid", ContextFields.ERR_RQ_IDX_VALID);
    IWARP.put("ord_size", ContextFields.ORDSIZE);
    IWARP.put("ib_rd_en", ContextFields.IBRDENABLE);
    IWARP.put("align_hdrs", ContextFields.ALIGNHDRS);
    IWARP.put("rcv_no_mpa_crc", ContextFields.RCVNOMPACRC);
    IWARP.put("snd_mark_en", ContextFields.SNDMARKERS);
    IWARP.put("rcv_mark_en", ContextFields.RCVMARKERS);
    IWARP.put("wr_rdresp_en", ContextFields.WRRDRSPOK);
    IWARP.put("bind_en", ContextFields.BINDEN);
    IWARP.put("fast_reg_en", ContextFields.FASTREGEN);
    IWARP.put("priv_mode_en", ContextFields.PRIVEN);
    IWARP.put("rd_en", ContextFields.RDOK);
    IWARP.put("timely_en", ContextFields.TIMELYENABLE);
    IWARP.put("ecn_en", ContextFields.ECN_EN);
    IWARP.put("dctcp_en", ContextFields.DC_TCP_EN);
    IWARP.put("last_byte_sent", ContextFields.LASTBYTESENT);
    IWARP.put("rtomin", ContextFields.RTOMIN);
  }

  /** All fields that the decoder has. */
  static List<Field> allFields() {
    return Arrays.stream(ContextFields.class.getDeclaredFields())
        .filter(field -> Modifier.isStatic(field.getModifiers()) && field.getType() == Field.class)
        .map(ContextVectorsTest::value)
        .toList();
  }

  private static Field value(java.lang.reflect.Field field) {
    try {
      return (Field) field.get(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void everyFieldOfAWholeContext() {
    for (Vector vector : Vector.of("irdma.qp_ctx", "irdma.qp_ctx")) {
      PLAIN.forEach((name, field) -> vector.check(field, name));
      ConnectionContext context = new ConnectionContext(vector.words());
      if (vector.flag("tcp_info_valid")) {
        checkTcp(vector, context);
      }
      if (vector.flag("iwarp_info_valid")) {
        checkIwarp(vector, context);
      }
      vector.checkNothingElse(allFields().toArray(Field[]::new));
    }
  }

  private static void checkTcp(Vector vector, ConnectionContext context) {
    TCP.forEach((name, field) -> vector.check(field, name));
    assertThat(ConnectionContext.words(context.remote().getAddress()))
        .isEqualTo(shown(vector.addressWords("dest_ip_words"), vector.flag("ipv4")));
    assertThat(ConnectionContext.words(context.local().getAddress()))
        .isEqualTo(shown(vector.addressWords("local_ip_words"), vector.flag("ipv4")));
    long tos = vector.number("tos");
    boolean ecn = vector.flag("ecn_en") || vector.flag("dctcp_en");
    vector.check(ContextFields.TOS, "tos", ecn && (tos & 3) == 0 ? tos | 2 : tos);
  }

  /** Of an IPv4 connection only the last word counts; v4-mapped IPv6 addresses become IPv4. */
  private static int[] shown(int[] words, boolean ipv4) {
    return ipv4 ? new int[] {0, 0, 0, words[3]} : words;
  }

  private static void checkIwarp(Vector vector, ConnectionContext context) {
    IWARP.forEach((name, field) -> vector.check(field, name));
    assertThat(context.q2Address()).as("%s", vector).isEqualTo(vector.number("q2_pa"));
    vector.check(ContextFields.IWARPMODE, "iwarp mode", 1);
    assertThat((long) context.domain()).as("%s", vector).isEqualTo(vector.number("pd_id"));
    checkMarkers(vector, "snd_mark_offset", "snd_nxt", ContextFields.SNDMARKOFFSET, "snd_mark_en");
    checkMarkers(vector, "rcv_mark_offset", "rcv_nxt", ContextFields.RCVMARKOFFSET, "rcv_mark_en");
    if (vector.chip().isSecondGeneration()) {
      vector.check(ContextFields.MACADDRESS, "mac_addr");
    }
    assertIrdIsEnough(vector, "ird_size", context);
  }

  private static void checkMarkers(
      Vector vector, String offset, String sequence, Field field, String enabled) {
    long given = vector.number(offset);
    boolean on = vector.flag(enabled);
    long expected = given == 0 ? vector.number(sequence) & 0x1FF : given;
    if (on) {
      vector.check(field, offset, expected);
    }
  }

  @Test
  void aContextOfTheVendorsConnectionManager() throws Exception {
    for (Vector vector : Vector.of("irdma.qp_ctx_from_cm", "irdma.qp_ctx_from_cm")) {
      ConnectionContext context = new ConnectionContext(vector.words());
      PLAIN.forEach((name, field) -> vector.check(field, name));
      vector.check(ContextFields.SRCPORTNUM, "local_port");
      vector.check(ContextFields.DESTPORTNUM, "remote_port");
      vector.check(ContextFields.SNDSCALE, "snd_wscale");
      vector.check(ContextFields.RCVSCALE, "rcv_wscale");
      vector.check(ContextFields.SNDNXT, "loc_seq_num");
      vector.check(ContextFields.SNDUNA, "loc_seq_num");
      vector.check(ContextFields.SNDMAX, "loc_seq_num");
      vector.check(ContextFields.SNDWL2, "loc_seq_num");
      vector.check(ContextFields.RCVNXT, "rcv_nxt");
      vector.check(ContextFields.SNDWL1, "rcv_nxt");
      vector.check(ContextFields.SNDWND, "snd_wnd");
      vector.check(ContextFields.MAXSNDWND, "max_snd_wnd");
      vector.check(ContextFields.TCPSTATE, "established", ConnectionLoader.STATE_ESTABLISHED);
      vector.check(
          ContextFields.RCVWND,
          "rcv_wnd",
          vector.number("rcv_wnd_wire") << vector.number("rcv_wscale"));
      assertThat(context.local().getAddress()).isEqualTo(address(vector, "local_ip"));
      assertThat(context.remote().getAddress()).isEqualTo(address(vector, "remote_ip"));
      assertIrdIsEnough(vector, "ird", context);
      if (vector.flag("snd_mark_en")) {
        int first = (int) (vector.number("loc_seq_num") + vector.number("lsmm_size"));
        assertThat(context.sendMarkerLag(first)).as("%s", vector).isZero();
      }
      vector.checkNothingElse(allFields().toArray(Field[]::new));
    }
  }

  /** The code that the driver derives stands for at least what was asked, up to 128. */
  private static void assertIrdIsEnough(Vector vector, String name, ConnectionContext context) {
    long asked = vector.number(name);
    Integer ird = Objects.requireNonNull(context.ird());
    if (asked <= 128) {
      assertThat(ird.longValue()).as("%s", vector).isGreaterThanOrEqualTo(asked);
    }
  }

  private static InetAddress address(Vector vector, String name) throws Exception {
    if (vector.has(name)) {
      return InetAddress.getByName(vector.text(name));
    }
    int[] words = vector.addressWords(name + "_words");
    return ConnectionContext.address(words[0], words[1], words[2], words[3], false);
  }
}
