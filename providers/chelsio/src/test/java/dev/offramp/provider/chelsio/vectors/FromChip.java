package dev.offramp.provider.chelsio.vectors;

import static java.util.Map.entry;

import dev.offramp.provider.chelsio.wire.CplAbortRss;
import dev.offramp.provider.chelsio.wire.CplActOpenRpl;
import dev.offramp.provider.chelsio.wire.CplCloseConRpl;
import dev.offramp.provider.chelsio.wire.CplEstablish;
import dev.offramp.provider.chelsio.wire.CplFw4Ack;
import dev.offramp.provider.chelsio.wire.CplFw6Msg;
import dev.offramp.provider.chelsio.wire.CplGetTcbRpl;
import dev.offramp.provider.chelsio.wire.CplMessage;
import dev.offramp.provider.chelsio.wire.CplPeerClose;
import dev.offramp.provider.chelsio.wire.CplRdmaTerminate;
import dev.offramp.provider.chelsio.wire.CplRxData;
import dev.offramp.provider.chelsio.wire.CplSetTcbRpl;
import dev.offramp.provider.chelsio.wire.Cqe;
import dev.offramp.provider.chelsio.wire.RssHeader;
import dev.offramp.provider.chelsio.wire.TcbField;
import dev.offramp.provider.chelsio.wire.TcpOpt;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Map;

/** Structures that the chip writes and the driver decodes. */
final class FromChip {
  private static final int CPL_ABORT_RPL_RSS = 0x2D;
  private static final int CPL_PASS_ESTABLISH = 0x41;

  private FromChip() {}

  static Map<String, Binding> bindings() {
    return Map.ofEntries(
        entry("cpl_fw4_ack", Binding.decodes(FromChip::fw4Ack)),
        entry("cpl_fw6_msg_wr_rpl", Binding.decodes(FromChip::wrReply)),
        entry("cpl_fw6_msg_ofld_connection_wr_rpl", Binding.decodes(FromChip::connectionReply)),
        entry("cpl_fw6_msg_cqe", Binding.decodes(FromChip::errorCompletion)),
        entry(
            "cpl_act_establish",
            Binding.decodes((d, s) -> establish(d, s, new CplEstablish().expectedOpcode()))),
        entry("cpl_pass_establish", Binding.decodes((d, s) -> establish(d, s, CPL_PASS_ESTABLISH))),
        entry("cpl_act_open_rpl", Binding.decodes(FromChip::actOpenRpl)),
        entry("cpl_abort_req_rss", Binding.decodes(FromChip::abortReq)),
        entry("cpl_abort_req_rss6", Binding.decodes(FromChip::abortReq)),
        entry("cpl_abort_rpl_rss", Binding.decodes((d, s) -> abort(d, s, CPL_ABORT_RPL_RSS))),
        entry("cpl_abort_rpl_rss6", Binding.decodes((d, s) -> abort(d, s, CPL_ABORT_RPL_RSS))),
        entry("cpl_peer_close", Binding.decodes(FromChip::peerClose)),
        entry("cpl_close_con_rpl", Binding.decodes(FromChip::closeConRpl)),
        entry("cpl_set_tcb_rpl", Binding.decodes(FromChip::setTcbRpl)),
        entry("cpl_rdma_terminate", Binding.decodes(FromChip::rdmaTerminate)),
        entry("cpl_rx_data", Binding.decodes(FromChip::rxData)),
        entry("rss_header", Binding.decodes(FromChip::rssHeader)),
        entry("cpl_get_tcb_rpl", Binding.decodes(FromChip::getTcbRpl)),
        entry("t4_cqe", Binding.decodes(FromChip::cqe)));
  }

  private static <M extends CplMessage> M message(
      M message, Decoded d, MemorySegment segment, int opcode) {
    message.at(segment, 0);
    if (message.opcode() != opcode) {
      d.differ("opcode: expected [%#x], decoded [%#x]".formatted(opcode, message.opcode()));
    }
    d.raw(opcode, 0, 1);
    return message;
  }

  private static <M extends CplMessage> M ofConnection(
      M message, Decoded d, MemorySegment segment, int opcode) {
    message(message, d, segment, opcode);
    d.field("tid", message.tid(), 1, 3);
    return message;
  }

  private static <M extends CplMessage> M ofConnection(M message, Decoded d, MemorySegment s) {
    return ofConnection(message, d, s, message.expectedOpcode());
  }

  private static void fw4Ack(Decoded d, MemorySegment segment) {
    CplFw4Ack ack = ofConnection(new CplFw4Ack(), d, segment);
    d.field("credits", ack.credits(), 4, 1)
        .field("flags", ack.flags(), 7, 1)
        .field("snd_nxt", Integer.toUnsignedLong(ack.sndNxt()), 8, 4)
        .field("snd_una", Integer.toUnsignedLong(ack.sndUna()), 12, 4);
    if (ack.isSequenceValid() != ((ack.flags() & 1) != 0)
        || ack.isFlowc() != ((ack.flags() & 4) != 0)) {
      d.differ("flags");
    }
  }

