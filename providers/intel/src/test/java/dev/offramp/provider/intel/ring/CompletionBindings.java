package dev.offramp.provider.intel.ring;

import dev.offramp.provider.intel.layout.CompletionEntry;
import dev.offramp.provider.intel.layout.CqpWqe;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.SendWqe;
import dev.offramp.provider.intel.layout.Words;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Completions, events and doorbells. */
final class CompletionBindings {
  private static final int ENTRIES = 16;

  /** What those who made the vectors numbered work with, and how long it was. */
  private static final long SEND_IDS = 0xA000_0000_0000_0000L;

  private static final long RECEIVE_IDS = 0xB000_0000_0000_0000L;
  private static final long SEND_LENGTHS = 1000;

  private CompletionBindings() {}

  static void addTo(Map<String, VectorBindings.Binding> all) {
    all.put("cqe", CompletionBindings::completion);
    all.put("ccq_cqe", CompletionBindings::controlCompletion);
    all.put("ceqe", CompletionBindings::completionEvent);
    all.put("aeqe", CompletionBindings::asyncEvent);
    all.put("db_wqe_alloc", CompletionBindings::sendDoorbell);
    all.put("cq_arm", CompletionBindings::arm);
    all.put("db_cqp", CompletionBindings::controlDoorbell);
    all.put("db_aeq_alloc", CompletionBindings::eventDoorbell);
  }

  private static String completion(Vector v) {
    Generation generation = v.generation();
    Vector before = v.child("ring_before");
    RegisterLog window = new RegisterLog();
    SendRing sends =
        new SendRing(
            generation,
            Bytes.zeroed((long) before.u32("sq_size") * SendWqe.QUANTUM_BYTES),
            Bytes.zeroed(64),
            v.u32("qp_id"),
            window);
    int sizeCode = Integer.numberOfTrailingZeros(before.u32("rq_wqe_multiplier"));
    ReceiveRing receives =
        new ReceiveRing(
            Bytes.zeroed(((long) before.u32("rq_size") * SendWqe.QUANTUM_BYTES) << sizeCode),
            sizeCode);
    sends.restore(before.u32("sq_head"), before.u32("sq_tail"), 1, 0);
    receives.restore(before.u32("rq_head"), before.u32("rq_tail"));
    for (int i = 0; i < sends.size(); i++) {
      sends.track(i, SEND_IDS + i, SEND_LENGTHS + i, 1);
      opcode(sends, i, SendWqe.OP_RDMA_SEND);
    }
    opcode(sends, before.u32("sq_tail"), before.u32("sq_wqe_op_at_tail"));
    for (int i = 0; i < receives.size(); i++) {
      receives.track(i, RECEIVE_IDS + i);
    }
    MemorySegment memory = Bytes.zeroed((long) ENTRIES * CompletionEntry.BYTES);
    MemorySegment.copy(v.out(), 0, memory, ValueLayout.JAVA_BYTE, 0, v.outBytes());
    CompletionRing ring =
        new CompletionRing(
            generation, memory, Bytes.zeroed(64), 1, sends, receives, v.u64("comp_ctx"), 0, window);
    ring.restore(v.valid());
    WorkCompletion completion = new WorkCompletion();
    CompletionRing.Polled polled = ring.poll(completion);
    Bytes.Fields fields =
        new Bytes.Fields(v)
            .number("rc", polled == CompletionRing.Polled.COMPLETED ? 0 : 1)
            .number("comp_ctx", completion.completionContext)
            .text("queue", completion.sendQueue ? "sq" : "rq")
            .number("qp_id", completion.qpId)
            .number("wqe_idx", completion.wqeIndex)
            .number("tcp_seq_or_rtt", completion.tcpSequenceOrRtt)
            .flag("error", completion.status != WorkCompletion.Status.SUCCESS)
            .text("comp_status", completion.status.name().toLowerCase(Locale.ROOT))
            .flag("solicited_event", completion.solicited)
            .flag("push_dropped", completion.pushDropped)
            .flag("extended", completion.extended)
            .number("op_type", completion.opcode)
            .number("bytes_xfered", completion.bytes)
            .number("wr_id", completion.id)
            .inside(
                "ring_after",
                after ->
                    after
                        .number("sq_tail", sends.tail())
                        .number("rq_tail", receives.tail())
                        .number("cq_head", ring.head())
                        .number("cq_polarity", ring.polarity()));
    if (completion.status != WorkCompletion.Status.SUCCESS) {
      fields.number("major_err", completion.majorError).number("minor_err", completion.minorError);
    }
    if (!completion.sendQueue) {
      fields
          .flag("stag_bit", completion.stagInvalidated)
          .number("inv_stag_field", completion.invalidatedStag);
    }
    if (completion.extended) {
      fields.flag("imm_valid", completion.immediateValid);
      if (completion.immediateValid) {
        fields.number("imm_data", completion.immediate);
      }
    }
    return fields.difference();
  }

  private static void opcode(SendRing ring, int index, int opcode) {
    Words.put(
        ring.memory(),
        (long) index * SendWqe.QUANTUM_BYTES + SendWqe.HEADER,
        SendWqe.IRDMAQPSQ_OPCODE.of(opcode));
  }

