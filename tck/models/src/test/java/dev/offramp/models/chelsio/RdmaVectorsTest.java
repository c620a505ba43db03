package dev.offramp.models.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** RDMA work requests, queues, completions and STags against what Linux's drivers write. */
final class RdmaVectorsTest {
  private static void checkData(RiWork.Data data, long length, Vector v) {
    MemorySegment inline = data.inline();
    if (v.has("inline_data")) {
      assertThat(Objects.requireNonNull(inline).toArray(ValueLayout.JAVA_BYTE))
          .isEqualTo(v.bytes("inline_data"));
    } else if (v.sges("sge").isEmpty()) {
      // The driver writes "nothing" as empty immediate data.
      assertThat(Objects.requireNonNull(inline).byteSize()).isZero();
    } else {
      assertThat(inline).isNull();
      assertThat(data.pieces()).isEqualTo(v.sges("sge"));
    }
    assertThat(length).isEqualTo(data.length());
  }

  private static int flags(Vector v) {
    return (v.flag("signaled") ? RiWork.COMPLETION_FLAG : 0)
        | (v.flag("solicited") ? RiWork.SOLICITED_FLAG : 0)
        | (v.has("fence") && v.flag("fence") ? RiWork.READ_FENCE_FLAG : 0);
  }

  @Test
  void write() throws Exception {
    Vector.forEach(
        "fw_ri_rdma_write_wr",
        "chelsio.fw_ri_rdma_write_wr",
        v -> {
          RiWork.Write write = (RiWork.Write) RiWork.decode(v.segment());
          assertThat(write.wrid()).isEqualTo(Vector.echoed16(v.number("wrid")));
          assertThat(write.flags() & ~RiWork.IMMEDIATE_FLAG & ~RiWork.READ_FENCE_FLAG)
              .isEqualTo(flags(v) & ~RiWork.READ_FENCE_FLAG);
          assertThat(write.stag()).isEqualTo(v.integer("remote_stag"));
          assertThat(write.to()).isEqualTo(v.number("remote_to"));
          if (v.has("imm_data")) {
            assertThat(write.immediate()).isEqualTo(v.integer("imm_data"));
          }
          checkData(write.data(), write.length(), v);
        });
  }

  @Test
  void send() throws Exception {
    Vector.forEach(
        "fw_ri_send_wr",
        "chelsio.fw_ri_send_wr",
        v -> {
          RiWork.Send send = (RiWork.Send) RiWork.decode(v.segment());
          assertThat(send.wrid()).isEqualTo(Vector.echoed16(v.number("wrid")));
          assertThat(send.flags()).isEqualTo(flags(v));
          boolean invalidates = v.has("invalidate_stag");
          assertThat(send.sendOp())
              .isEqualTo(Cqe.SEND + (invalidates ? 1 : 0) + (v.flag("solicited") ? 2 : 0));
          assertThat(send.invalidate()).isEqualTo(invalidates ? v.integer("invalidate_stag") : 0);
          checkData(send.data(), send.length(), v);
        });
  }

  @Test
  void read() throws Exception {
    Vector.forEach(
        "fw_ri_rdma_read_wr",
        "chelsio.fw_ri_rdma_read_wr",
        v -> {
          RiWork.Read read = (RiWork.Read) RiWork.decode(v.segment());
          assertThat(read.wrid()).isEqualTo(Vector.echoed16(v.number("wrid")));
          // Linux asks for no completion of a READ, signaled or not: there always is one.
          assertThat(read.flags())
              .isEqualTo(v.flag("read_invalidate") ? RiWork.READ_INVALIDATE_FLAG : 0);
          List<RiWork.Sge> sges = v.sges("sge");
          if (sges.isEmpty() || sges.getFirst().length() == 0) {
            assertThat(read.length()).isZero();
            assertThat(read.sinkStag()).isEqualTo(2);
            assertThat(read.sourceStag()).isEqualTo(2);
          } else {
            RiWork.Sge sink = sges.getFirst();
            assertThat(read.sinkStag()).isEqualTo(sink.stag());
            assertThat(read.sinkTo()).isEqualTo(sink.to());
            assertThat(read.length()).isEqualTo(sink.length());
            assertThat(read.sourceStag()).isEqualTo(v.integer("remote_stag"));
            assertThat(read.sourceTo()).isEqualTo(v.number("remote_to"));
          }
        });
  }

