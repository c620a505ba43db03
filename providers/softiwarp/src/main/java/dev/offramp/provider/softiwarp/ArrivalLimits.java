package dev.offramp.provider.softiwarp;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** What of a connection in RDMA mode may not fit this RNIC's queues and settings. */
final class ArrivalLimits {
  private ArrivalLimits() {}

  static List<Refusal> refusals(ConnectionProfile profile, SoftiwarpSettings settings) {
    List<Refusal> refusals = new ArrayList<>();
    int started = size(profile, DescriptorFields.STARTED_WORK);
    room(
        "work requests",
        started + size(profile, DescriptorFields.POSTED_WORK),
        settings.sendQueueEntries(),
        "softiwarp.send-queue-entries",
        refusals);
    room(
        "Receives",
        size(profile, DescriptorFields.POSTED_RECEIVES),
        settings.receiveQueueEntries(),
        "softiwarp.receive-queue-entries",
        refusals);
    if (!settings.immediateData() && hasWork(profile, false)) {
      refusals.add(notOffered("immediate data", "softiwarp.immediate-data"));
    }
    if (!settings.atomics() && hasWork(profile, true)) {
      refusals.add(notOffered("atomic operations", "softiwarp.atomics"));
    }
    return refusals;
  }

  private static <T extends Object> int size(ConnectionProfile profile, FieldKey<List<T>> key) {
    return profile.get(key).orElse(List.of()).size();
  }

  private static void room(
      String what, int seen, int room, String setting, List<Refusal> refusals) {
    if (seen > room) {
      refusals.add(
          new Refusal(
              RefusalReason.NO_RESOURCES,
              seen + " " + what + " that move along",
              "at most " + room,
              "raise " + setting + " there"));
    }
  }

  private static boolean hasWork(ConnectionProfile profile, boolean atomic) {
    List<PostedWork> work =
        new ArrayList<>(profile.get(DescriptorFields.POSTED_WORK).orElse(List.of()));
    profile
        .get(DescriptorFields.STARTED_WORK)
        .orElse(List.of())
        .forEach(started -> work.add(started.work()));
    boolean asked =
        work.stream()
            .map(PostedWork::operation)
            .anyMatch(operation ->
                atomic
                    ? operation == Operation.FETCH_ADD || operation == Operation.COMPARE_SWAP
                    : operation == Operation.IMMEDIATE);
    return asked
        || (atomic
            && profile.get(DescriptorFields.PEER_REQUESTS).orElse(List.of()).stream()
                .anyMatch(request -> request.atomic()));
  }

  private static Refusal notOffered(String what, String setting) {
    return new Refusal(
        RefusalReason.UNSUPPORTED, what + " under way", "none", "switch " + setting + " on there");
  }

  /** The memory that the application has for a region. */
  static MemorySegment check(RegisteredMemory region, MemorySegment memory)
      throws TransferException {
    if (!memory.isNative() || memory.byteSize() != region.sizeBytes()) {
      throw TransferException.refused(
          TransferStep.PREPARE,
          List.of(
              new Refusal(
                  RefusalReason.NO_RESOURCES,
                  memory + " for STag [%08x]".formatted(region.stag()),
                  "native memory of " + region.sizeBytes() + " bytes",
                  "give each region the memory that it had")));
    }
    return memory;
  }
}
