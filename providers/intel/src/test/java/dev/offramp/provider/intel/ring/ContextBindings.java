package dev.offramp.provider.intel.ring;

import dev.offramp.provider.intel.layout.CqpContext;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.IwarpContext;
import dev.offramp.provider.intel.layout.MpaFrameHeader;
import dev.offramp.provider.intel.layout.QpContext;
import dev.offramp.provider.intel.layout.QueueContext;
import dev.offramp.provider.intel.layout.TcpContext;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/** The contexts of QPs and of the control queue, and the frame of MPA start-up. */
final class ContextBindings {
  private static final int NO_VLAN_FROM = 4096;

  private ContextBindings() {}

  static void addTo(Map<String, VectorBindings.Binding> all) {
    all.put("qp_ctx", Bytes.written(ContextBindings::qpContext));
    all.put("qp_ctx_from_cm", Bytes.written(ContextBindings::qpContextOfConnection));
    all.put("cqp_host_ctx", ContextBindings::cqpContext);
    all.put("mpa_frame_header", Bytes.written(ContextBindings::mpaFrame));
  }

  private static QueueContext queues(Vector v) {
    QueueContext queues = new QueueContext();
    queues.rqWqeSizeCode = v.u32("rq_wqe_size_code");
    queues.receiveTph = v.flag("rcv_tph_en");
    queues.transmitTph = v.flag("xmit_tph_en");
    queues.rqTph = v.flag("rq_tph_en");
    queues.sqTph = v.flag("sq_tph_en");
    queues.pushPage = v.has("push_idx") ? v.u32("push_idx") : -1;
    queues.sqAddress = v.u64("sq_pa");
    queues.rqAddress = v.u64("rq_pa");
    queues.rqSizeCode = v.u32("hw_rq_size_code");
    queues.sqSizeCode = v.u32("hw_sq_size_code");
    queues.sqTphValue = v.u32("sq_tph_val");
    queues.rqTphValue = v.u32("rq_tph_val");
    queues.queueSetHandle = v.u32("qs_handle");
    queues.exceptionLanQueue = v.u32("exception_lan_queue");
    queues.q2Address = v.u64("q2_pa");
    queues.completionContext = v.u64("qp_compl_ctx");
    queues.sendCqId = v.u32("send_cq_num");
    queues.receiveCqId = v.u32("rcv_cq_num");
    return queues;
  }

  private static void qpContext(Vector v, MemorySegment memory) {
    QueueContext queues = queues(v);
    queues.remoteEndpointIndex = v.u32("rem_endpoint_idx");
    queues.statsIndex = v.u32("stats_idx");
    queues.statsIndexValid = v.flag("stats_idx_valid");
    queues.sourceMacIndex = v.has("qp_src_mac_addr_idx") ? v.u32("qp_src_mac_addr_idx") : 0;
    QpContext.write(
        v.generation(),
        memory,
        0,
        queues,
        tcp(v),
        iwarp(v),
        v.flag("tcp_info_valid"),
        v.flag("iwarp_info_valid"));
  }

