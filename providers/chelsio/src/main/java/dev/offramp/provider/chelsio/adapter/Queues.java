package dev.offramp.provider.chelsio.adapter;

import dev.offramp.provider.chelsio.wire.FwQueueCmd;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaSlab;

/** The driver's own queues: of messages, of control requests and of connections' requests. */
final class Queues {
  static final int VECTOR = 0;

  private static final int CONTROL_SLOTS = 1024;
  private static final int OFFLOAD_SLOTS = 2048;
  private static final int PAGE_BYTES = 4096;
  private static final int AREA_BYTES = 128;
  private static final int BAR2 = 2;

  private final DeviceWindow window;
  private final Parameters parameters;
  private final EventQueue events;
  private final EgressQueue control;
  private final EgressQueue offload;
  private final int absoluteEventQueueId;

  private Queues(
      DeviceWindow window,
      Parameters parameters,
      EventQueue events,
      EgressQueue control,
      EgressQueue offload,
      int absoluteEventQueueId) {
    this.window = window;
    this.parameters = parameters;
    this.events = events;
    this.control = control;
    this.offload = offload;
    this.absoluteEventQueueId = absoluteEventQueueId;
  }

  /**
   * Makes the queues.
   *
   * @param port whose channel they use
   * @param undo frees them
   */
  static Queues make(
      DeviceWindow window, Mailbox mailbox, Parameters parameters, Port port, Undo undo)
      throws RnicException {
    return new Maker(window, mailbox, parameters, port, undo).make();
  }

  EventQueue events() {
    return events;
  }

  EgressQueue control() {
    return control;
  }

  EgressQueue offload() {
    return offload;
  }

  int absoluteEventQueueId() {
    return absoluteEventQueueId;
  }

  /**
   * A queue's doorbells ({@code t4_bar2_sge_qregs}): queues share a page, and each has an area of
   * its own in it as long as they fit; else the value names the queue.
   */
  UserDoorbell doorbell(int queueId, boolean egress) {
    return doorbell(window, parameters, queueId, egress);
  }

  private static UserDoorbell doorbell(
      DeviceWindow window, Parameters parameters, int queueId, boolean egress) {
    int perPage = egress ? parameters.egressPerPageShift() : parameters.ingressPerPageShift();
    int inPage = queueId & ((1 << perPage) - 1);
    long area = (long) inPage * AREA_BYTES;
    long page = page(parameters, queueId, egress);
    boolean inferred = area < 1L << parameters.pageShift();
    return new UserDoorbell(window, inferred ? page + area : page, inferred ? 0 : inPage);
  }

  private static long page(Parameters parameters, int queueId, boolean egress) {
    int perPage = egress ? parameters.egressPerPageShift() : parameters.ingressPerPageShift();
    return (long) (queueId >>> perPage) << parameters.pageShift();
  }

  /** Makes them, one after the other. */
  private record Maker(
      DeviceWindow window, Mailbox mailbox, Parameters parameters, Port port, Undo undo) {
    Queues make() throws RnicException {
      requireDoorbells(parameters.sqrq().end(), true);
      requireDoorbells(parameters.cq().end(), false);
      int status = parameters.statusSlots();
      boolean t6 = parameters.chip().isT6();
      DmaSlab ring = allocate(EventQueue.sizeBytes());
      DmaSlab list = allocate(EgressQueue.sizeBytes(FreeList.slots(), status));
      DmaSlab buffers = allocate((long) FreeList.SIZE * parameters.freeListBytes());
      FwQueueCmd made =
          mailbox.execute(
              new FwQueueCmd()
                  .allocEventQueue(
                      Mailbox.buffer(),
                      parameters.pf(),
                      t6,
                      port.interfaceId(),
                      port.number(),
                      VECTOR,
                      EventQueue.ENTRIES,
                      ring.deviceAddress(),
                      FreeList.slots() + status,
                      list.deviceAddress()),
              "IQ alloc");
      int ingressId = made.ingressId();
      int freeListId = made.freeListId();
      undo.add(() ->
          mailbox.takeBack(
              new FwQueueCmd()
                  .freeEventQueue(Mailbox.buffer(), parameters.pf(), ingressId, freeListId),
              "IQ free"));
      requireDoorbells(ingressId, false);
      requireDoorbells(freeListId, true);
      FreeList freeList =
          new FreeList(
              window,
              list,
              buffers,
              parameters.freeListBytes(),
              t6,
              doorbell(window, parameters, freeListId, true));
      freeList.refill();
      EventQueue events =
          new EventQueue(ring, doorbell(window, parameters, ingressId, false), freeList);
      return new Queues(
          window,
          parameters,
          events,
          egress(true, CONTROL_SLOTS, ingressId),
          egress(false, OFFLOAD_SLOTS, ingressId),
          made.absoluteIngressId());
    }

    private EgressQueue egress(boolean isControl, int slots, int ingressId) throws RnicException {
      int size = slots + parameters.statusSlots();
      boolean t6 = parameters.chip().isT6();
      DmaSlab ring = allocate(EgressQueue.sizeBytes(slots, parameters.statusSlots()));
      FwQueueCmd command = new FwQueueCmd();
      int pf = parameters.pf();
      if (isControl) {
        command.allocControlQueue(
            Mailbox.buffer(), pf, t6, port.number(), ingressId, size, ring.deviceAddress());
      } else {
        command.allocOffloadQueue(
            Mailbox.buffer(), pf, t6, port.number(), ingressId, size, ring.deviceAddress());
      }
      String name = isControl ? "EQ_CTRL" : "EQ_OFLD";
      int id = mailbox.execute(command, name + " alloc").egressId();
      undo.add(() -> {
        FwQueueCmd last = new FwQueueCmd();
        if (isControl) {
          last.freeControlQueue(Mailbox.buffer(), pf, id);
        } else {
          last.freeOffloadQueue(Mailbox.buffer(), pf, id);
        }
        mailbox.takeBack(last, name + " free");
      });
      requireDoorbells(id, true);
      return new EgressQueue(window, ring, slots, doorbell(window, parameters, id, true), id);
    }

    /** Registers of an adapter that is going say anything, and firmware that has failed as well. */
    private void requireDoorbells(int queueId, boolean egress) throws RnicException {
      long page = page(parameters, queueId, egress);
      long pageBytes = 1L << parameters.pageShift();
      long size = window.sizeBytes(BAR2);
      if (queueId < 0 || page > size - pageBytes) {
        throw new RnicException(
            ("device [%s]: the doorbells of queue [%d] are in [%d] bytes at [%#x] of BAR2, which"
                    + " has [%#x]: SGE registers or queue numbers are wrong; reset the adapter")
                .formatted(mailbox.device(), queueId, pageBytes, page, size));
      }
    }

    private DmaSlab allocate(long sizeBytes) {
      DmaSlab slab = window.allocate(sizeBytes, PAGE_BYTES);
      undo.add(slab::close);
      return slab;
    }
  }
}
