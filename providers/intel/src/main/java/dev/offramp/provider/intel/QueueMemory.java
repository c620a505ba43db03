package dev.offramp.provider.intel;

import dev.offramp.provider.intel.layout.CompletionEntry;
import dev.offramp.provider.intel.layout.ConnectionWqe;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.QpContext;
import dev.offramp.provider.intel.layout.QueueContext;
import dev.offramp.provider.intel.ring.CompletionRing;
import dev.offramp.provider.intel.ring.ReceiveRing;
import dev.offramp.provider.intel.ring.SendRing;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;

/**
 * What a connection has on the host's side of the device: numbers, and one slab of memory with all
 * its queues in it. The rings are for one thread at a time.
 */
final class QueueMemory {
  private static final int ALIGNMENT = 4096;

  private final Adapter adapter;
  private final QueueSizes sizes;
  private final int qpId;
  private final int cqId;
  private final int pdId;
  private final long serial;
  private final DmaSlab slab;
  private final SendRing sends;
  private final ReceiveRing receives;
  private final CompletionRing completions;

  private QueueMemory(
      Adapter adapter, QueueSizes sizes, int qpId, int cqId, int pdId, DmaSlab slab) {
    Generation generation = adapter.generation();
    this.adapter = adapter;
    this.sizes = sizes;
    this.qpId = qpId;
    this.cqId = cqId;
    this.pdId = pdId;
    this.serial = adapter.nextSerial();
    this.slab = slab;
    this.sends =
        new SendRing(
            generation,
            part(sizes.sendOffset(), sizes.sendBytes()),
            part(sizes.qpShadowOffset(), CompletionEntry.SHADOW_BYTES),
            qpId,
            adapter.window());
    int own = ConnectionWqe.quanta(generation);
    sends.beginAfter(own);
    this.receives =
        new ReceiveRing(part(sizes.receiveOffset(), sizes.receiveBytes()), sizes.receiveSizeCode());
    this.completions =
        new CompletionRing(
            generation,
            part(sizes.completionOffset(), sizes.completionBytes()),
            part(sizes.cqShadowOffset(), CompletionEntry.SHADOW_BYTES),
            cqId,
            sends,
            receives,
            completionContext(),
            own,
            adapter.window());
  }

  /**
   * Takes numbers and memory.
   *
   * @param streamingBytes length of the last streaming-mode message
   * @throws NoRoomException when the device has no more of something; nothing is taken then
   * @throws dev.offramp.spi.port.OutOfDeviceMemoryException likewise
   */
  static QueueMemory take(Adapter adapter, int streamingBytes) throws NoRoomException {
    QueueSizes sizes = QueueSizes.of(adapter.generation(), adapter.settings());
    Rollback rollback = new Rollback(adapter.context().logger());
    try {
      int qpId = adapter.qpIds().take();
      rollback.add("QP " + qpId, () -> adapter.qpIds().giveBack(qpId));
      int cqId = adapter.cqIds().take();
      rollback.add("CQ " + cqId, () -> adapter.cqIds().giveBack(cqId));
      int pdId = adapter.pdIds().take();
      rollback.add("PD " + pdId, () -> adapter.pdIds().giveBack(pdId));
      DmaSlab slab = adapter.window().allocate(sizes.bytes(streamingBytes), ALIGNMENT);
      return new QueueMemory(adapter, sizes, qpId, cqId, pdId, slab);
    } catch (NoRoomException | RuntimeException | Error e) {
      rollback.run();
      throw e;
    }
  }

  private MemorySegment part(long offset, long bytes) {
    return slab.segment().asSlice(offset, bytes);
  }

  QueueSizes sizes() {
    return sizes;
  }

  int qpId() {
    return qpId;
  }

  int cqId() {
    return cqId;
  }

  int pdId() {
    return pdId;
  }

  /** What the device puts into CQEs and AEQEs of this connection. */
  long completionContext() {
    return serial;
  }

  /** What it puts into CEQEs; bit 0 is clear, for the device does not keep it. */
  long cqContext() {
    return serial << 1;
  }

  SendRing sends() {
    return sends;
  }

  ReceiveRing receives() {
    return receives;
  }

  CompletionRing completions() {
    return completions;
  }

  /** Whether something is posted and not complete. */
  boolean hasWork() {
    return sends.hasWork() || receives.hasWork();
  }

  /** The host's view of the whole slab. */
  MemorySegment segment() {
    return slab.segment();
  }

  /** The device's address of a place in the slab. */
  long address(long offset) {
    return slab.deviceAddress() + offset;
  }

  /** The part of the QP context that is about this memory. */
  QueueContext context() {
    QueueContext queues = new QueueContext();
    queues.rqWqeSizeCode = sizes.receiveSizeCode();
    queues.sqSizeCode = QueueContext.sizeCode(sizes.sendQuanta());
    queues.rqSizeCode = QueueContext.sizeCode(sizes.receiveQuanta());
    queues.sqAddress = address(sizes.sendOffset());
    queues.rqAddress = address(sizes.receiveOffset());
    queues.q2Address = address(sizes.q2Offset());
    queues.completionContext = completionContext();
    queues.sendCqId = cqId;
    queues.receiveCqId = cqId;
    queues.queueSetHandle = adapter.settings().queueSetHandle();
    return queues;
  }

  /** Has the QP context name another place in the table of next hops, in both fields for it. */
  void putArpIndex(int index) {
    QpContext.putArpIndex(slab.segment(), sizes.contextOffset(), index);
  }

  /** Has the QP context name another segment size. */
  void putSegmentBytes(int bytes) {
    QpContext.putSegmentBytes(slab.segment(), sizes.contextOffset(), bytes);
  }

  /** Gives all back: the device has let go of it. */
  void release() {
    slab.close();
    adapter.pdIds().giveBack(pdId);
    adapter.cqIds().giveBack(cqId);
    adapter.qpIds().giveBack(qpId);
  }

  /** Gives the memory back with the device, and the numbers never: the device holds on to them. */
  void abandon() {
    adapter.keepUntilClosed("memory of QP " + qpId, slab::close);
  }
}
