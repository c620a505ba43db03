package dev.offramp.provider.intel.ring;

import dev.offramp.provider.intel.layout.ConnectionWqe;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.ReceiveWqe;
import dev.offramp.provider.intel.layout.SendWqe;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/** Work requests, and the send queue that they go into. */
final class WorkBindings {
  private static final int RING_QUANTA = 1024;

  private WorkBindings() {}

  static void addTo(Map<String, VectorBindings.Binding> all) {
    all.put("lsmm", Bytes.written(WorkBindings::lastStreamingMessage));
    all.put("rtt", Bytes.written(WorkBindings::readyToReceive));
    all.put("sq_send", Bytes.written(WorkBindings::send));
    all.put("sq_inline_send", Bytes.written(WorkBindings::inlineSend));
    all.put("sq_write", Bytes.written(WorkBindings::writeRemote));
    all.put("sq_inline_write", Bytes.written(WorkBindings::inlineWrite));
    all.put("sq_read", Bytes.written(WorkBindings::readRemote));
    all.put("sq_local_inv", Bytes.written(WorkBindings::localInvalidate));
    all.put("rq_recv", Bytes.written(WorkBindings::receive));
    all.put("sq_window_sends", WorkBindings::window);
  }

  private static void lastStreamingMessage(Vector v, MemorySegment m) {
    ConnectionWqe.lastStreamingMessage(
        v.generation(), m, v.u64("buf_addr"), v.u32("size"), v.u32("stag"), v.valid());
  }

  private static void readyToReceive(Vector v, MemorySegment m) {
    if (v.flag("read")) {
      ConnectionWqe.readyToReceiveRead(v.generation(), m, v.valid());
    } else {
      ConnectionWqe.readyToReceiveWrite(v.generation(), m, v.valid());
    }
  }

  private static long flags(Vector v) {
    return v.flag(SendWqe.IRDMAQPSQ_SIGCOMPL, "signaled")
        | v.flag(SendWqe.IRDMAQPSQ_READFENCE, "read_fence")
        | v.flag(SendWqe.IRDMAQPSQ_LOCALFENCE, "local_fence");
  }

  private static long rtt(Vector v) {
    return v.flag(SendWqe.IRDMAQPSQ_REPORTRTT, "report_rtt");
  }

  /** Writes immediate data and fragments; gives how many there are besides the first. */
  private static int fragments(Vector v, MemorySegment m, long wqe, List<Object> buffers) {
    int count = 0;
    if (v.has("imm_data")) {
      SendWqe.immediate(m, wqe, v.u32("imm_data"));
      count++;
    }
    for (Object map : buffers) {
      Vector sge = Vector.child(map);
      SendWqe.fragment(
          v.generation(),
          m,
          wqe,
          count++,
          sge.u64("addr"),
          sge.u64("length"),
          sge.u32("stag"),
          v.valid());
    }
    return count;
  }

  private static void gather(Vector v, MemorySegment m, int opcode, int stag, long remoteOffset) {
    int count = fragments(v, m, 0, v.list("sge"));
    int more = SendWqe.endFragments(v.generation(), m, 0, count, v.valid());
    SendWqe.remoteOffset(m, 0, remoteOffset);
    long immediate = v.has("imm_data") ? SendWqe.IRDMAQPSQ_IMMDATAFLAG.mask() : 0;
    SendWqe.header(
        m, 0, SendWqe.headerOf(opcode, stag, more, flags(v) | rtt(v) | immediate, v.valid()));
  }

  private static int invalidated(Vector v) {
    return v.has("stag_to_inv") ? v.u32("stag_to_inv") : 0;
  }

  private static void send(Vector v, MemorySegment m) {
    gather(v, m, v.u32("op_type"), invalidated(v), 0);
  }

  private static void writeRemote(Vector v, MemorySegment m) {
    gather(v, m, v.u32("op_type"), v.u32("remote_stag"), v.u64("remote_to"));
  }

  private static void readRemote(Vector v, MemorySegment m) {
    gather(
        v,
        m,
        v.flag("local_invalidate") ? SendWqe.OP_RDMA_READ_LOC_INV : SendWqe.OP_RDMA_READ,
        v.u32("remote_stag"),
        v.u64("remote_to"));
  }

  private static void inside(Vector v, MemorySegment m, int stag, long remoteOffset) {
    byte[] data = v.octets("inline_data");
    SendWqe.remoteOffset(m, 0, remoteOffset);
    SendWqe.inline(v.generation(), m, 0, Bytes.of(data), 0, data.length, v.valid());
    SendWqe.header(
        m,
        0,
        SendWqe.headerOfInline(v.u32("op_type"), stag, data.length, flags(v) | rtt(v), v.valid()));
    int quanta = v.generation().inline().quanta(data.length);
    if (quanta * SendWqe.QUANTUM_BYTES != v.outBytes()) {
      throw new IllegalStateException(quanta + " quanta for " + data.length + " bytes");
    }
  }

  private static void inlineSend(Vector v, MemorySegment m) {
    inside(v, m, invalidated(v), 0);
  }

  private static void inlineWrite(Vector v, MemorySegment m) {
    inside(v, m, v.u32("remote_stag"), v.u64("remote_to"));
  }

  private static void localInvalidate(Vector v, MemorySegment m) {
    SendWqe.invalidated(v.generation(), m, 0, v.u32("stag"));
    SendWqe.remoteOffset(m, 0, 0);
    SendWqe.header(m, 0, SendWqe.headerOf(SendWqe.OP_LOCAL_INVALIDATE, 0, 0, flags(v), v.valid()));
  }

  private static void receive(Vector v, MemorySegment m) {
    int count = fragments(v, m, 0, v.list("sge"));
    ReceiveWqe.end(v.generation(), m, 0, count, v.valid());
  }

  @SuppressWarnings("unchecked") // what jackson-jr makes of a JSON array
  private static String window(Vector v) {
    Generation generation = v.generation();
    SendRing ring =
        new SendRing(
            generation,
            Bytes.zeroed((long) RING_QUANTA * SendWqe.QUANTUM_BYTES),
            Bytes.zeroed(64),
            1,
            new RegisterLog());
    int start = v.u32("start_quantum");
    ring.restore(start, start, start == 0 ? v.valid() ^ 1 : v.valid(), start);
    for (Object buffers : v.list("sends_sge")) {
      List<Object> sges = (List<Object>) buffers;
      int index = ring.reserve(SendWqe.quantaOf(sges.size()), 0, 0);
      long wqe = (long) index * SendWqe.QUANTUM_BYTES;
      int count = fragments(v, ring.memory(), wqe, sges);
      int more = SendWqe.endFragments(generation, ring.memory(), wqe, count, ring.polarity());
      SendWqe.remoteOffset(ring.memory(), wqe, 0);
      SendWqe.header(
          ring.memory(),
          wqe,
          SendWqe.headerOf(
              SendWqe.OP_RDMA_SEND, 0, more, SendWqe.IRDMAQPSQ_SIGCOMPL.mask(), ring.polarity()));
    }
    return Bytes.compare(ring.memory(), v)
        + new Bytes.Fields(v)
            .number("end_quantum", ring.head())
            .number("chunk_quanta", generation.limits().chunkQuanta())
            .difference();
  }
}