  @Test
  void receive() throws Exception {
    Vector.forEach(
        "fw_ri_recv_wr",
        "chelsio.fw_ri_recv_wr",
        v ->
            assertThat(RiWork.decode(v.segment()))
                .isEqualTo(new RiWork.Receive(Vector.echoed16(v.number("wrid")), v.sges("sge"))));
  }

  @Test
  void invalidate() throws Exception {
    Vector.forEach(
        "fw_ri_inv_lstag_wr",
        "chelsio.fw_ri_inv_lstag_wr",
        v -> {
          int fence = v.flag("fence") ? RiWork.LOCAL_FENCE_FLAG : 0;
          RiWork.LocalInvalidate invalidate = (RiWork.LocalInvalidate) RiWork.decode(v.segment());
          assertThat(invalidate.stag()).isEqualTo(v.integer("stag"));
          assertThat(invalidate.wrid()).isEqualTo(Vector.echoed16(v.number("wrid")));
          assertThat(invalidate.flags() & ~RiWork.READ_FENCE_FLAG & ~fence)
              .isEqualTo(v.flag("signaled") ? RiWork.COMPLETION_FLAG : 0);
        });
  }

  @Test
  void writeAndSend() throws Exception {
    Vector.forEach(
        "fw_ri_rdma_write_cmpl_wr",
        "chelsio.fw_ri_rdma_write_cmpl_wr",
        v -> {
          RiWork.WriteAndSend both = (RiWork.WriteAndSend) RiWork.decode(v.segment());
          assertThat(both.write().wrid()).isEqualTo(Vector.echoed16(v.number("write_wrid")));
          assertThat(both.send().wrid()).isEqualTo(Vector.echoed16(v.number("send_wrid")));
          assertThat(both.write().flags() & RiWork.COMPLETION_FLAG)
              .isEqualTo(v.integer("write_signaled"));
          assertThat(both.send().flags() & RiWork.COMPLETION_FLAG)
              .isEqualTo(v.integer("send_signaled"));
          assertThat(both.write().stag()).isEqualTo(v.integer("remote_stag"));
          assertThat(both.write().to()).isEqualTo(v.number("remote_to"));
          assertThat(both.write().data().pieces()).isEqualTo(v.sges("sge"));
          assertThat(both.write().length()).isEqualTo(both.write().data().length());
          assertThat(both.send().invalidate())
              .isEqualTo(v.has("invalidate_stag") ? v.integer("invalidate_stag") : 0);
          if (v.has("send_inline")) {
            assertThat(
                    Objects.requireNonNull(both.send().data().inline())
                        .toArray(ValueLayout.JAVA_BYTE))
                .isEqualTo(v.bytes("send_inline"));
          } else {
            assertThat(both.send().data().pieces())
                .containsExactly(Vector.sge(v.value("send_sge")));
          }
        });
  }

  @Test
  void fastRegistration() throws Exception {
    Vector.forEach(
        "fw_ri_fr_nsmr_wr",
        "chelsio.fw_ri_fr_nsmr_wr",
        v -> {
          RiWork.FastRegister register = (RiWork.FastRegister) RiWork.decode(v.segment());
          assertThat(register.stag()).isEqualTo(v.integer("stag"));
          assertThat(register.length()).isEqualTo(v.number("length"));
          assertThat(register.address()).isEqualTo(v.number("iova"));
          assertThat(4096L << register.pageShift()).isEqualTo(v.number("page_size"));
          assertThat(register.permissions()).isEqualTo(v.integer("tpt_perms"));
          assertThat(pages(register.pages(), v)).isEqualTo(pages(v));
        });
    Vector.forEach(
        "fw_ri_fr_nsmr_wr",
        "chelsio.fw_ri_fr_nsmr_tpte_wr",
        v -> {
          RiWork.FastRegisterEntry register = (RiWork.FastRegisterEntry) RiWork.decode(v.segment());
          TptEntry entry = TptEntry.decode(register.entry());
          assertThat(register.stag()).isEqualTo(v.integer("stag"));
          assertThat(entry.key()).isEqualTo(v.integer("stag") & 0xFF);
          assertThat(entry.length()).isEqualTo(v.number("length"));
          assertThat(entry.address()).isEqualTo(v.number("iova"));
          assertThat(entry.pageBytes()).isEqualTo(v.number("page_size"));
          assertThat(entry.permissions()).isEqualTo(v.integer("tpt_perms"));
          assertThat(entry.domain()).isEqualTo(v.integer("pdid"));
          assertThat(entry.pageList()).isEqualTo(v.number("pbl_offset_bytes"));
          assertThat(pages(register.pages(), v)).isEqualTo(pages(v));
        });
  }

