package dev.offramp.provider.intel;

import dev.offramp.provider.intel.layout.CompletionEntry;
import dev.offramp.provider.intel.layout.CqpQp;
import dev.offramp.provider.intel.layout.CqpQueues;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.IwarpContext;
import dev.offramp.provider.intel.layout.QpContext;
import dev.offramp.provider.intel.layout.QueueContext;
import dev.offramp.provider.intel.layout.SendWqe;
import dev.offramp.provider.intel.layout.TcpContext;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaSlab;

/**
 * The QP that owns a 4-tuple which no other QP owns yet. The vendor's driver runs TCP in software
 * over such a queue (ILQ). Here it has not a single buffer: from the moment that a 4-tuple is given
 * to it, the device drops what comes, and TCP's retransmission brings it again once the
 * connection's own QP has taken over. Source: irdma's puda.c, irdma_puda_qp_create.
 */
final class ParkingQueue {
  /** Its QP and its CQ; the vendor gives the same number to its own. */
  static final int ID = 1;

  private static final int QP_TYPE_UDA = 2;
  private static final int QUANTA = 8;
  private static final int CQ_ENTRIES = 16;
  private static final int ALIGNMENT = 4096;

  private static final long CONTEXT = 1L << 61;
  private static final long QUEUE_BYTES = (long) QUANTA * SendWqe.QUANTUM_BYTES;
  private static final long CQ_BYTES = (long) CQ_ENTRIES * CompletionEntry.BYTES;

  private static final long SQ = 0;
  private static final long RQ = SQ + QUEUE_BYTES;
  private static final long CQ = RQ + QUEUE_BYTES;
  private static final long QP_CONTEXT = CQ + CQ_BYTES;
  private static final long QP_SHADOW = QP_CONTEXT + QpContext.BYTES;
  private static final long CQ_SHADOW = QP_SHADOW + CompletionEntry.SHADOW_BYTES;
  private static final long ALL = CQ_SHADOW + CompletionEntry.SHADOW_BYTES;

  private ParkingQueue() {}

  /** Creates it on the device. */
  static void create(
      DeviceWindow window,
      Generation generation,
      ControlQueue control,
      IntelSettings settings,
      Rollback rollback)
      throws CommandException {
    DmaSlab slab = window.allocate(ALL, ALIGNMENT);
    rollback.addMemory("memory of the parking queue", slab::close);
    long base = slab.deviceAddress();
    CqpQueues.Place place = new CqpQueues.Place();
    place.address = base + CQ;
    control.run(
        "CREATE_CQ " + ID,
        (ring, wqe, valid) ->
            CqpQueues.createCq(
                generation,
                ring,
                wqe,
                ID,
                CQ_ENTRIES,
                CONTEXT,
                place,
                base + CQ_SHADOW,
                CQ_ENTRIES / 2,
                0,
                0,
                settings.vsi(),
                0,
                valid));
    rollback.add(
        "DESTROY_CQ " + ID,
        () ->
            control.insist(
                "DESTROY_CQ " + ID,
                (ring, wqe, valid) ->
                    CqpQueues.destroyCq(
                        generation,
                        ring,
                        wqe,
                        ID,
                        CQ_ENTRIES,
                        CONTEXT,
                        place,
                        base + CQ_SHADOW,
                        0,
                        0,
                        valid)));
    QueueContext queues = new QueueContext();
    queues.sqAddress = base + SQ;
    queues.rqAddress = base + RQ;
    queues.sqSizeCode = QueueContext.sizeCode(QUANTA);
    queues.rqSizeCode = QueueContext.sizeCode(QUANTA);
    queues.sendCqId = ID;
    queues.receiveCqId = ID;
    queues.completionContext = CONTEXT;
    queues.queueSetHandle = settings.queueSetHandle();
    QpContext.write(
        generation,
        slab.segment(),
        QP_CONTEXT,
        queues,
        new TcpContext(),
        new IwarpContext(),
        /* tcpValid= */ false,
        /* iwarpValid= */ false);
    control.run(
        "CREATE_QP " + ID,
        (ring, wqe, valid) ->
            CqpQp.create(
                ring,
                wqe,
                ID,
                QP_TYPE_UDA,
                base + QP_CONTEXT,
                base + QP_SHADOW,
                CqpQp.IRDMA_CQPSQ_QP_CQNUMVALID.mask(),
                CqpQp.STATE_RTS,
                valid));
    rollback.add(
        "DESTROY_QP " + ID,
        () ->
            control.insist(
                "DESTROY_QP " + ID,
                (ring, wqe, valid) ->
                    CqpQp.destroy(
                        ring,
                        wqe,
                        ID,
                        QP_TYPE_UDA,
                        base + QP_CONTEXT,
                        base + QP_SHADOW,
                        0,
                        valid)));
  }
}
