package dev.offramp.models.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** CPL messages: those of the host decoded, those of the chip written, against Linux's. */
final class CplVectorsTest {
  private static CplRequest request(Vector v) throws MalformedException {
    MemorySegment wr = v.segment();
    WrHeader header = WrHeader.decode(wr);
    assertThat(header.opcode()).isEqualTo(WrHeader.FW_TP);
    return CplRequest.decode(wr.asSlice(WrHeader.BYTES, header.low8()), ChelsioChip.T6);
  }

  @Test
  void setTcbField() throws Exception {
    for (String[] from :
        new String[][] {
          {"cpl_set_tcb_field", "chelsio.cpl_set_tcb_field"},
          {"cpl_set_tcb_field_ulp", "chelsio.cpl_set_tcb_field_cookie"}
        }) {
      Vector.forEach(
          from[0],
          from[1],
          v -> {
            int cookie = v.has("cookie") ? v.integer("cookie") : 0;
            assertThat(request(v))
                .isEqualTo(
                    new CplRequest.SetTcbField(
                        v.integer("tid"),
                        v.integer("queue"),
                        !v.flag("no_reply"),
                        v.integer("word"),
                        cookie << 5 | v.integer("word"),
                        v.number("mask"),
                        v.number("val")));
          });
    }
  }

  @Test
  void setTcbFieldInUlptx() throws Exception {
    Vector.forEach(
        "cpl_set_tcb_field_ulp",
        "chelsio.ulp_txpkt_set_tcb_field",
        v -> {
          List<UlptxCommand> commands = UlptxCommand.decodeFrom(v.segment(), 0);
          assertThat(commands).hasSize(1);
          UlptxCommand.Packet packet = (UlptxCommand.Packet) commands.getFirst();
          // The field has one bit; Linux shifts whatever it is given.
          assertThat(packet.channel()).isEqualTo(v.integer("channel") & 1);
          assertThat(packet.functionId()).isEqualTo(v.integer("fid"));
          CplRequest.SetTcbField set =
              (CplRequest.SetTcbField) CplRequest.decode(packet.cpl(), ChelsioChip.T6);
          assertThat(set.tid()).isEqualTo(v.integer("tid"));
          assertThat(set.queue()).isEqualTo(v.integer("queue"));
          assertThat(set.reply()).isEqualTo(v.flag("reply"));
          assertThat(set.word()).isEqualTo(v.integer("word"));
          assertThat(set.mask()).isEqualTo(v.number("mask"));
          assertThat(set.value()).isEqualTo(v.number("val"));
        });
  }

  @Test
  void shortRequests() throws Exception {
    String file = "cpl_to_chip";
    Vector.forEach(
        file,
        "chelsio.cpl_abort_req",
        v ->
            assertThat(request(v))
                .isEqualTo(new CplRequest.AbortReq(v.integer("tid"), v.integer("cmd"))));
    Vector.forEach(
        file,
        "chelsio.cpl_abort_rpl",
        v ->
            assertThat(request(v))
                .isEqualTo(new CplRequest.AbortRpl(v.integer("tid"), v.integer("cmd"))));
    Vector.forEach(
        file,
        "chelsio.cpl_close_con_req",
        v -> assertThat(request(v)).isEqualTo(new CplRequest.CloseConReq(v.integer("tid"))));
    Vector.forEach(
        file,
        "chelsio.cpl_tid_release",
        v -> assertThat(request(v)).isEqualTo(new CplRequest.TidRelease(v.integer("tid"))));
    Vector.forEach(
        file,
        "chelsio.cpl_rx_data_ack",
        v ->
            assertThat(request(v))
                .isEqualTo(
                    new CplRequest.RxDataAck(
                        v.integer("tid"),
                        v.integer("credits"),
                        v.flag("force_ack"),
                        v.integer("dack_mode"),
                        v.flag("dack_change"))));
    Vector.forEach(
        file,
        "chelsio.update_rx_credits",
        v -> {
          int more = Math.max(0, v.integer("rcv_win_bytes") - 1023 * 1024);
          assertThat(request(v))
              .isEqualTo(
                  new CplRequest.RxDataAck(
                      v.integer("tid"),
                      v.integer("credits") + more,
                      true,
                      v.integer("dack_mode"),
                      true));
        });
    Vector.forEach(
        file,
        "chelsio.cpl_get_tcb",
        v -> {
          CplRequest.GetTcb get = (CplRequest.GetTcb) request(v);
          assertThat(get.tid()).isEqualTo(v.integer("tid"));
          assertThat(get.queue()).isEqualTo(v.integer("queue"));
          assertThat(get.reply()).isTrue();
        });
  }

