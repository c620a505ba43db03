package dev.offramp.provider.intel;

import static dev.offramp.api.descriptor.DescriptorFields.POSTED_RECEIVES;
import static dev.offramp.api.descriptor.DescriptorFields.POSTED_WORK;
import static dev.offramp.api.descriptor.DescriptorFields.REGIONS;

import dev.offramp.api.descriptor.MemorySlice;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.provider.intel.layout.Generation;
import java.util.ArrayList;
import java.util.List;

/** Whether work and memory that come along with a connection fit the device. */
final class CarriedWork {
  private CarriedWork() {}

  static List<Refusal> refusals(
      ConnectionProfile profile, Generation generation, IntelSettings settings) {
    List<Refusal> refusals = new ArrayList<>();
    List<PostedWork> work = profile.get(POSTED_WORK).orElse(List.of());
    List<PostedWork> receives = profile.get(POSTED_RECEIVES).orElse(List.of());
    room(
        work.size() + " work requests",
        work.size(),
        settings.sendQueueEntries(),
        "send-queue-entries",
        refusals);
    room(
        receives.size() + " Receives",
        receives.size(),
        settings.receiveQueueEntries(),
        "receive-queue-entries",
        refusals);
    for (PostedWork each : work) {
      if (!IntelRnic.OPERATIONS.contains(each.operation())) {
        unsupported(each.operation() + " " + each.id(), "one of " + IntelRnic.OPERATIONS, refusals);
      }
      int limit = each.operation() == Operation.READ ? 1 : generation.limits().fragments();
      buffers(each, limit, refusals);
    }
    receives.forEach(each -> buffers(each, generation.limits().receiveFragments(), refusals));
    for (RegisteredMemory region : profile.get(REGIONS).orElse(List.of())) {
      if (region.valid() && region.access().contains(Access.REMOTE_ATOMIC)) {
        unsupported(
            "STag [%08x] with REMOTE_ATOMIC".formatted(region.stag()),
            "regions for reading and writing; the device has no atomics",
            refusals);
      }
      int index = StagPool.indexOf(region.stag());
      if (region.valid() && (index == 0 || index > settings.maxRegions())) {
        refusals.add(
            new Refusal(
                RefusalReason.NO_RESOURCES,
                "STag [%08x] with index [%d]".formatted(region.stag(), index),
                "an index of 1..%d".formatted(settings.maxRegions()),
                "raise intel.max-regions, or set softiwarp.stag-index-bits where it comes from"));
      }
    }
    return refusals;
  }

  private static void room(
      String what, int seen, int room, String setting, List<Refusal> refusals) {
    if (seen > room) {
      refusals.add(
          new Refusal(
              RefusalReason.NO_RESOURCES,
              what + " that move along",
              "at most " + room,
              "raise intel." + setting));
    }
  }

  private static void buffers(PostedWork work, int limit, List<Refusal> refusals) {
    int count = 0;
    for (MemorySlice slice : work.buffers()) {
      count += slice.lengthBytes() > 0 ? 1 : 0;
    }
    if (count > limit) {
      unsupported(
          "%s %d with %d buffers".formatted(work.operation(), work.id(), count),
          "at most " + limit,
          refusals);
    }
  }

  private static void unsupported(String seen, String expected, List<Refusal> refusals) {
    refusals.add(
        new Refusal(
            RefusalReason.UNSUPPORTED,
            seen,
            expected,
            "let it complete before the move, or choose another RNIC"));
  }
}
