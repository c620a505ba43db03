package dev.offramp.models.chelsio;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * FW_RI_RES_WR: RDMA queues come and go (cq.c, create_cq; qp.c, create_qp). When one record of a
 * work request cannot be, what the others made is taken back (model decision).
 */
final class ResourceExecutor {
  private static final int ENTRY_UNIT = 16;
  private static final int ENTRIES_MULTIPLE = 16;

  private final Silicon silicon;

  ResourceExecutor(Silicon silicon) {
    this.silicon = silicon;
  }

  int execute(List<RiResource> records) {
    if (!silicon.firmware.hasRdma()) {
      return FwError.ENOSYS;
    }
    Deque<Runnable> undo = new ArrayDeque<>();
    for (RiResource record : records) {
      int retval =
          switch (record) {
            case RiResource.WorkQueue queue -> workQueue(queue, undo);
            case RiResource.CompletionQueue queue -> completionQueue(queue, undo);
            case RiResource.Shared shared ->
                refused("a shared receive queue " + shared.id(), "none: not modelled");
          };
      if (retval != FwError.SUCCESS) {
        undo.forEach(Runnable::run);
        return retval;
      }
    }
    return FwError.SUCCESS;
  }

  private int workQueue(RiResource.WorkQueue record, Deque<Runnable> undo) {
    EgressQueue.Kind kind =
        record.send() ? EgressQueue.Kind.RDMA_SEND : EgressQueue.Kind.RDMA_RECEIVE;
    String name = kind + " " + record.id();
    if (record.reset()) {
      EgressQueue queue = silicon.queues.work(record.id(), kind);
      if (queue == null || queue.isAttached()) {
        return refused(
            name + " to be taken back",
            queue == null
                ? "a queue that is there"
                : "a queue whose connection has left RDMA mode");
      }
      silicon.queues.removeEgress(record.id());
      use(queue, -1);
      return FwError.SUCCESS;
    }
    int slots = record.sizeSlots() - silicon.registers.statusEntries();
    if (!AdapterLayout.SQRQ.contains(record.id())
        || silicon.queues.egress(record.id()) != null
        || silicon.queues.completion(record.cqId()) == null
        || slots < 2
        || record.onChip()
        || silicon.isNoRing(record.address(), (long) record.sizeSlots() * EgressQueue.SLOT_BYTES)) {
      return refused(
          "%s of %d slots at [%#x], completion queue %d, on chip %b"
              .formatted(
                  name, record.sizeSlots(), record.address(), record.cqId(), record.onChip()),
          "an unused number of SQRQ, 2 slots up, mapped and aligned to 64, a completion queue that"
              + " is there, no on-chip memory");
    }
    EgressQueue queue =
        new EgressQueue(
            silicon, kind, record.id(), record.address(), record.sizeSlots(), false, record.cqId());
    silicon.queues.add(queue);
    use(queue, 1);
    undo.push(() -> {
      silicon.queues.removeEgress(record.id());
      use(queue, -1);
    });
    return FwError.SUCCESS;
  }

  private void use(EgressQueue queue, int more) {
    IngressQueue completion = silicon.queues.completion(queue.ingressQueue());
    if (completion != null) {
      completion.use(more);
    }
  }

  private int completionQueue(RiResource.CompletionQueue record, Deque<Runnable> undo) {
    String name = "completion queue " + record.id();
    if (record.reset()) {
      IngressQueue queue = silicon.queues.completion(record.id());
      if (queue == null || queue.users() > 0) {
        return refused(
            name + " to be taken back",
            queue == null ? "a queue that is there" : "one that no work queue delivers to");
      }
      silicon.queues.removeIngress(record.id());
      return FwError.SUCCESS;
    }
    int entryBytes = ENTRY_UNIT << record.sizeCode();
    if (!AdapterLayout.CQ.contains(record.id())
        || silicon.queues.ingress(record.id()) != null
        || !record.dropRss()
        || (entryBytes != Cqe.BYTES && entryBytes != Cqe.SHORT_BYTES)
        || record.entries() == 0
        || record.entries() % ENTRIES_MULTIPLE != 0
        || (record.forward() && silicon.queues.absolute(record.target()) == null)
        || silicon.isNoRing(record.address(), (long) record.entries() * entryBytes)) {
      return refused(
          "%s of %d entries of %d bytes at [%#x], told to %d, iqdroprss %b"
              .formatted(
                  name,
                  record.entries(),
                  entryBytes,
                  record.address(),
                  record.target(),
                  record.dropRss()),
          "an unused number of CQ, a multiple of 16 entries of 32 or 64 bytes, mapped and aligned"
              + " to 64, an ingress queue's absolute number, iqdroprss");
    }
    silicon.queues.add(
        new IngressQueue(
            silicon,
            record.id(),
            record.id(),
            record.address(),
            record.entries(),
            entryBytes,
            record.forward(),
            record.target(),
            null));
    undo.push(() -> silicon.queues.removeIngress(record.id()));
    return FwError.SUCCESS;
  }

  private int refused(String seen, String expected) {
    silicon.violations.add(Violation.Kind.BAD_QUEUE, "FW_RI_RES_WR", seen, expected);
    return FwError.EINVAL;
  }
}