  private static List<Long> pages(Vector v) {
    List<Long> pages = new ArrayList<>();
    for (Object page : (List<?>) v.value("pages")) {
      pages.add(Vector.number(page));
    }
    return pages;
  }

  private static List<Long> pages(MemorySegment from, Vector v) {
    List<Long> pages = new ArrayList<>();
    for (int i = 0; i < pages(v).size(); i++) {
      pages.add(Be.get64(from, 8L * i));
    }
    return pages;
  }

  @Test
  void stagEntry() throws Exception {
    Vector.forEach(
        "tpt_write",
        "chelsio.write_tpt_entry",
        v -> {
          List<UlptxCommand> commands = UlptxCommand.decode(v.segment());
          assertThat(commands).hasSize(1);
          UlptxCommand.MemoryWrite write = (UlptxCommand.MemoryWrite) commands.getFirst();
          long index = v.number("stag") >>> 8;
          assertThat(write.address())
              .isEqualTo((v.number("tpt_base_units32") + index & 0x7FF_FFFFL) * 32);
          assertThat(write.length()).isEqualTo(TptEntry.BYTES);
          TptEntry entry = TptEntry.decode(write.data());
          if (v.flag("reset")) {
            assertThat(entry.valid()).isFalse();
            return;
          }
          assertThat(entry)
              .isEqualTo(
                  new TptEntry(
                      true,
                      v.integer("stag") & 0xFF,
                      v.flag("stag_state"),
                      v.integer("stag_type"),
                      v.integer("pdid"),
                      v.integer("perm"),
                      false,
                      v.flag("zero_based"),
                      v.flag("bind_enabled"),
                      4096L << v.integer("page_size_code"),
                      0,
                      v.flag("has_pbl") ? v.number("pbl_offset_bytes") : 0,
                      v.number("length"),
                      v.number("to")));
        });
  }

  @Test
  void queues() throws Exception {
    Vector.forEach(
        "fw_ri_res_wr",
        "chelsio.fw_ri_res_wr_qp",
        v -> {
          assertThat(WrHeader.decode(v.segment()).cookie()).isEqualTo(v.echoed64("cookie_host_le"));
          List<RiResource> records = RiResource.decode(v.segment());
          RiResource.WorkQueue send = (RiResource.WorkQueue) records.getFirst();
          int status = v.integer("status_entries");
          assertThat(send.send()).isTrue();
          assertThat(send.reset()).isFalse();
          assertThat(send.id()).isEqualTo(v.integer("sq_qid"));
          assertThat(send.onChip()).isEqualTo(v.flag("sq_onchip"));
          assertThat(send.cqId()).isEqualTo(v.integer("send_cqid"));
          assertThat(send.sizeSlots()).isEqualTo(v.integer("sq_entries") * 5 + status);
          assertThat(send.address()).isEqualTo(v.number("sq_dma"));
          assertThat(records).hasSize(v.flag("with_rq") ? 2 : 1);
          if (v.flag("with_rq")) {
            RiResource.WorkQueue receive = (RiResource.WorkQueue) records.get(1);
            assertThat(receive.send()).isFalse();
            assertThat(receive.id()).isEqualTo(v.integer("rq_qid"));
            assertThat(receive.cqId()).isEqualTo(v.integer("recv_cqid"));
            assertThat(receive.sizeSlots()).isEqualTo(v.integer("rq_entries") * 2 + status);
            assertThat(receive.address()).isEqualTo(v.number("rq_dma"));
          }
        });
    Vector.forEach(
        "fw_ri_res_wr",
        "chelsio.fw_ri_res_wr_cq",
        v ->
            assertThat(RiResource.decode(v.segment()))
                .containsExactly(
                    new RiResource.CompletionQueue(
                        false,
                        v.integer("cqid"),
                        true,
                        1,
                        v.integer("async_iq_abs_id"),
                        true,
                        v.integer("cqe_bytes") == 64 ? 2 : 1,
                        v.integer("cq_entries"),
                        v.number("cq_dma"))));
  }