  private static CplFw6Msg fw6(Decoded d, MemorySegment segment, int type) {
    CplFw6Msg message = message(new CplFw6Msg(), d, segment, 0xE0);
    if (message.type() != type) {
      d.differ("type: expected [%d], decoded [%d]".formatted(type, message.type()));
    }
    d.raw(message.type(), 1, 1);
    return message;
  }

  private static void wrReply(Decoded d, MemorySegment segment) {
    CplFw6Msg message = fw6(d, segment, CplFw6Msg.TYPE_WR_RPL);
    d.bits("retval", message.wrResult(), 8, 8, 8)
        .little("cookie_host_le", message.wrCookie(), 16, 8);
  }

  private static void connectionReply(Decoded d, MemorySegment segment) {
    CplFw6Msg message = fw6(d, segment, CplFw6Msg.TYPE_OFLD_CONNECTION_WR_RPL);
    d.little("cookie_host_le", message.connectionCookie(), 8, 8)
        .field("tid", message.connectionTid(), 16, 4)
        .field("t_state", message.connectionState(), 20, 1)
        .field("retval", message.connectionRetval(), 21, 1);
  }

  private static void errorCompletion(Decoded d, MemorySegment segment) {
    fw6(d, segment, CplFw6Msg.TYPE_CQE);
    Cqe cqe = new Cqe().at(segment, CplFw6Msg.CQE_OFFSET);
    cqeHeader(d, cqe, CplFw6Msg.CQE_OFFSET);
  }

  private static void cqeHeader(Decoded d, Cqe cqe, int at) {
    d.bits("qpid", cqe.qpid(), at, 4, 12)
        .bits("status", cqe.status(), at, 4, 5)
        .bits("type", cqe.isSendQueue() ? 1 : 0, at, 4, 4)
        .bits("opcode", cqe.opcode(), at, 4, 0)
        .field("len", Integer.toUnsignedLong(cqe.length()), at + 4, 4);
  }

  private static void establish(Decoded d, MemorySegment segment, int opcode) {
    CplEstablish up = ofConnection(new CplEstablish(), d, segment, opcode);
    int opt = up.tcpOpt();
    String id = opcode == CPL_PASS_ESTABLISH ? "stid" : "atid";
    d.bits("tos", up.tos(), 8, 4, 24)
        .bits(id, up.openId(), 8, 4, 0)
        .field("mac_idx", up.macIdx(), 12, 2)
        .bits("mss_idx", TcpOpt.MSS.from(opt), 14, 2, 12)
        .bits("snd_wscale", TcpOpt.SND_WSCALE.from(opt), 14, 2, 8)
        .bits("tstamp", TcpOpt.TSTAMP.from(opt), 14, 2, 7)
        .bits("sack", TcpOpt.SACK.from(opt), 14, 2, 6)
        .bits("wscale_ok", TcpOpt.WSCALE_OK.from(opt), 14, 2, 5)
        .field("snd_isn", Integer.toUnsignedLong(up.sndIsn()), 16, 4)
        .field("rcv_isn", Integer.toUnsignedLong(up.rcvIsn()), 20, 4);
  }

  private static void actOpenRpl(Decoded d, MemorySegment segment) {
    CplActOpenRpl reply = ofConnection(new CplActOpenRpl(), d, segment);
    d.bits("atid", reply.atid(), 4, 4, 8).bits("status", reply.status(), 4, 4, 0);
  }

  private static void abortReq(Decoded d, MemorySegment segment) {
    abort(d, segment, new CplAbortRss().expectedOpcode());
  }

  private static void abort(Decoded d, MemorySegment segment, int opcode) {
    CplAbortRss message = ofConnection(new CplAbortRss(), d, segment, opcode);
    d.bits("srqidx", message.srqIdx(), 4, 4, 8).bits("status", message.status(), 4, 4, 0);
  }

  private static void peerClose(Decoded d, MemorySegment segment) {
    CplPeerClose message = ofConnection(new CplPeerClose(), d, segment);
    d.field("rcv_nxt", Integer.toUnsignedLong(message.rcvNxt()), 4, 4);
  }

  private static void closeConRpl(Decoded d, MemorySegment segment) {
    CplCloseConRpl message = ofConnection(new CplCloseConRpl(), d, segment);
    d.field("status", message.status(), 7, 1)
        .field("snd_nxt", Integer.toUnsignedLong(message.sndNxt()), 8, 4)
        .field("rcv_nxt", Integer.toUnsignedLong(message.rcvNxt()), 12, 4);
  }

