package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.rdma.Operation;
import dev.offramp.spi.RnicCapabilities;
import java.util.Set;
import java.util.function.Consumer;

/** What specimens declare otherwise than the drivers that they are made of. */
final class CapabilitiesDraft {
  Set<Operation> operations;
  int maxIrd;
  int maxOrd;
  int maxPrivateDataBytes;
  int maxGatherEntries;
  boolean needsDrainedSendQueue;
  boolean copiesBadSegments;
  Set<FieldKey<?>> consumes;

  private CapabilitiesDraft(RnicCapabilities c) {
    operations = c.operations();
    maxIrd = c.maxIrd();
    maxOrd = c.maxOrd();
    maxPrivateDataBytes = c.maxPrivateDataBytes();
    maxGatherEntries = c.maxGatherEntries();
    needsDrainedSendQueue = c.needsDrainedSendQueue();
    copiesBadSegments = c.copiesBadSegments();
    consumes = c.consumes();
  }

  static RnicCapabilities changed(RnicCapabilities c, Consumer<CapabilitiesDraft> change) {
    CapabilitiesDraft draft = new CapabilitiesDraft(c);
    change.accept(draft);
    return new RnicCapabilities(
        draft.operations,
        c.tcpResidence(),
        c.mpaRevisions(),
        c.sendMarkers(),
        c.receiveMarkers(),
        c.crcCanBeOff(),
        draft.maxIrd,
        draft.maxOrd,
        draft.maxPrivateDataBytes,
        draft.maxGatherEntries,
        c.maxScatterEntries(),
        c.sendQueueEntries(),
        c.receiveQueueEntries(),
        draft.needsDrainedSendQueue,
        draft.copiesBadSegments,
        draft.consumes,
        c.defaults());
  }
}
