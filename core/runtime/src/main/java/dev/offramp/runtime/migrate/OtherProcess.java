package dev.offramp.runtime.migrate;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Quiet;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.runtime.move.Destination;
import dev.offramp.runtime.move.MovableConnection;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Another process that is sent the memory of a connection's regions, too. For one thread, and one
 * connection.
 */
final class OtherProcess implements Destination {
  private final RemoteOwner remote;
  private final MovableConnection connection;
  private long limitBytes;

  OtherProcess(RemoteOwner remote, MovableConnection connection) {
    this.remote = remote;
    this.connection = connection;
  }

  @Override
  public String ownerName() {
    return remote.ownerName();
  }

  @Override
  public Set<Quiet> needs(ConnectionProfile running) throws TransferException {
    RdmaNeeds needs = remote.rdmaNeeds(running);
    limitBytes = needs.memoryLimitBytes();
    return needs.quiet();
  }

  /** Asked before anything is stopped, and again of what is stopped. */
  @Override
  public Admission admits(ConnectionProfile profile) {
    long all =
        new MemorySender(connection.memory())
            .plan().areaBytes().stream().mapToLong(Long::longValue).sum();
    return all > limitBytes
        ? Admission.refused(
            List.of(
                new Refusal(
                    RefusalReason.NO_RESOURCES,
                    "registered memory of " + all + " bytes",
                    "at most " + limitBytes,
                    "allow more at the receiver, or close regions")))
        : remote.admits(profile);
  }

  @Override
  public Departure depart(String known) throws TransferException {
    return remote.depart(known);
  }

  @Override
  public Arrival<String> arrive(IwarpConnectionDescriptor descriptor) throws TransferException {
    Map<Integer, MemorySegment> memory = new HashMap<>();
    for (RegisteredMemory region : descriptor.get(DescriptorFields.REGIONS).orElse(List.of())) {
      // What was revoked can hold what the peer wrote before, unread; unless it was closed.
      Optional<MemorySegment> segment =
          region.valid()
              ? Optional.of(connection.memoryOf(region))
              : connection.findMemory(region.stag());
      segment.ifPresent(known -> memory.put(region.stag(), known));
    }
    return remote.arrive(descriptor, new MemorySender(memory));
  }
}
