package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MemorySlice;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.provider.chelsio.wire.RiWorkRequest;
import dev.offramp.spi.RegionMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a connection brings along: regions under the STags that its peer knows, with the memory of
 * those that are valid; and work that whoever carries the connection will post anew.
 *
 * @param regions all of them
 * @param memory of the valid ones, by STag
 */
public record Luggage(List<RegisteredMemory> regions, Map<Integer, MemorySegment> memory) {
  public Luggage {
    regions = List.copyOf(regions);
    memory = Map.copyOf(memory);
  }

  /**
   * Finds the memory of a stopped connection's regions.
   *
   * @throws TransferException when there is none, or none that the chip could use
   */
  public static Luggage of(
      IwarpConnectionDescriptor descriptor, RegionMemory from, ConnectionSettings settings)
      throws TransferException {
    List<RegisteredMemory> regions = descriptor.get(DescriptorFields.REGIONS).orElse(List.of());
    List<Refusal> refusals = new ArrayList<>();
    checkWork(descriptor, settings, refusals);
    Map<Integer, MemorySegment> memory = new HashMap<>();
    for (RegisteredMemory region : regions) {
      if (region.access().contains(Access.REMOTE_ATOMIC)) {
        refusals.add(
            new Refusal(
                RefusalReason.UNSUPPORTED,
                "STag [%08x] with REMOTE_ATOMIC".formatted(region.stag()),
                "other rights: the chip has no atomic operations for iWARP",
                "close the region, or move the connection to softiwarp"));
      } else if (region.valid()) {
        memory.put(region.stag(), check(region, from.of(region), refusals));
      }
    }
    if (!refusals.isEmpty()) {
      throw TransferException.refused(TransferStep.PREPARE, refusals);
    }
    return new Luggage(regions, memory);
  }

  private static MemorySegment check(
      RegisteredMemory region, MemorySegment memory, List<Refusal> refusals) {
    if (!memory.isNative() || memory.isReadOnly() || memory.byteSize() != region.sizeBytes()) {
      refusals.add(
          new Refusal(
              RefusalReason.UNSUPPORTED,
              "%d bytes of %s%s memory for STag [%08x]"
                  .formatted(
                      memory.byteSize(),
                      memory.isReadOnly() ? "read-only " : "",
                      memory.isNative() ? "native" : "heap",
                      region.stag()),
              region.sizeBytes() + " bytes of native memory to write to",
              "give the region's own memory"));
    }
    return memory;
  }

  /** What would be found out only when it is posted, and refused then. */
  private static void checkWork(
      IwarpConnectionDescriptor descriptor, ConnectionSettings settings, List<Refusal> refusals) {
    List<PostedWork> work = descriptor.get(DescriptorFields.POSTED_WORK).orElse(List.of());
    List<PostedWork> receives = descriptor.get(DescriptorFields.POSTED_RECEIVES).orElse(List.of());
    if (work.size() > settings.sendQueueEntries()
        || receives.size() > settings.receiveQueueEntries()) {
      refusals.add(
          new Refusal(
              RefusalReason.NO_RESOURCES,
              "%d work requests and %d Receives".formatted(work.size(), receives.size()),
              "at most %d and %d"
                  .formatted(settings.sendQueueEntries(), settings.receiveQueueEntries()),
              "raise chelsio.send-queue-entries and chelsio.receive-queue-entries"));
    }
    Map<Integer, RegisteredMemory> regions = new HashMap<>();
    for (RegisteredMemory region : descriptor.get(DescriptorFields.REGIONS).orElse(List.of())) {
      regions.put(region.stag(), region);
    }
    for (PostedWork each : work) {
      checkRequest(each, RiWorkRequest.MAX_SQ_SGE, regions, refusals);
    }
    for (PostedWork each : receives) {
      checkRequest(each, RiWorkRequest.MAX_RQ_SGE, regions, refusals);
    }
  }

  private static void checkRequest(
      PostedWork work,
      int mostBuffers,
      Map<Integer, RegisteredMemory> regions,
      List<Refusal> refusals) {
    @Nullable String wrong = null;
    if (!ChelsioConnection.OPERATIONS.contains(work.operation())) {
      wrong = "which the chip does not have";
    } else if (work.buffers().size() > mostBuffers) {
      wrong =
          "of %d buffers, where the chip takes %d".formatted(work.buffers().size(), mostBuffers);
    } else if (work.lengthBytes() > Limits.MAX_MESSAGE_BYTES) {
      wrong = "of %d bytes".formatted(work.lengthBytes());
    } else if (work.operation() == Operation.READ
        && !isSink(regions.get(work.buffers().getFirst().stag()))) {
      wrong = "into a region without REMOTE_WRITE: the answer names its STag";
    } else if (work.operation() == Operation.RECEIVE && hasRevoked(work.buffers(), regions)) {
      wrong = "into a region whose STag was revoked";
    }
    if (wrong != null) {
      refusals.add(
          new Refusal(
              RefusalReason.UNSUPPORTED,
              "%s %d, %s".formatted(work.operation(), work.id(), wrong),
              "requests that the chip can do",
              "let it complete before the move, or move the connection to softiwarp"));
    }
  }

  private static boolean isSink(@Nullable RegisteredMemory region) {
    return region != null && region.access().contains(Access.REMOTE_WRITE);
  }

  private static boolean hasRevoked(
      List<MemorySlice> buffers, Map<Integer, RegisteredMemory> regions) {
    return buffers.stream()
        .anyMatch(buffer -> {
          RegisteredMemory region = regions.get(buffer.stag());
          return region == null || !region.valid();
        });
  }
}
