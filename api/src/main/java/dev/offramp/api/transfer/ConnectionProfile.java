package dev.offramp.api.transfer;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.Field;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import java.util.Set;
import org.apiguardian.api.API;

/**
 * What can be known of a running connection without stopping it: what {@link StateTransfer#admits}
 * decides on. Numbers that traffic changes are snapshots.
 *
 * @param facts the fields that could be read; those that need a freeze are absent
 * @param unreadBytes received and not read by the application, at the time of the look
 * @param unacknowledgedBytes sent and not acknowledged
 * @param unsentBytes written and not yet sent
 * @param obstacles what the present owner says about giving the connection up; empty when it would
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record ConnectionProfile(
    IwarpConnectionDescriptor facts,
    long unreadBytes,
    long unacknowledgedBytes,
    long unsentBytes,
    Set<Refusal> obstacles) {
  public ConnectionProfile {
    obstacles = Set.copyOf(obstacles);
  }

  /** Shorthand for the field {@code key} of {@link #facts}. */
  public <T extends Object> Field<T> get(FieldKey<T> key) {
    return facts.get(key);
  }

  /** The profile of a connection that a descriptor describes. */
  public static ConnectionProfile of(IwarpConnectionDescriptor d) {
    return new ConnectionProfile(
        d,
        length(d.get(DescriptorFields.UNREAD)),
        length(d.get(DescriptorFields.UNACKNOWLEDGED)),
        length(d.get(DescriptorFields.UNSENT)),
        Set.of());
  }

  private static long length(Field<Octets> queue) {
    return queue.isKnown() ? queue.value().length() : 0;
  }
}