  @Test
  void intoRdmaMode() throws Exception {
    Vector.forEach(
        "fw_ri_wr_init",
        "chelsio.fw_ri_wr_init",
        v -> {
          RiWr.Init init = (RiWr.Init) RiWr.decode(v.segment());
          WrHeader header = WrHeader.decode(v.segment());
          assertThat(header.flowId()).isEqualTo(v.integer("tid"));
          assertThat(header.cookie()).isEqualTo(v.echoed64("cookie_host_le"));
          assertThat(init.initiator()).isEqualTo(v.flag("mpa_initiator"));
          assertThat(init.peerToPeer()).isEqualTo(v.integer("p2p_type"));
          assertThat(init.receiveMarkers()).isEqualTo(v.flag("rx_markers"));
          assertThat(init.sendMarkers()).isEqualTo(v.flag("tx_markers"));
          assertThat(init.crc()).isEqualTo(v.flag("crc"));
          assertThat(init.ietf()).isTrue();
          assertThat((init.capabilities() & RiWr.Init.CAN_STAG0) != 0)
              .isEqualTo(v.flag("kernel_qp"));
          assertThat(init.postedReceives()).isEqualTo(v.integer("nrqe"));
          assertThat(init.domain()).isEqualTo(v.integer("pdid"));
          assertThat(init.queueId()).isEqualTo(v.integer("qpid"));
          assertThat(init.sendQueue()).isEqualTo(v.integer("sq_eqid"));
          if (v.has("srq_idx")) {
            assertThat(init.receiveQueue()).isEqualTo(v.integer("srq_idx") | RiWr.Init.SHARED);
          } else {
            assertThat(init.receiveQueue()).isEqualTo(v.integer("rq_eqid"));
            assertThat(init.receiveTableSize()).isEqualTo(v.integer("hw_rq_size"));
            assertThat(init.receiveTableOffset()).isEqualTo(v.integer("hw_rq_addr_offset"));
          }
          assertThat(init.sendCq()).isEqualTo(v.integer("scqid"));
          assertThat(init.receiveCq()).isEqualTo(v.integer("rcqid"));
          assertThat(init.ordMax()).isEqualTo(v.integer("ord_max"));
          assertThat(init.irdMax()).isEqualTo(v.integer("ird_max"));
          assertThat(init.sendStart()).isEqualTo(v.integer("iss"));
          assertThat(init.receiveStart()).isEqualTo(v.integer("irs"));
          if (init.initiator() && init.peerToPeer() != RiWr.Init.NO_INDICATION) {
            RiWork indication = RiWork.decode(init.indication());
            assertThat(indication)
                .isInstanceOf(init.peerToPeer() == 0 ? RiWork.Write.class : RiWork.Read.class);
          }
        });
  }

  @Test
  void outOfRdmaMode() throws Exception {
    Vector.forEach(
        "fw_ri_wr_fini_term",
        "chelsio.fw_ri_wr_fini",
        v -> {
          assertThat(RiWr.decode(v.segment())).isEqualTo(new RiWr.Fini());
          assertThat(WrHeader.decode(v.segment()).flowId()).isEqualTo(v.integer("tid"));
        });
    Vector.forEach(
        "fw_ri_wr_fini_term",
        "chelsio.fw_ri_wr_terminate",
        v -> {
          MemorySegment message = ((RiWr.Terminate) RiWr.decode(v.segment())).message();
          assertThat(message.byteSize()).isEqualTo(4);
          assertThat(Be.get8(message, 0)).isEqualTo(v.integer("term_layer_etype"));
          assertThat(Be.get8(message, 1)).isEqualTo(v.integer("term_ecode"));
        });
  }

