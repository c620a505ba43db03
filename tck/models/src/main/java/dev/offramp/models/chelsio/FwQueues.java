package dev.offramp.models.chelsio;

import dev.offramp.models.chelsio.ChelsioFaults.Command;
import org.jspecify.annotations.Nullable;

/** FW_IQ_CMD and FW_EQ_*_CMD: queues come and go (t4fw_api.h; sge.c, t4_sge_alloc_*). */
final class FwQueues {
  private static final int ALLOC = 31;
  private static final int FREE = 30;
  private static final int NO_FREE_LIST = 0xFFFF;
  private static final int ENTRY_UNIT = 16;

  private final Silicon silicon;

  FwQueues(Silicon silicon) {
    this.silicon = silicon;
  }

  int execute(Command name, FwCommand command) {
    return switch (name) {
      case IQ -> ingress(command);
      case EQ_CTRL -> egress(command, EgressQueue.Kind.CONTROL);
      case EQ_OFLD -> egress(command, EgressQueue.Kind.OFFLOAD);
      default -> egress(command, EgressQueue.Kind.ETHERNET);
    };
  }

  /**
   * physiqid 8, iqid 10, fl0id 12, fl1id 14; iqandst 15, iqandstindex 11:0 at 16; iqesize 1:0 at
   * 20, iqsize 22, iqaddr 24; fl0size 38, fl0addr 40. iqsize is a multiple of 16 (sge.c).
   */
  private int ingress(FwCommand command) {
    if (command.option(FREE)) {
      return freeIngress(command);
    }
    if (!command.option(ALLOC)) {
      // Start, stop and modify keep what is there.
      return silicon.queues.ingress(command.get16(10)) != null ? FwError.SUCCESS : FwError.EINVAL;
    }
    int id = silicon.queues.unusedIngress();
    if (id < 0) {
      return FwError.ENOMEM;
    }
    int target = command.get32(16);
    int size = command.get16(22);
    int entryBytes = ENTRY_UNIT << (command.get16(20) & 3);
    long address = command.get64(24);
    boolean forward = Be.bit(target, 15);
    int index = Be.bits(target, 0, 12);
    if (size == 0
        || size % 16 != 0
        || entryBytes < 2 * ENTRY_UNIT
        || silicon.isNoRing(address, (long) size * entryBytes)
        || (forward && silicon.queues.absolute(index) == null)) {
      return refused(
          "IQ of %d entries of %d bytes at [%#x], %s %d"
              .formatted(size, entryBytes, address, forward ? "forwarded to" : "vector", index),
          "a multiple of 16, mapped and aligned to 64, with a queue that is there");
    }
    FreeList list = null;
    int units = command.get16(38);
    if (units != 0) {
      list = freeList(command.get64(40), units);
      if (list == null) {
        return FwError.EINVAL;
      }
      silicon.queues.add(list);
    }
    int absolute = id + AdapterLayout.IQ_ABSOLUTE;
    silicon.queues.add(
        new IngressQueue(silicon, id, absolute, address, size, entryBytes, forward, index, list));
    command.put16(8, absolute);
    command.put16(10, id);
    command.put16(12, list == null ? NO_FREE_LIST : list.id());
    command.put16(14, NO_FREE_LIST);
    return FwError.SUCCESS;
  }

  private @Nullable FreeList freeList(long address, int units) {
    int id = silicon.queues.unusedEgress();
    if (id < 0
        || units <= silicon.registers.statusEntries() + 1
        || silicon.isNoRing(address, (long) units * EgressQueue.SLOT_BYTES)) {
      refused(
          "a free list of %d units at [%#x]".formatted(units, address),
          "2 units up, mapped and aligned to 64");
      return null;
    }
    return new FreeList(silicon, id, address, units);
  }

  private int freeIngress(FwCommand command) {
    int id = command.get16(10);
    IngressQueue queue = silicon.queues.ingress(id);
    FreeList list = queue == null ? null : queue.freeList();
    int listId = command.get16(12);
    if (queue == null
        || AdapterLayout.CQ.contains(id)
        || listId != (list == null ? NO_FREE_LIST : list.id())) {
      return refused(
          "IQ " + id + " with free list " + listId + " to be freed",
          "a queue that was made so; 65535 for no free list");
    }
    silicon.queues.removeIngress(id);
    if (list != null) {
      silicon.queues.removeFreeList(list.id());
    }
    return FwError.SUCCESS;
  }

  /**
   * cmpliqid 31:20 (control only) and eqid 19:0 at 8; physeqid 12; hostfcmode 21:20, iqid 15:0 at
   * 16; eqsize 15:0 at 20; eqaddr 24.
   */
  private int egress(FwCommand command, EgressQueue.Kind kind) {
    int named = command.get32(8) & 0xF_FFFF;
    if (command.option(FREE)) {
      EgressQueue queue = silicon.queues.work(named, kind);
      if (queue == null) {
        return refused("EQ " + named + " to be freed", "a queue of that kind that is there");
      }
      silicon.queues.removeEgress(named);
      return FwError.SUCCESS;
    }
    if (!command.option(ALLOC)) {
      return silicon.queues.work(named, kind) != null ? FwError.SUCCESS : FwError.EINVAL;
    }
    int id = silicon.queues.unusedEgress();
    if (id < 0) {
      return FwError.ENOMEM;
    }
    int flow = command.get32(16);
    int ingress = flow & 0xFFFF;
    int reply = kind == EgressQueue.Kind.CONTROL ? command.get32(8) >>> 20 : ingress;
    int size = command.get32(20) & 0xFFFF;
    long address = command.get64(24);
    if (size <= silicon.registers.statusEntries() + 1
        || silicon.isNoRing(address, (long) size * EgressQueue.SLOT_BYTES)
        || silicon.queues.ingress(ingress) == null
        || silicon.queues.ingress(reply) == null) {
      return refused(
          "EQ of %d slots at [%#x], status to ingress queue %d, replies to %d"
              .formatted(size, address, ingress, reply),
          "2 slots up, mapped and aligned to 64, with ingress queues that are there");
    }
    EgressQueue queue =
        new EgressQueue(silicon, kind, id, address, size, Be.bits(flow, 20, 2) >= 2, ingress);
    queue.setReplyQueue(reply);
    silicon.queues.add(queue);
    silicon.executor.serve(queue);
    command.put32(8, (command.get32(8) & ~0xF_FFFF) | id);
    command.put32(12, id + AdapterLayout.EQ_ABSOLUTE);
    return FwError.SUCCESS;
  }

  private int refused(String seen, String expected) {
    silicon.violations.add(Violation.Kind.BAD_QUEUE, "mailbox", seen, expected);
    return FwError.EINVAL;
  }
}
