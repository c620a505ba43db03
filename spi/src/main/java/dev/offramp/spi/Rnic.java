package dev.offramp.spi;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.Quiet;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apiguardian.api.API;

/**
 * A device that is up: an owner of connections like any other, which besides carries RDMA on them.
 * Safe for use by several threads.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface Rnic extends StateTransfer<RdmaConnection>, AutoCloseable {
  @Override
  RnicArrival arrive(IwarpConnectionDescriptor descriptor) throws TransferException;

  /**
   * Prepares a connection that may be in RDMA mode, with the STags that its peer knows. What the
   * device has to keep is registered and restored: regions under their STags, work that has begun,
   * the peer's requests, half a message and the Receive that holds it. What has not begun is posted
   * anew by whoever carries the connection, on {@link RnicArrival#prepared}; completions are not
   * the new owner's either.
   *
   * <p>Unless overridden this is {@link #arrive(IwarpConnectionDescriptor)}, and refuses regions.
   *
   * @param memory where the regions' memory is
   * @throws TransferException when it cannot; nothing is left behind
   */
  default RnicArrival arrive(IwarpConnectionDescriptor descriptor, RegionMemory memory)
      throws TransferException {
    if (!descriptor.get(DescriptorFields.REGIONS).orElse(List.of()).isEmpty()) {
      throw TransferException.refused(
          TransferStep.PREPARE,
          List.of(
              new Refusal(
                  RefusalReason.UNSUPPORTED,
                  "a connection with registered memory",
                  "one that has registered none",
                  "close its regions, or choose another RNIC")));
    }
    return arrive(descriptor);
  }

  /** What must be at rest in a connection in RDMA mode that arrives here. */
  default Set<Quiet> arrivalNeeds() {
    return EnumSet.allOf(Quiet.class);
  }

  /**
   * Looks at a running connection without stopping it, for another owner's {@link #admits}. Unless
   * overridden it tells the two ends and what MPA start-up agreed.
   */
  default ConnectionProfile profile(RdmaConnection connection) {
    return RunningConnection.profile(connection);
  }

  /**
   * Stops a connection in RDMA mode and describes it, after bringing to rest what the next owner
   * cannot take over.
   *
   * <p>Unless overridden this is {@link StateTransfer#depart}. Until release or resume all methods
   * of the connection wait; after release they throw {@link ConnectionMovedException}, and so do
   * those in which a thread waits already, but for {@link RdmaConnection#counters}, which stays.
   * Regions of a released connection are forgotten, not closed: their memory is untouched.
   *
   * @throws TransferException when it cannot be stopped, described, or brought to rest in time; it
   *     then goes on as before
   */
  default Departure depart(RdmaConnection connection, DepartureNeeds needs)
      throws TransferException {
    return depart(connection);
  }

  /**
   * The cached fields of which the device takes changes while a connection runs: next hop's MAC
   * address, VLAN tag, path MTU and such, which the host decides. Unless overridden none. An RNIC
   * whose frames the host's own stack makes needs none, and consumes none of these fields.
   */
  default Set<FieldKey<?>> updates() {
    return Set.of();
  }

  /**
   * Tells what the host has decided anew for a running connection: a neighbour's MAC address has
   * changed, or the route, or the interface's VLAN or MTU. Called by a thread of the runtime, one
   * call at a time for a connection, and repeated with the same values maybe. When it returns, what
   * is sent from then on goes the new way. While a connection is being departed it may be told, and
   * what it is told counts if it resumes.
   *
   * @param cached the fields that are known of those the host decides; fields that are absent stay
   *     as they are, but for {@link DescriptorFields#VLAN_TAG}: no tag then
   * @throws RnicException when the device takes no such change (unless overridden: always), or has
   *     failed to; the connection goes on as before
   * @throws ConnectionMovedException when the connection has been released
   */
  default void update(RdmaConnection connection, IwarpConnectionDescriptor cached)
      throws RnicException {
    throw new RnicException(
        ownerName()
            + " takes no changes of route or neighbour while a connection runs; move the"
            + " connection to another RNIC and back");
  }

  /** What the device can do. Constant while it is up. */
  RnicCapabilities capabilities();

  /**
   * What all connections did so far, those that have ended included. A device that does not count
   * says zero.
   */
  default RdmaCounters counters() {
    return RdmaCounters.ZERO;
  }

  /** Aborts the connections that are left, stops the device, releases all. Idempotent. */
  @Override
  void close();
}