  @Test
  void nextHop() throws Exception {
    Vector.forEach(
        "cpl_l2t_write_req",
        "chelsio.cpl_l2t_write_req",
        v ->
            assertThat(request(v))
                .isEqualTo(
                    new CplRequest.L2tWrite(
                        v.integer("evt_queue"),
                        v.flag("sync"),
                        v.integer("l2t_idx"),
                        v.integer("port"),
                        v.integer("vlan"),
                        v.mac("dst_mac"))));
  }

  // ---- of the chip

  private static void written(String structure, Vector.Check check) throws Exception {
    Vector.forEach("cpl_from_chip", "chelsio." + structure, check);
  }

  @Test
  void firmwareMessages() throws Exception {
    written(
        "cpl_fw4_ack",
        v ->
            assertThat(
                    Cpl.fw4Ack(
                        v.integer("tid"),
                        v.integer("credits"),
                        v.integer("flags"),
                        v.integer("snd_nxt"),
                        v.integer("snd_una")))
                .isEqualTo(v.out()));
    written(
        "cpl_fw6_msg_wr_rpl",
        v ->
            assertThat(Cpl.workRequestReply(v.integer("retval"), v.echoed64("cookie_host_le")))
                .isEqualTo(v.out()));
    written(
        "cpl_fw6_msg_ofld_connection_wr_rpl",
        v ->
            assertThat(
                    Cpl.connectionReply(
                        v.echoed64("cookie_host_le"),
                        v.integer("tid"),
                        v.integer("t_state"),
                        v.integer("retval")))
                .isEqualTo(v.out()));
    written(
        "cpl_fw6_msg_cqe",
        v ->
            assertThat(
                    Cpl.asynchronousCqe(
                        new Cqe(
                            v.integer("qpid"),
                            v.text("type").equals("sq"),
                            v.integer("opcode"),
                            v.integer("status"),
                            v.integer("len"),
                            0,
                            0)))
                .isEqualTo(v.out()));
  }

  @Test
  void replies() throws Exception {
    written(
        "cpl_act_open_rpl",
        v ->
            assertThat(Cpl.actOpenReply(v.integer("tid"), v.integer("atid"), v.integer("status")))
                .isEqualTo(v.out()));
    written(
        "cpl_set_tcb_rpl",
        v ->
            assertThat(
                    Cpl.setTcbReply(
                        v.integer("tid"),
                        v.integer("cookie"),
                        v.integer("status"),
                        v.number("oldval")))
                .isEqualTo(v.out()));
    written(
        "cpl_peer_close",
        v -> assertThat(Cpl.peerClose(v.integer("tid"), v.integer("rcv_nxt"))).isEqualTo(v.out()));
    written(
        "cpl_close_con_rpl",
        v ->
            assertThat(
                    Cpl.closeReply(
                        v.integer("tid"),
                        v.integer("status"),
                        v.integer("snd_nxt"),
                        v.integer("rcv_nxt")))
                .isEqualTo(v.out()));
    written(
        "cpl_abort_req_rss",
        v ->
            assertThat(Cpl.abortRequest(v.integer("tid"), v.integer("status"))).isEqualTo(v.out()));
    // On T6 the index of a shared receive queue stands where the model has none.
    written(
        "cpl_abort_req_rss6",
        v ->
            assertThat(Cpl.abortRequest(v.integer("tid"), v.integer("status")))
                .isEqualTo(withoutIndex(v.out())));
    written(
        "cpl_abort_rpl_rss6",
        v ->
            assertThat(Cpl.abortReply(v.integer("tid"), v.integer("status")))
                .isEqualTo(withoutIndex(v.out())));
  }

  private static byte[] withoutIndex(byte[] message) {
    Arrays.fill(message, 4, 7, (byte) 0);
    return message;
  }

  @Test
  void dataAndTerminate() throws Exception {
    written(
        "cpl_rx_data",
        v -> {
          MemorySegment data = MemorySegment.ofArray(new byte[v.integer("len")]);
          byte[] message = Cpl.receivedData(v.integer("tid"), v.integer("seq"), data);
          assertThat(Arrays.copyOf(message, 12)).isEqualTo(Arrays.copyOf(v.out(), 12));
        });
    written(
        "cpl_rdma_terminate",
        v -> {
          MemorySegment data = MemorySegment.ofArray(new byte[v.integer("len")]);
          assertThat(Arrays.copyOf(Cpl.terminate(v.integer("tid"), data), 8)).isEqualTo(v.out());
        });
  }

  @Test
  void tcbImage() throws Exception {
    written(
        "cpl_get_tcb_rpl",
        v -> {
          Tcb tcb = new Tcb();
          Vector.map(v.value("tcb"))
              .forEach((name, value) -> tcb.set(TcbField.valueOf(name), Vector.number(value)));
          assertThat(
                  Cpl.getTcbReply(v.integer("tid"), v.integer("cookie"), v.integer("status"), tcb))
              .isEqualTo(v.out());
          assertThat(Tcb.of(Arrays.copyOfRange(v.out(), 8, 136))).isEqualTo(tcb);
        });
  }
}
