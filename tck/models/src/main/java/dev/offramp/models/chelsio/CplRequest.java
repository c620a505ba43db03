package dev.offramp.models.chelsio;

import dev.offramp.api.descriptor.MacAddress;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A CPL message of the host (t4_msg.h). It begins with opcode 31:24 and tid 23:0; offsets below
 * count from there.
 */
sealed interface CplRequest {
  /**
   * CPL_SET_TCB_FIELD: reply_ctrl 4 (no_reply 15, reply_chan 14, queue 13:0), word_cookie 6 (cookie
   * 7:5, word 4:0), mask 8, val 16. {@code cookie} is that low byte: it is what the reply has.
   */
  record SetTcbField(int tid, int queue, boolean reply, int word, int cookie, long mask, long value)
      implements CplRequest {}

  /** CPL_GET_TCB: reply_ctrl 4, cookie 6. */
  record GetTcb(int tid, int queue, boolean reply, int cookie) implements CplRequest {}

  /** CPL_ABORT_REQ: cmd 9: 0 sends a RST, 1 does not. */
  record AbortReq(int tid, int command) implements CplRequest {
    static final int NO_RST = 1;
  }

  /** CPL_ABORT_RPL: the answer to the chip's own abort. */
  record AbortRpl(int tid, int command) implements CplRequest {}

  record CloseConReq(int tid) implements CplRequest {}

  record TidRelease(int tid) implements CplRequest {}

  /** CPL_RX_DATA_ACK: dack_change 31, dack_mode 30:29, force_ack 28, credits 27:0 at 4. */
  record RxDataAck(
      int tid, int credits, boolean forceAck, int delayedAckMode, boolean changeDelayedAck)
      implements CplRequest {}

  /**
   * CPL_L2T_WRITE_REQ: in place of the tid: queue 23:14, sync 12, index 11:0; params 4 (noreply 15,
   * port 11:8), index 6, vlan 8, destination MAC 10.
   */
  record L2tWrite(int queue, boolean reply, int index, int port, int vlan, MacAddress mac)
      implements CplRequest {
    /** CPL_L2T_VLAN_NONE. */
    static final int NO_VLAN = 0xFFF;

    boolean hasVlanOrNone() {
      int id = vlan & 0xFFF;
      return vlan == NO_VLAN || (id != 0 && id != NO_VLAN);
    }
  }

  /**
   * CPL_SMT_WRITE_REQ: params 4 (norpl 31, row 27:20), then a function and a source MAC for the odd
   * index of the row (8, 10) and for the even one (16, 18); T6 has one index in a row (16, 18).
   *
   * @param index what stands in place of the tid, for the reply
   * @param first the row's first index
   * @param macs for that index and, on T5, the next one
   */
  record SmtWrite(int queue, boolean reply, int index, int first, List<MacAddress> macs)
      implements CplRequest {
    public SmtWrite {
      macs = List.copyOf(macs);
    }
  }

  /**
   * Reads one.
   *
   * @param cpl from its opcode on
   */
  static CplRequest decode(MemorySegment cpl, ChelsioChip chip) throws MalformedException {
    WrHeader.require(cpl, "a CPL message", 4);
    int first = Be.get32(cpl, 0);
    int opcode = Be.bits(first, 24, 8);
    int tid = Be.bits(first, 0, 24);
    return switch (opcode) {
      case CplCode.SET_TCB_FIELD -> setTcbField(cpl, tid);
      case CplCode.GET_TCB -> {
        WrHeader.require(cpl, "CPL_GET_TCB", 8);
        int control = Be.get16(cpl, 4);
        yield new GetTcb(
            tid, Be.bits(control, 0, 14), !Be.bit(control, 15), Be.get16(cpl, 6) & 0xFF);
      }
      case CplCode.ABORT_REQ -> {
        WrHeader.require(cpl, "CPL_ABORT_REQ", 10);
        yield new AbortReq(tid, Be.get8(cpl, 9));
      }
      case CplCode.ABORT_RPL -> {
        WrHeader.require(cpl, "CPL_ABORT_RPL", 10);
        yield new AbortRpl(tid, Be.get8(cpl, 9));
      }
      case CplCode.CLOSE_CON_REQ -> new CloseConReq(tid);
      case CplCode.TID_RELEASE -> new TidRelease(tid);
      case CplCode.RX_DATA_ACK -> rxDataAck(cpl, tid);
      case CplCode.L2T_WRITE_REQ -> l2tWrite(cpl, tid);
      case CplCode.SMT_WRITE_REQ -> smtWrite(cpl, tid, chip);
      default ->
          throw new MalformedException(
              "CPL opcode [%02x]".formatted(opcode), "one that a host sends and the model knows");
    };
  }

  private static SetTcbField setTcbField(MemorySegment cpl, int tid) throws MalformedException {
    WrHeader.require(cpl, "CPL_SET_TCB_FIELD", 24);
    int control = Be.get16(cpl, 4);
    int wordCookie = Be.get16(cpl, 6);
    return new SetTcbField(
        tid,
        Be.bits(control, 0, 14),
        !Be.bit(control, 15),
        Be.bits(wordCookie, 0, 5),
        wordCookie & 0xFF,
        Be.get64(cpl, 8),
        Be.get64(cpl, 16));
  }

  private static RxDataAck rxDataAck(MemorySegment cpl, int tid) throws MalformedException {
    WrHeader.require(cpl, "CPL_RX_DATA_ACK", 8);
    int word = Be.get32(cpl, 4);
    return new RxDataAck(
        tid, Be.bits(word, 0, 28), Be.bit(word, 28), Be.bits(word, 29, 2), Be.bit(word, 31));
  }

  private static L2tWrite l2tWrite(MemorySegment cpl, int tid) throws MalformedException {
    WrHeader.require(cpl, "CPL_L2T_WRITE_REQ", 16);
    int params = Be.get16(cpl, 4);
    int index = Be.get16(cpl, 6);
    if (index != Be.bits(tid, 0, 12)) {
      throw new MalformedException(
          "CPL_L2T_WRITE_REQ for entry " + index, Be.bits(tid, 0, 12) + ", as in place of the tid");
    }
    return new L2tWrite(
        Be.bits(tid, 14, 10),
        !Be.bit(params, 15),
        index,
        Be.bits(params, 8, 4),
        Be.get16(cpl, 8),
        mac(cpl, 10));
  }

  private static SmtWrite smtWrite(MemorySegment cpl, int tid, ChelsioChip chip)
      throws MalformedException {
    WrHeader.require(cpl, "CPL_SMT_WRITE_REQ", 24);
    int params = Be.get32(cpl, 4);
    int row = Be.bits(params, 20, 8);
    boolean pair = chip == ChelsioChip.T5;
    return new SmtWrite(
        Be.bits(tid, 14, 10),
        !Be.bit(params, 31),
        Be.bits(tid, 0, 14),
        pair ? 2 * row : row,
        pair ? List.of(mac(cpl, 18), mac(cpl, 10)) : List.of(mac(cpl, 18)));
  }

  private static MacAddress mac(MemorySegment from, long offset) {
    return new MacAddress((long) Be.get16(from, offset) << 32 | Be.getU32(from, offset + 2));
  }
}
