package dev.offramp.provider.chelsio.vectors;

import static java.util.Map.entry;

import dev.offramp.provider.chelsio.adapter.UserDoorbell;
import dev.offramp.provider.chelsio.wire.FwRiResWr;
import dev.offramp.provider.chelsio.wire.FwRiWr;
import dev.offramp.provider.chelsio.wire.RiWorkRequest;
import dev.offramp.provider.chelsio.wire.TerminateCode;
import dev.offramp.provider.chelsio.wire.UlpMemWrite;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.mockito.Mockito;

/** Structures of RDMA that the driver encodes, and doorbells. */
final class RdmaToChip {
  private static final int BAR2 = 2;

  /** Larger than any request, so that nothing wraps. */
  private static final int PLAIN_BYTES = 384;

  private RdmaToChip() {}

  static Map<String, Binding> bindings() {
    return Map.ofEntries(
        entry("fw_ri_res_wr_qp", Binding.encodes(RdmaToChip::queuePair)),
        entry("fw_ri_res_wr_cq", Binding.encodes(RdmaToChip::completionQueue)),
        entry("fw_ri_wr_init", Binding.encodes(RdmaToChip::init)),
        entry("fw_ri_wr_fini", Binding.encodes(RdmaToChip::fini)),
        entry("fw_ri_wr_terminate", Binding.encodes(RdmaToChip::terminate)),
        entry("fw_ri_rdma_write_wr", plain(RdmaToChip::write)),
        entry("fw_ri_send_wr", plain(RdmaToChip::send)),
        entry("fw_ri_rdma_read_wr", plain(RdmaToChip::read)),
        entry("fw_ri_recv_wr", plain(RdmaToChip::receive)),
        entry("fw_ri_inv_lstag_wr", plain(RdmaToChip::invalidate)),
        entry("sq_ring_send", RdmaToChip::ringSend),
        entry("write_tpt_entry", Binding.encodes(RdmaToChip::tpt)),
        entry("bar2_kdoorbell_sq", RdmaToChip::kernelDoorbell),
        entry("bar2_wc_doorbell", RdmaToChip::combinedDoorbell),
        entry("bar2_gts_arm_cq", RdmaToChip::arm));
  }

  private static long queuePair(Input in, MemorySegment segment, long at) {
    boolean both = in.flag("with_rq");
    int status = in.int32("status_entries");
    FwRiResWr wr =
        new FwRiResWr()
            .begin(segment, at, both ? 3 : 2, in.number("cookie_host_le"))
            .sq(
                in.int32("sq_qid"),
                in.int32("sq_entries") * FwRiResWr.SQ_SLOTS + status,
                in.number("sq_dma"),
                in.int32("send_cqid"),
                in.flag("sq_onchip"));
    if (both) {
      wr.rq(
          in.int32("rq_qid"),
          in.int32("rq_entries") * FwRiResWr.RQ_SLOTS + status,
          in.number("rq_dma"),
          in.int32("recv_cqid"));
    }
    return wr.end();
  }

  private static long completionQueue(Input in, MemorySegment segment, long at) {
    return new FwRiResWr()
        .begin(segment, at, 1, in.number("cookie_host_le"))
        .cq(
            in.int32("cqid"),
            in.int32("cq_entries"),
            in.number("cq_dma"),
            in.int32("async_iq_abs_id"),
            in.int32("cqe_bytes"))
        .end();
  }

  private static long init(Input in, MemorySegment segment, long at) {
    FwRiWr wr =
        new FwRiWr()
            .init(segment, at, in.int32("tid"), in.number("cookie_host_le"))
            .mpa(
                in.flag("mpa_initiator"),
                in.int32("p2p_type"),
                in.flag("rx_markers"),
                in.flag("tx_markers"),
                in.flag("crc"))
            .workQueues(
                in.flag("kernel_qp"),
                in.int32("nrqe"),
                in.int32("pdid"),
                in.int32("qpid"),
                in.int32("sq_eqid"))
            .completionQueues(in.int32("scqid"), in.int32("rcqid"))
            .depths(in.int32("ord_max"), in.int32("ird_max"))
            .start(in.int32("iss"), in.int32("irs"));
    if (in.has("srq_idx")) {
      wr.sharedReceiveQueue(in.int32("srq_idx"));
    } else {
      wr.receiveQueue(in.int32("rq_eqid"), in.int32("hw_rq_size"), in.int32("hw_rq_addr_offset"));
    }
    return FwRiWr.SIZE_BYTES;
  }