  private static TcpContext tcp(Vector v) {
    TcpContext tcp = new TcpContext();
    tcp.ipv4 = v.flag("ipv4");
    tcp.noNagle = v.flag("no_nagle");
    tcp.insertVlanTag = v.flag("insert_vlan_tag");
    tcp.timestamp = v.flag("time_stamp");
    tcp.dropOutOfOrder = v.flag("drop_ooo_seg");
    tcp.avoidStretchAck = v.flag("avoid_stretch_ack");
    tcp.windowScaling = v.flag("wscale");
    tcp.ignoreOptions = v.flag("ignore_tcp_opt");
    tcp.ignoreUnsupportedOptions = v.flag("ignore_tcp_uns_opt");
    tcp.cwndIncreaseLimit = v.u32("cwnd_inc_limit");
    tcp.dupAckThreshold = v.u32("dup_ack_thresh");
    tcp.ttl = v.u32("ttl");
    tcp.sourceMacIndex = v.u32("src_mac_addr_idx");
    tcp.tos = v.u32("tos");
    tcp.localPort = v.u32("src_port");
    tcp.remotePort = v.u32("dst_port");
    copy(v.words("dest_ip_words"), tcp.remoteAddress);
    copy(v.words("local_ip_words"), tcp.localAddress);
    tcp.sendMss = v.u32("snd_mss");
    tcp.synRstHandling = v.u32("syn_rst_handling");
    tcp.vlanTag = v.u32("vlan_tag");
    tcp.arpIndex = v.u32("arp_idx");
    tcp.flowLabel = v.u32("flow_label");
    tcp.tcpState = v.u32("tcp_state");
    tcp.sendScale = v.u32("snd_wscale");
    tcp.receiveScale = v.u32("rcv_wscale");
    tcp.timestampRecent = v.u32("time_stamp_recent");
    tcp.timestampAge = v.u32("time_stamp_age");
    tcp.sndNxt = v.u32("snd_nxt");
    tcp.sndWnd = v.u32("snd_wnd");
    tcp.rcvNxt = v.u32("rcv_nxt");
    tcp.rcvWnd = v.u32("rcv_wnd");
    tcp.sndMax = v.u32("snd_max");
    tcp.sndUna = v.u32("snd_una");
    tcp.srtt = v.u32("srtt");
    tcp.rttvar = v.u32("rtt_var");
    tcp.ssthresh = v.u32("ss_thresh");
    tcp.cwnd = v.u32("cwnd");
    tcp.sndWl1 = v.u32("snd_wl1");
    tcp.sndWl2 = v.u32("snd_wl2");
    tcp.maxSndWnd = v.u32("max_snd_window");
    tcp.retransmitThreshold = v.u32("rexmit_thresh");
    return tcp;
  }

  private static IwarpContext iwarp(Vector v) {
    IwarpContext iwarp = new IwarpContext();
    iwarp.receiveMarkerOffset = v.u32("rcv_mark_offset");
    iwarp.sendMarkerOffset = v.u32("snd_mark_offset");
    iwarp.ddpVersion = v.u32("ddp_ver");
    iwarp.rdmapVersion = v.u32("rdmap_ver");
    iwarp.errorRqIndex = v.u32("err_rq_idx");
    iwarp.pdId = v.u32("pd_id");
    iwarp.ord = v.u32("ord_size");
    iwarp.ird = v.u32("ird_size");
    iwarp.ibrdEnabled = v.flag("ib_rd_en");
    iwarp.alignHeaders = v.flag("align_hdrs");
    iwarp.noMpaCrcCheck = v.flag("rcv_no_mpa_crc");
    iwarp.errorRqIndexValid = v.flag("err_rq_idx_valid");
    iwarp.sendMarkers = v.flag("snd_mark_en");
    iwarp.receiveMarkers = v.flag("rcv_mark_en");
    iwarp.writeReadResponseEnabled = v.flag("wr_rdresp_en");
    iwarp.bindEnabled = v.flag("bind_en");
    iwarp.fastRegisterEnabled = v.flag("fast_reg_en");
    iwarp.privileged = v.flag("priv_mode_en");
    iwarp.readEnabled = v.flag("rd_en");
    iwarp.timely = v.flag("timely_en");
    iwarp.ecn = v.flag("ecn_en");
    iwarp.dctcp = v.flag("dctcp_en");
    iwarp.timelyHigh = v.u32("t_high");
    iwarp.timelyLow = v.u32("t_low");
    iwarp.lastByteSent = v.u32("last_byte_sent");
    iwarp.sourceMac = v.mac("mac_addr");
    iwarp.rtoMin = v.u32("rtomin");
    return iwarp;
  }

