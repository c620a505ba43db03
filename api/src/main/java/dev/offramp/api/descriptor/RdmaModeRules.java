package dev.offramp.api.descriptor;

import dev.offramp.api.rdma.Operation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What must hold between the fields that describe an iWARP stream in the middle of its work. A
 * stranger's descriptor must not be able to name memory that its own list of regions does not have.
 */
final class RdmaModeRules {
  private static final List<FieldKey<?>> ONLY_IN_RDMA_MODE =
      List.of(
          DescriptorFields.STARTED_WORK,
          DescriptorFields.PEER_REQUESTS,
          DescriptorFields.PARTIAL_MESSAGE);

  private RdmaModeRules() {}

  static void check(IwarpConnectionDescriptor d) {
    IwarpPhase phase = d.get(DescriptorFields.IWARP_PHASE).orElse(IwarpPhase.STREAMING);
    for (FieldKey<?> key : ONLY_IN_RDMA_MODE) {
      Checks.require(
          phase == IwarpPhase.RDMA || !isFilled(d, key),
          key.path(),
          "work under way before the first FPDU",
          "none, or the phase rdma");
    }
    Map<Integer, RegisteredMemory> regions = regions(d);
    List<PostedWork> receives = list(d, DescriptorFields.POSTED_RECEIVES);
    for (PostedWork work : receives) {
      isReceive(work, true, DescriptorFields.POSTED_RECEIVES);
      inside(work, regions);
    }
    for (PostedWork work : list(d, DescriptorFields.POSTED_WORK)) {
      isReceive(work, false, DescriptorFields.POSTED_WORK);
      inside(work, regions);
    }
    checkStarted(list(d, DescriptorFields.STARTED_WORK), regions);
    for (PeerRequest request : list(d, DescriptorFields.PEER_REQUESTS)) {
      if (request.source().lengthBytes() > 0) {
        inside(request.source(), regions);
      }
    }
    checkPartialMessage(d.get(DescriptorFields.PARTIAL_MESSAGE), receives);
  }

  private static boolean isFilled(IwarpConnectionDescriptor d, FieldKey<?> key) {
    return d.isKnown(key) && !(d.value(key) instanceof List<?> items && items.isEmpty());
  }

  private static <T extends Object> List<T> list(
      IwarpConnectionDescriptor d, FieldKey<List<T>> key) {
    return d.get(key).orElse(List.of());
  }

  private static Map<Integer, RegisteredMemory> regions(IwarpConnectionDescriptor d) {
    Map<Integer, RegisteredMemory> byStag = new HashMap<>();
    for (RegisteredMemory region : list(d, DescriptorFields.REGIONS)) {
      if (byStag.put(region.stag(), region) != null) {
        throw new InvalidDescriptorException(
            DescriptorFields.REGIONS.path(),
            "STag [%08x] twice".formatted(region.stag()),
            "each STag once");
      }
    }
    return byStag;
  }

  private static void isReceive(PostedWork work, boolean expected, FieldKey<?> where) {
    if ((work.operation() == Operation.RECEIVE) != expected) {
      throw new InvalidDescriptorException(
          where.path(), work.operation().name(), expected ? "Receives" : "anything but Receives");
    }
  }

  private static void inside(PostedWork work, Map<Integer, RegisteredMemory> regions) {
    for (MemorySlice buffer : work.buffers()) {
      inside(buffer, regions);
    }
  }

  private static void inside(MemorySlice slice, Map<Integer, RegisteredMemory> regions) {
    RegisteredMemory region = regions.get(slice.stag());
    if (region == null || slice.offsetBytes() + slice.lengthBytes() > region.sizeBytes()) {
      throw new InvalidDescriptorException(
          DescriptorFields.REGIONS.path(),
          "STag [%08x], bytes %d to %d: %s"
              .formatted(
                  slice.stag(),
                  slice.offsetBytes(),
                  slice.offsetBytes() + slice.lengthBytes(),
                  region == null ? "no such region" : "the region has " + region.sizeBytes()),
          "part of a region in this list");
    }
  }

  private static void checkStarted(
      List<StartedWork> started, Map<Integer, RegisteredMemory> regions) {
    for (int i = 0; i < started.size(); i++) {
      StartedWork each = started.get(i);
      isReceive(each.work(), false, DescriptorFields.STARTED_WORK);
      inside(each.work(), regions);
      Checks.require(
          each.progress() != StartedWork.Progress.SENDING || i == started.size() - 1,
          DescriptorFields.STARTED_WORK.path(),
          "a message half sent with others after it",
          "whole messages before the last one");
    }
  }

  private static void checkPartialMessage(
      Field<PartialMessage> partial, List<PostedWork> receives) {
    if (!partial.isKnown()) {
      return;
    }
    long room = receives.isEmpty() ? -1 : receives.getFirst().lengthBytes();
    if (room < partial.value().receivedBytes()) {
      throw new InvalidDescriptorException(
          DescriptorFields.PARTIAL_MESSAGE.path(),
          partial.value().receivedBytes() + " bytes, first Receive of " + room,
          "a first Receive that holds them");
    }
  }
}