  private static long fini(Input in, MemorySegment segment, long at) {
    new FwRiWr().fini(segment, at, in.int32("tid"), in.number("cookie_host_le"));
    return FwRiWr.SIZE_BYTES;
  }

  /** The cause is a completion, or none; layer, type and code follow from it. */
  private static long terminate(Input in, MemorySegment segment, long at) {
    int code =
        in.has("cqe_status")
            ? TerminateCode.vendors(
                in.int32("cqe_status"), in.int32("cqe_opcode"), in.flag("cqe_type"))
            : TerminateCode.WITHOUT_COMPLETION;
    if (code >>> 8 != in.int32("term_layer_etype") || (code & 0xFF) != in.int32("term_ecode")) {
      throw new AssertionError("code [%#06x]".formatted(code));
    }
    new FwRiWr().terminate(segment, at, in.int32("tid"), code >>> 8, code & 0xFF);
    return FwRiWr.SIZE_BYTES;
  }

  @FunctionalInterface
  private interface Request {
    int encode(Input in, RiWorkRequest request);
  }

  private static Binding plain(Request request) {
    return Binding.encodes((in, segment, at) -> {
      MemorySegment ring = MemorySegment.ofArray(new byte[PLAIN_BYTES]);
      ring.fill((byte) 0x5A);
      long size = 16L * request.encode(in, new RiWorkRequest(ring, PLAIN_BYTES));
      MemorySegment.copy(ring, 0, segment, at, size);
      return size;
    });
  }

  /** A Write takes no notice of a fence, in the vendor's driver neither. */
  private static int flags(Input in, int fence) {
    return (in.has("signaled") && in.flag("signaled") ? RiWorkRequest.COMPLETION : 0)
        | (in.has("solicited") && in.flag("solicited") ? RiWorkRequest.SOLICITED_EVENT : 0)
        | (in.has("fence") && in.flag("fence") ? fence : 0);
  }

  private static int write(Input in, RiWorkRequest request) {
    boolean immediate = in.has("imm_data");
    request.write(
        0,
        flags(in, 0) | (immediate ? RiWorkRequest.WRITE_WITH_IMMEDIATE : 0),
        in.int32("wrid"),
        in.int32("remote_stag"),
        in.number("remote_to"));
    if (immediate) {
      request.immediateOfWrite(in.int32("imm_data"));
    }
    data(in, request);
    return request.endWithLength();
  }

  private static int send(Input in, RiWorkRequest request) {
    return send(in, request, 0);
  }

  private static int send(Input in, RiWorkRequest request, long at) {
    boolean invalidates = in.has("invalidate_stag");
    request.send(
        at,
        flags(in, RiWorkRequest.READ_FENCE),
        in.int32("wrid"),
        in.has("solicited") && in.flag("solicited"),
        invalidates,
        invalidates ? in.int32("invalidate_stag") : 0);
    data(in, request);
    return request.endWithLength();
  }

  private static void data(Input in, RiWorkRequest request) {
    List<Input> list = in.has("sge") ? in.parts("sge") : List.of();
    if (in.has("inline_data")) {
      request.beginImmediate();
      for (byte[] piece : pieces(in.bytes("inline_data"), in.int32("num_sge"))) {
        request.bytes(MemorySegment.ofArray(piece), 0, piece.length);
      }
      request.endImmediate();
    } else if (list.isEmpty()) {
      request.beginImmediate();
      request.endImmediate();
    } else {
      list(list, request);
    }
  }