  /** What becomes of a connection of which no more is known than the vendor's software knows. */
  private static void qpContextOfConnection(Vector v, MemorySegment memory) {
    TcpContext tcp = new TcpContext();
    tcp.ipv4 = v.flag("ipv4");
    if (tcp.ipv4) {
      tcp.localAddress[3] = v.ipv4("local_ip");
      tcp.remoteAddress[3] = v.ipv4("remote_ip");
    } else {
      copy(v.words("local_ip_words"), tcp.localAddress);
      copy(v.words("remote_ip_words"), tcp.remoteAddress);
    }
    tcp.localPort = v.u32("local_port");
    tcp.remotePort = v.u32("remote_port");
    tcp.dropOutOfOrder = !v.flag("iw_ooo");
    tcp.sourceMacIndex = v.u32("mac_table_idx");
    tcp.arpIndex = v.u32("arp_idx");
    tcp.sendScale = v.u32("snd_wscale");
    tcp.receiveScale = v.u32("rcv_wscale");
    tcp.sendMss = v.u32("mss");
    tcp.sndWnd = v.u32("snd_wnd");
    tcp.maxSndWnd = v.u32("max_snd_wnd");
    tcp.rcvWnd = v.u32("rcv_wnd_wire") << tcp.receiveScale;
    tcp.tos = v.u32("tos");
    if (v.u32("vlan_id") < NO_VLAN_FROM) {
      tcp.vlan(v.u32("user_pri"), v.u32("vlan_id"));
    }
    tcp.establish(v.u32("loc_seq_num"), v.u32("rcv_nxt"));
    IwarpContext iwarp = new IwarpContext();
    iwarp.pdId = v.u32("pd_id");
    iwarp.ord = v.u32("ord");
    iwarp.ird = v.u32("ird");
    iwarp.establish(
        v.u32("loc_seq_num"), v.u32("lsmm_size"), v.flag("snd_mark_en"), v.flag("rcv_mark_en"));
    QpContext.write(v.generation(), memory, 0, queues(v), tcp, iwarp, true, true);
  }

  private static void copy(int[] from, int[] to) {
    System.arraycopy(from, 0, to, 0, from.length);
  }

  private static String cqpContext(Vector v) {
    CqpContext.Settings settings = new CqpContext.Settings();
    settings.entries = v.u32("sq_size");
    settings.queueAddress = v.u64("sq_pa");
    settings.structVersion = v.u32("struct_ver");
    settings.majorVersion = v.u32("hw_maj_ver");
    settings.minorVersion = v.u32("hw_min_ver");
    settings.hmcProfile = v.u32("hmc_profile");
    settings.vfs = v.u32("ena_vf_count");
    settings.ceqsPerVf = v.u32("ceqs_per_vf");
    settings.disablePacked = v.flag("disable_packed");
    settings.rtoPolicy = v.flag("rocev2_rto_policy");
    settings.protocol = v.u32("protocol_used");
    settings.context = v.u64("cqp_context");
    settings.congestionControlGiven = v.flag("cc_cfg_valid");
    settings.minDecreaseFactor = v.u32("min_dec_factor");
    settings.minRate = v.u32("min_rate");
    settings.dcqcnF = v.u32("dcqcn_f");
    settings.raiFactor = v.u32("rai_factor");
    settings.haiFactor = v.u32("hai_factor");
    settings.dcqcnT = v.u32("dcqcn_t");
    settings.dcqcnB = v.u32("dcqcn_b");
    settings.reducePeriod = v.u32("rreduce_mperiod");
    Generation generation = v.generation();
    MemorySegment memory = Bytes.zeroed(CqpContext.BYTES);
    CqpContext.write(generation, memory, 0, settings);
    RegisterLog window = new RegisterLog();
    CqpContext.create(generation, window, v.u64("host_ctx_pa"));
    List<RegisterLog.Write> wanted =
        v.list("reg_writes").stream()
            .map(Vector::child)
            .map(write -> new RegisterLog.Write(write.u64("offset"), write.u32("value")))
            .toList();
    return Bytes.compare(memory, v)
        + (window.writes.equals(wanted) ? "" : window.writes + " instead of " + wanted);
  }

  private static void mpaFrame(Vector v, MemorySegment memory) {
    boolean reply = v.text("key").equals("reply");
    boolean noDepths = v.flag("no_ird_ord");
    int indication =
        switch (v.text("rtr")) {
          case "write0" -> MpaFrameHeader.WRITE_OF_NOTHING;
          case "read0" -> MpaFrameHeader.READ_OF_NOTHING;
          default -> 0;
        };
    int length =
        MpaFrameHeader.write(
            memory,
            0,
            reply,
            v.u32("revision"),
            v.flag("iw_ooo"),
            v.u32("private_data_len"),
            noDepths ? MpaFrameHeader.NO_DEPTH : v.u32("ird"),
            noDepths ? MpaFrameHeader.NO_DEPTH : v.u32("ord"),
            reply ? indication : MpaFrameHeader.WRITE_OF_NOTHING | MpaFrameHeader.READ_OF_NOTHING);
    if (length != v.outBytes()) {
      throw new IllegalStateException("header of " + length + " bytes");
    }
  }
}