  @Test
  void flowParameters() throws Exception {
    Vector.forEach(
        "fw_flowc_wr",
        "chelsio.fw_flowc_wr",
        v -> {
          List<FlowcWr.Pair> expected = new ArrayList<>();
          for (Object pair : (List<?>) v.value("params")) {
            Map<String, Object> entry = Vector.map(pair);
            expected.add(
                new FlowcWr.Pair(
                    (int) Vector.number(Objects.requireNonNull(entry.get("id"))),
                    (int) Vector.number(Objects.requireNonNull(entry.get("value")))));
          }
          assertThat(FlowcWr.decode(v.segment()).pairs()).isEqualTo(expected);
        });
    Vector.forEach(
        "fw_flowc_wr",
        "chelsio.send_flowc",
        v -> {
          FlowcWr wr = FlowcWr.decode(v.segment());
          assertThat(wr.get(FlowcWr.PFNVFN, 0)).isEqualTo(v.integer("pf") << 8);
          assertThat(wr.get(FlowcWr.CH, -1)).isEqualTo(v.integer("tx_chan"));
          assertThat(wr.get(FlowcWr.PORT, -1)).isEqualTo(v.integer("tx_chan"));
          assertThat(wr.get(FlowcWr.IQID, 0)).isEqualTo(v.integer("rss_qid"));
          assertThat(wr.get(FlowcWr.SNDNXT, 0)).isEqualTo(v.integer("snd_nxt"));
          assertThat(wr.get(FlowcWr.RCVNXT, 0)).isEqualTo(v.integer("rcv_nxt"));
          assertThat(wr.get(FlowcWr.SNDBUF, 0)).isEqualTo(v.integer("snd_buf_bytes"));
          assertThat(wr.get(FlowcWr.MSS, 0)).isEqualTo(v.integer("emss"));
          assertThat(wr.get(FlowcWr.RCV_SCALE, -1)).isEqualTo(v.integer("snd_wscale"));
          assertThat(wr.has(FlowcWr.SCHEDCLASS)).isEqualTo(v.integer("vlan_tci") != 0xFFF);
        });
  }

