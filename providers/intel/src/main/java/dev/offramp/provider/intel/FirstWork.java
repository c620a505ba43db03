package dev.offramp.provider.intel;

import static dev.offramp.api.descriptor.DescriptorFields.IWARP_PHASE;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_ROLE;
import static dev.offramp.api.descriptor.DescriptorFields.PEER_HEARD;
import static dev.offramp.api.descriptor.DescriptorFields.READY_TO_RECEIVE_SENT;
import static dev.offramp.api.descriptor.DescriptorFields.RTR;
import static dev.offramp.api.descriptor.DescriptorFields.UNSENT;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.provider.intel.layout.ConnectionWqe;
import dev.offramp.provider.intel.layout.CqpStag;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.ReceiveWqe;
import dev.offramp.provider.intel.ring.ReceiveRing;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What a connection sends before any work is posted: a Responder the bytes that are still to be
 * sent in streaming mode, with the MPA Reply at their end, and an Initiator its ready-to-receive
 * indication. Nothing where FPDUs have flowed: a Responder has heard its peer, an Initiator has
 * spoken. Written at quantum 0, without a doorbell.
 *
 * <p>Inferences: the vendor's driver has only Reads and Writes of nothing as indications. For a
 * Send of nothing an ordinary Send is used; where there is none, a NOP, in the middle of a stream
 * also at a Responder. And a Responder that awaits a Send of nothing posts a Receive of nothing for
 * it, because the device would otherwise take the application's first one.
 */
final class FirstWork {
  /** First pass of a new ring. */
  private static final int VALID = 1;

  private static final int NO_STAG = 0;

  private final Adapter adapter;
  private final QueueMemory memory;
  private int stag = NO_STAG;

  FirstWork(Adapter adapter, QueueMemory memory) {
    this.adapter = adapter;
    this.memory = memory;
  }

  /** Writes it into the rings. */
  void write(IwarpConnectionDescriptor d) throws IOException {
    Generation generation = adapter.generation();
    MemorySegment ring = memory.sends().memory();
    if (isOpened(d)) {
      ConnectionWqe.nothing(generation, ring, VALID);
      return;
    }
    if (d.value(MPA_ROLE) == MpaRole.RESPONDER) {
      Octets bytes = d.value(UNSENT);
      long address = 0;
      if (!bytes.isEmpty()) {
        address = register(bytes);
      }
      ConnectionWqe.lastStreamingMessage(generation, ring, address, bytes.length(), stag, VALID);
      if (awaitsSend(d)) {
        ReceiveRing receives = memory.receives();
        int index = receives.reserve(0);
        ReceiveWqe.end(
            generation, receives.memory(), receives.offset(index), 0, receives.polarity());
      }
      return;
    }
    switch (d.value(RTR)) {
      case READ -> ConnectionWqe.readyToReceiveRead(generation, ring, VALID);
      case WRITE -> ConnectionWqe.readyToReceiveWrite(generation, ring, VALID);
      case SEND -> ConnectionWqe.readyToReceiveSend(generation, ring, VALID);
      case NONE -> ConnectionWqe.nothing(generation, ring, VALID);
    }
  }

  /** Whether the first Receive is not the application's. */
  static boolean awaitsSend(IwarpConnectionDescriptor d) {
    return d.value(MPA_ROLE) == MpaRole.RESPONDER && d.value(RTR) == RtrKind.SEND && !isOpened(d);
  }

  /** Whether a Responder has heard its peer, or an Initiator's indication is sent. */
  static boolean isOpened(IwarpConnectionDescriptor d) {
    return d.get(IWARP_PHASE).orElse(IwarpPhase.STARTED) == IwarpPhase.RDMA
        && d.get(d.value(MPA_ROLE) == MpaRole.RESPONDER ? PEER_HEARD : READY_TO_RECEIVE_SENT)
            .orElse(false);
  }

  /** Copies the bytes to where the device can read them; gives their tagged offset. */
  private long register(Octets bytes) throws IOException {
    long offset = memory.sizes().streamingOffset();
    MemorySegment.copy(
        bytes.toByteArray(), 0, memory.segment(), ValueLayout.JAVA_BYTE, offset, bytes.length());
    CqpStag.Region region = new CqpStag.Region();
    region.stag = adapter.stags().take();
    region.pdId = memory.pdId();
    region.lengthBytes = bytes.length();
    region.accessRights = CqpStag.ACCESS_LOCALREAD;
    region.deviceAddress = memory.address(offset);
    region.hostAddress = region.deviceAddress;
    region.addressBased = true;
    try {
      adapter
          .control()
          .run(
              "REG_MR for the last streaming-mode message",
              (ring, wqe, valid) ->
                  CqpStag.register(adapter.generation(), ring, wqe, region, valid));
    } catch (CommandException | RuntimeException e) {
      adapter.stags().giveBack(region.stag);
      throw e;
    }
    stag = region.stag;
    return region.hostAddress;
  }

  /** Takes the bytes off the device. */
  void dispose() {
    if (stag == NO_STAG) {
      return;
    }
    int done = stag;
    stag = NO_STAG;
    try {
      adapter
          .control()
          .insist(
              "DEALLOC_STAG of the last streaming-mode message",
              (ring, wqe, valid) ->
                  CqpStag.deallocate(
                      adapter.generation(),
                      ring,
                      wqe,
                      done,
                      memory.pdId(),
                      /* isRegion= */ true,
                      valid));
      adapter.stags().giveBack(done);
    } catch (CommandException e) {
      // It names memory that is given back only when the QP is gone, so it does no harm.
      e.log(adapter.context().logger(), "first work");
    }
  }
}
