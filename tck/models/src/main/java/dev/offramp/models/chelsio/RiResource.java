package dev.offramp.models.chelsio;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A record of FW_RI_RES_WR: a queue to be made or taken back (t4fw_ri_api.h, struct fw_ri_res; 48
 * bytes).
 */
sealed interface RiResource {
  int BYTES = 48;

  /** Whether the queue is taken back (FW_RI_RES_OP_RESET). */
  boolean reset();

  /**
   * A send or receive queue.
   *
   * <pre>
   * 4: eqid  16: fetchszm 26 | hostfcmode 21:20 | onchip 18 | pciechn 17:16 | iqid 15:0
   * 20: fbmin 25:23 | fbmax 22:20 | cidxfthresh 18:16 | eqsize 15:0   24: eqaddr
   * </pre>
   *
   * @param sizeSlots in units of 64 bytes, status entries included
   */
  record WorkQueue(
      boolean send,
      boolean reset,
      int id,
      boolean onChip,
      int cqId,
      int burstMin,
      int burstMax,
      int sizeSlots,
      long address)
      implements RiResource {}

  /**
   * A completion queue.
   *
   * <pre>
   * 4: iqid  16: iqandst 15 | iqanus 14 | iqanud 13:12 | iqandstindex 11:0
   * 20: iqdroprss 15 | iqpciech 13:12 | iqo 3 | iqesize 1:0   22: iqsize   24: iqaddr
   * </pre>
   *
   * @param forward whether notifications go to an ingress queue
   * @param target that queue, by its absolute number; else an interrupt vector
   */
  record CompletionQueue(
      boolean reset,
      int id,
      boolean forward,
      int update,
      int target,
      boolean dropRss,
      int sizeCode,
      int entries,
      long address)
      implements RiResource {}

  /** A shared receive queue; not modelled. */
  record Shared(boolean reset, int id) implements RiResource {}

  /** The records of a work request that starts with {@code count} of them. */
  static List<RiResource> decode(MemorySegment wr) throws MalformedException {
    WrHeader.require(wr, "FW_RI_RES_WR", WrHeader.BYTES);
    int count = Be.bits(Be.get32(wr, 0), 0, 8);
    WrHeader.require(
        wr, "FW_RI_RES_WR with " + count + " records", WrHeader.BYTES + (long) count * BYTES);
    List<RiResource> records = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      records.add(record(wr.asSlice(WrHeader.BYTES + (long) i * BYTES, BYTES)));
    }
    return records;
  }

  private static RiResource record(MemorySegment res) throws MalformedException {
    int type = Be.get8(res, 0);
    int op = Be.get8(res, 1);
    if (op > 1) {
      throw new MalformedException("FW_RI_RES_WR record with op " + op, "0 write or 1 reset");
    }
    boolean reset = op == 1;
    int id = Be.get32(res, 4);
    return switch (type) {
      case 0, 1 -> workQueue(res, type == 0, reset, id);
      case 2 -> completionQueue(res, reset, id);
      case 3 -> new Shared(reset, id);
      default -> throw new MalformedException("FW_RI_RES_WR record of type " + type, "0..3");
    };
  }

  private static WorkQueue workQueue(MemorySegment res, boolean send, boolean reset, int id) {
    int first = Be.get32(res, 16);
    int second = Be.get32(res, 20);
    return new WorkQueue(
        send,
        reset,
        id,
        Be.bit(first, 18),
        Be.bits(first, 0, 16),
        Be.bits(second, 23, 3),
        Be.bits(second, 20, 3),
        Be.bits(second, 0, 16),
        Be.get64(res, 24));
  }

  private static CompletionQueue completionQueue(MemorySegment res, boolean reset, int id) {
    int first = Be.get32(res, 16);
    int second = Be.get16(res, 20);
    return new CompletionQueue(
        reset,
        id,
        Be.bit(first, 15),
        Be.bits(first, 12, 2),
        Be.bits(first, 0, 12),
        Be.bit(second, 15),
        Be.bits(second, 0, 2),
        Be.get16(res, 22),
        Be.get64(res, 24));
  }
}