  private static String controlCompletion(Vector v) {
    Generation generation = v.generation();
    RegisterLog window = new RegisterLog();
    MemorySegment commands = Bytes.zeroed(2048L * CqpWqe.BYTES);
    Words.put(
        commands,
        ControlRing.offset(v.u32("wqe_idx")) + 24,
        CqpWqe.IRDMA_CQPSQ_OPCODE.of(v.u32("op_code_of_wqe")));
    MemorySegment memory = Bytes.zeroed((long) ENTRIES * CompletionEntry.BYTES);
    MemorySegment.copy(v.out(), 0, memory, ValueLayout.JAVA_BYTE, 0, v.outBytes());
    ControlCompletionRing ring =
        new ControlCompletionRing(
            generation,
            memory,
            Bytes.zeroed(64),
            0,
            new ControlRing(generation, commands, window),
            window);
    ring.restore(v.valid());
    ControlCompletion completion = new ControlCompletion();
    if (!ring.poll(completion)) {
      return "nothing found";
    }
    return new Bytes.Fields(v)
        .number("cqp_context", completion.context)
        .number("wqe_idx", completion.wqeIndex)
        .number("op_code_of_wqe", completion.opcode)
        .flag("error", completion.error)
        .number("maj_err", completion.majorError)
        .number("min_err", completion.minorError)
        .number("op_ret_val", completion.result)
        .difference();
  }

  private static String completionEvent(Vector v) {
    CompletionEventRing ring = new CompletionEventRing(Bytes.of(v.out()));
    ring.restore(v.valid());
    return new Bytes.Fields(v).number("cq_context", ring.poll()).difference();
  }

  private static String asyncEvent(Vector v) {
    AsyncEventRing ring = new AsyncEventRing(v.generation(), Bytes.of(v.out()), new RegisterLog());
    ring.restore(v.valid());
    AsyncEvent event = new AsyncEvent();
    if (!ring.poll(event)) {
      return "nothing found";
    }
    return new Bytes.Fields(v)
        .number("qp_cq_id", event.qpOrCqId)
        .number("ae_id", event.code)
        .number("ae_src", event.source)
        .number("tcp_state", event.tcpState)
        .number("iwarp_state", event.iwarpState)
        .number("q2_data_written", event.q2DataWritten)
        .flag("overflow", event.overflow)
        .flag("qp", event.aboutQp)
        .flag("cq", event.aboutCq)
        .flag("sq", event.aboutSendQueue)
        .flag("rq", event.aboutReceiveQueue)
        .flag("in_rdrsp_wr", event.inboundReadResponseOrWrite)
        .flag("out_rdrsp", event.outboundReadResponse)
        .number("compl_ctx", event.context)
        .number("wqe_idx", event.wqeIndex)
        .difference();
  }

  private static String sendDoorbell(Vector v) {
    RegisterLog window = new RegisterLog();
    MemorySegment shadow = Bytes.zeroed(64);
    Words.put(shadow, 0, v.u64("hw_tail_in_shadow"));
    SendRing ring =
        new SendRing(
            v.generation(),
            Bytes.zeroed(32768L * SendWqe.QUANTUM_BYTES),
            shadow,
            v.u32("qp_id"),
            window);
    ring.restore(v.u32("sw_head"), 0, 1, v.u32("prev_head"));
    ring.ringDoorbell();
    return registers(v, window);
  }

  private static String arm(Vector v) {
    RegisterLog window = new RegisterLog();
    MemorySegment shadow = Bytes.zeroed(64);
    Words.put(shadow, CompletionEntry.SHADOW_ARM, v.u64("shadow_qword4_before"));
    SendRing sends =
        new SendRing(v.generation(), Bytes.zeroed(32 * 512), Bytes.zeroed(64), 1, window);
    CompletionRing ring =
        new CompletionRing(
            v.generation(),
            Bytes.zeroed((long) ENTRIES * CompletionEntry.BYTES),
            shadow,
            v.u32("cq_id"),
            sends,
            new ReceiveRing(Bytes.zeroed(512), 0),
            1,
            0,
            window);
    ring.arm(v.flag("solicited"));
    return registers(v, window)
        + new Bytes.Fields(v)
            .number("shadow_qword4_after", Words.get(shadow, CompletionEntry.SHADOW_ARM))
            .difference();
  }

  private static String controlDoorbell(Vector v) {
    RegisterLog window = new RegisterLog();
    ControlRing ring = new ControlRing(v.generation(), Bytes.zeroed(2048L * CqpWqe.BYTES), window);
    ring.restore(v.u32("head"));
    ring.ringDoorbell();
    return registers(v, window);
  }

  private static String eventDoorbell(Vector v) {
    RegisterLog window = new RegisterLog();
    new AsyncEventRing(v.generation(), Bytes.zeroed(64), window).giveBack(v.u32("count"));
    return registers(v, window);
  }

  /** Compares register writes: the bytes one after the other, and where they go. */
  private static String registers(Vector v, RegisterLog window) {
    String seen =
        window.writes.stream()
            .map(write -> HexFormat.of().toHexDigits(Integer.reverseBytes(write.value())))
            .collect(Collectors.joining());
    String wanted = HexFormat.of().formatHex(v.out());
    if (!seen.equals(wanted)) {
      return "wrote [%s], not [%s]".formatted(seen, wanted);
    }
    return window.writes.stream()
        .filter(write -> write.offset() != v.u64("reg_offset"))
        .map(write -> "wrote to %#x".formatted(write.offset()))
        .collect(Collectors.joining(", "));
  }
}