  /** As many pieces as the vector's buffers were, of any lengths: only their sum counts. */
  private static List<byte[]> pieces(byte[] all, int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i -> Arrays.copyOfRange(all, all.length * i / count, all.length * (i + 1) / count))
        .toList();
  }

  private static void list(List<Input> buffers, RiWorkRequest request) {
    request.beginList();
    for (Input buffer : buffers) {
      request.buffer(buffer.int32("lkey"), buffer.int32("length"), buffer.number("addr"));
    }
    request.endList();
  }

  private static int read(Input in, RiWorkRequest request) {
    List<Input> sink = in.parts("sge");
    boolean empty = sink.isEmpty();
    request.read(
        0,
        in.int32("wrid"),
        in.flag("read_invalidate"),
        empty ? 0 : sink.getFirst().int32("lkey"),
        empty ? 0 : sink.getFirst().number("addr"),
        empty ? 0 : sink.getFirst().int32("length"),
        in.int32("remote_stag"),
        in.number("remote_to"));
    return request.end();
  }

  private static int receive(Input in, RiWorkRequest request) {
    request.receive(0, in.int32("wrid"));
    list(in.parts("sge"), request);
    return request.end();
  }

  private static int invalidate(Input in, RiWorkRequest request) {
    int flags = flags(in, RiWorkRequest.LOCAL_FENCE);
    request.invalidate(0, flags, in.int32("wrid"), in.int32("stag"));
    return request.end();
  }

  private static Optional<String> ringSend(Vector vector) {
    Input in = vector.in();
    byte[] ring = new byte[in.int32("ring_bytes")];
    long at = (long) RiWorkRequest.SLOT_BYTES * in.int32("start_slot64");
    int len16 = send(in, new RiWorkRequest(MemorySegment.ofArray(ring), ring.length), at);
    int slots = ring.length / RiWorkRequest.SLOT_BYTES;
    int next = (in.int32("start_slot64") + RiWorkRequest.slots(len16)) % slots;
    return next == in.int32("next_slot64")
        ? Binding.compare(vector.out(), ring)
        : Optional.of("next slot [%d]".formatted(next));
  }

  private static long tpt(Input in, MemorySegment segment, long at) {
    UlpMemWrite write = new UlpMemWrite();
    long cookie = in.number("cookie_host_le");
    int base = in.int32("tpt_base_units32");
    int stag = in.int32("stag");
    if (in.flag("reset")) {
      return write.resetTpte(segment, at, cookie, base, stag);
    }
    write
        .tpte(segment, at, cookie, base, stag)
        .stag(stag, in.flag("stag_state"), in.int32("stag_type"), in.int32("pdid"))
        .rights(
            in.int32("perm"),
            true,
            in.flag("bind_enabled"),
            in.flag("zero_based"),
            in.int32("page_size_code"))
        .range(in.number("to"), in.number("length"));
    if (in.flag("has_pbl")) {
      write.pages(in.int32("pbl_offset_bytes"));
    }
    return UlpMemWrite.TPT_BYTES;
  }

  // ---- doorbells: what reaches the window

  private static Optional<String> kernelDoorbell(Vector vector) {
    return registers(vector, doorbell -> doorbell.ring(vector.in().int32("slots64")));
  }

  private static Optional<String> arm(Vector vector) {
    return registers(
        vector,
        doorbell ->
            doorbell.arm(vector.in().int32("cidx_inc"), vector.in().flag("solicited_only")));
  }

  private static Optional<String> registers(Vector vector, Consumer<UserDoorbell> action) {
    DeviceWindow window = Mockito.mock(DeviceWindow.class);
    int area = 0x3000;
    action.accept(new UserDoorbell(window, area, vector.in().int32("bar2_qid")));
    ByteBuffer written = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    for (var call : Mockito.mockingDetails(window).getInvocations()) {
      if (!call.getMethod().getName().equals("write32")
          || (int) call.getArgument(0) != BAR2
          || (long) call.getArgument(1) != area + vector.in().number("reg_offset")) {
        return Optional.of("seen " + call);
      }
      written.putInt(call.getArgument(2));
    }
    return Binding.compare(vector.out(), Arrays.copyOf(written.array(), written.position()));
  }

  private static Optional<String> combinedDoorbell(Vector vector) {
    DeviceWindow window = Mockito.mock(DeviceWindow.class);
    DmaSlab ring = Mockito.mock(DmaSlab.class);
    int area = 0x3000;
    long slot = 128;
    UserDoorbell doorbell = new UserDoorbell(window, area, vector.in().int32("bar2_qid"));
    if (!doorbell.canCombine() || vector.in().number("slots64") != 1) {
      return Optional.of("not to be combined");
    }
    byte[] memory = new byte[256];
    System.arraycopy(vector.in().bytes("wqe64"), 0, memory, (int) slot, 64);
    Mockito.when(ring.segment()).thenReturn(MemorySegment.ofArray(memory));
    doorbell.combine(ring, slot);
    Mockito.verify(window).write512(BAR2, area + vector.in().number("reg_offset"), ring, slot);
    return Binding.compare(vector.out(), Arrays.copyOfRange(memory, (int) slot, (int) slot + 64));
  }
}