  private static void setTcbRpl(Decoded d, MemorySegment segment) {
    CplSetTcbRpl message = ofConnection(new CplSetTcbRpl(), d, segment);
    d.field("cookie", message.cookie(), 6, 1)
        .field("status", message.status(), 7, 1)
        .field("oldval", message.oldVal(), 8, 8);
  }

  private static void rdmaTerminate(Decoded d, MemorySegment segment) {
    CplRdmaTerminate message = ofConnection(new CplRdmaTerminate(), d, segment);
    d.field("len", message.length(), 6, 2);
  }

  private static void rxData(Decoded d, MemorySegment segment) {
    CplRxData message = ofConnection(new CplRxData(), d, segment);
    d.field("len", message.length(), 6, 2)
        .field("seq", Integer.toUnsignedLong(message.sequence()), 8, 4)
        .field("urg", message.urgent(), 12, 2)
        .bits("dack_mode", message.dackMode(), 14, 1, 0)
        .bits("psh", message.push() ? 1 : 0, 14, 1, 2)
        .bits("heartbeat", message.heartbeat() ? 1 : 0, 14, 1, 3)
        .bits("ddp_off", message.ddpOff() ? 1 : 0, 14, 1, 4)
        .field("status", message.status(), 15, 1);
  }

  private static void rssHeader(Decoded d, MemorySegment segment) {
    RssHeader header = new RssHeader().at(segment, 0);
    d.field("opcode", header.opcode(), 0, 1)
        .bits("channel", header.channel(), 1, 1, 0)
        .bits("filter_hit", header.filterHit() ? 1 : 0, 1, 1, 2)
        .bits("filter_tid", header.filterTid() ? 1 : 0, 1, 1, 3)
        .bits("hash_type", header.hashType(), 1, 1, 4)
        .bits("ipv6", header.ipv6() ? 1 : 0, 1, 1, 6)
        .bits("send2fw", header.send2fw() ? 1 : 0, 1, 1, 7)
        .field("qid", header.qid(), 2, 2)
        .field("hash_val", Integer.toUnsignedLong(header.hashVal()), 4, 4);
  }

  private static void getTcbRpl(Decoded d, MemorySegment segment) {
    CplGetTcbRpl reply = ofConnection(new CplGetTcbRpl(), d, segment);
    d.field("cookie", reply.cookie(), 4, 1)
        .field("status", reply.status(), 5, 1)
        .raw(reply.length(), 6, 2);
    Input tcb = d.in().part("tcb");
    d.ignore("tcb");
    BigInteger image = BigInteger.ZERO;
    for (TcbField field : TcbField.values()) {
      long value = reply.field(field);
      if (tcb.has(field.name()) && tcb.number(field.name()) != value) {
        d.differ(
            "%s: expected [%#x], decoded [%#x]".formatted(field, tcb.number(field.name()), value));
      }
      BigInteger unsigned = new BigInteger(Long.toUnsignedString(value));
      image = image.or(unsigned.shiftLeft(field.lowBit()));
    }
    for (String name : tcb.names()) {
      TcbField.valueOf(name);
    }
    for (int word = 0; word < 128 / Long.BYTES; word++) {
      int at = 8 + 128 - Long.BYTES * (word + 1);
      d.raw(image.shiftRight(Long.SIZE * word).longValue(), at, Long.BYTES);
    }
  }

  private static void cqe(Decoded d, MemorySegment segment) {
    Cqe cqe = new Cqe().at(segment, 0);
    cqeHeader(d, cqe, 0);
    d.bits("swcqe", cqe.isSoftware() ? 1 : 0, 0, 4, 11)
        .bits("drain", cqe.isDrain() ? 1 : 0, 0, 4, 10)
        .bits("gen", cqe.generation() ? 1 : 0, 56, 8, 63)
        .bits("overflow", cqe.overflow() ? 1 : 0, 56, 8, 62)
        .bits("iq_type", cqe.iqType(), 56, 8, 60);
    d.bits("timestamp", cqe.timestamp(), 56, 8, 0);
    if (d.in().has("drain_cookie_host_le")) {
      d.little("drain_cookie_host_le", cqe.drainCookie(), 8, 8);
    } else if (cqe.isSendQueue()) {
      d.field("fr_stag", Integer.toUnsignedLong(cqe.stag()), 8, 4)
          .little("sq_wrid_host_le", cqe.sqIndex(), 14, 2);
    } else {
      d.field("inv_stag", Integer.toUnsignedLong(cqe.stag()), 8, 4)
          .field("msn", Integer.toUnsignedLong(cqe.msn()), 12, 4)
          .field("imm_data", Integer.toUnsignedLong(cqe.immediate()), 16, 4)
          .field("abs_rqe_idx", Integer.toUnsignedLong(cqe.absRqeIdx()), 20, 4);
    }
  }
}