  @Test
  void streamingData() throws Exception {
    for (String structure : new String[] {"chelsio.send_mpa_req", "chelsio.send_mpa_reply"}) {
      Vector.forEach(
          "mpa_tx_data_wr",
          structure,
          v -> {
            TxDataWr wr = TxDataWr.decode(v.segment());
            assertThat(WrHeader.decode(v.segment()).flowId()).isEqualTo(v.integer("tid"));
            assertThat(wr.shove()).isTrue();
            assertThat(wr.gather()).isEmpty();
            assertThat(wr.immediate().byteSize()).isEqualTo(wr.length());
            byte[] frame = wr.immediate().toArray(ValueLayout.JAVA_BYTE);
            assertThat(new String(frame, 0, 9, java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo("MPA ID Re");
            int enhanced = v.integer("mpa_revision") == 2 ? 4 : 0;
            byte[] data = v.bytes("private_data");
            assertThat(frame).hasSize(20 + enhanced + data.length);
            assertThat(frame).endsWith(data);
          });
    }
  }

  /** The whole ring, through the queue that finds the work request in it and joins its halves. */
  @Test
  void ring() throws Exception {
    Vector.forEach(
        "sq_ring",
        "chelsio.sq_ring_send",
        v -> {
          Bench bench = new Bench(ChelsioChip.T6);
          int slots = v.integer("ring_bytes") / EgressQueue.SLOT_BYTES;
          try (DmaSlab slab = bench.slab(v.integer("ring_bytes") + 64)) {
            EgressQueue queue =
                new EgressQueue(
                    bench.silicon(),
                    EgressQueue.Kind.RDMA_SEND,
                    1024,
                    slab.deviceAddress(),
                    slots + 1,
                    false,
                    512);
            List<RiWork> seen = new ArrayList<>();
            skip(queue, slab, v.integer("start_slot64"));
            MemorySegment.copy(
                MemorySegment.ofArray(v.out()), 0, slab.segment(), 0, v.out().length);
            queue.attach((wr, taken) -> {
              try {
                seen.add(RiWork.decode(wr));
              } catch (MalformedException e) {
                throw new AssertionError(e);
              }
              assertThat((v.integer("start_slot64") + taken) % slots)
                  .isEqualTo(v.integer("next_slot64"));
              return true;
            });
            queue.post(Math.floorMod(v.integer("next_slot64") - v.integer("start_slot64"), slots));
            assertThat(seen).hasSize(1);
            RiWork.Send send = (RiWork.Send) seen.getFirst();
            assertThat(send.wrid()).isEqualTo(Vector.echoed16(v.number("wrid")));
            checkData(send.data(), send.length(), v);
            assertThat(bench.silicon().violations.list()).isEmpty();
          }
        });
  }

  /** Brings the ring to a slot, one empty work request at a time. */
  private static void skip(EgressQueue queue, DmaSlab slab, int slots) {
    queue.attach((wr, taken) -> true);
    for (int i = 0; i < slots; i++) {
      Be.put8(slab.segment(), (long) i * EgressQueue.SLOT_BYTES + 7, 1);
      queue.post(1);
    }
    slab.segment().fill((byte) 0);
  }

  @Test
  void completions() throws Exception {
    Vector.forEach(
        "t4_cqe",
        "chelsio.t4_cqe",
        v -> {
          MemorySegment written = MemorySegment.ofArray(new byte[Cqe.BYTES]);
          boolean send = v.text("type").equals("sq");
          boolean drain = v.has("drain_cookie_host_le");
          int stag = drain ? 0 : v.integer(send ? "fr_stag" : "inv_stag");
          int low =
              drain ? 0 : send ? Vector.echoed16(v.number("sq_wrid_host_le")) : v.integer("msn");
          new Cqe(
                  v.integer("qpid"),
                  send,
                  v.integer("opcode"),
                  v.integer("status"),
                  v.integer("len"),
                  stag,
                  low)
              .encode(written);
          byte[] expected = v.out();
          MemorySegment at = MemorySegment.ofArray(expected);
          // What software writes, and what only a shared queue or immediate data have.
          Be.put32(at, 0, Be.get32(at, 0) & ~(3 << 10));
          at.asSlice(drain ? 8 : 16, drain ? 16 : 8).fill((byte) 0);
          Be.put64(
              written,
              56,
              Cqe.lastFlit(v.flag("gen"), v.flag("overflow"), v.number("timestamp"))
                  | v.number("iq_type") << 60);
          assertThat(written.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(expected);
        });
  }

  @Test
  void doorbells() throws Exception {
    Vector.forEach(
        "doorbell",
        "chelsio.bar2_kdoorbell_sq",
        v -> {
          int value = MemorySegment.ofArray(v.out()).get(ValueLayout.JAVA_INT_UNALIGNED, 0);
          assertThat(value >>> 15).isEqualTo(v.integer("bar2_qid"));
          assertThat(value & 0x1FFF).isEqualTo(v.integer("slots64"));
          assertThat(v.integer("reg_offset") & 4).isZero();
        });
    Vector.forEach(
        "doorbell",
        "chelsio.bar2_gts_arm_cq",
        v -> {
          MemorySegment values = MemorySegment.ofArray(v.out());
          int given = 0;
          for (int i = 0; i < v.integer("writes"); i++) {
            int value = values.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * i);
            assertThat(value >>> 16).isEqualTo(v.integer("bar2_qid"));
            given += value & 0xFFF;
            boolean last = i == v.integer("writes") - 1;
            assertThat(Be.bits(value, 13, 3) == 7).isNotEqualTo(last);
            assertThat(Be.bit(value, 12)).isEqualTo(last && v.flag("solicited_only"));
          }
          assertThat(given).isEqualTo(v.integer("cidx_inc"));
        });
  }
}
