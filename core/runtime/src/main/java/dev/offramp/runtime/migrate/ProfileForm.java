package dev.offramp.runtime.migrate;

import dev.offramp.api.descriptor.DescriptorFormatException;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.runtime.migrate.MigrationException.Reason;
import java.nio.ByteBuffer;
import java.util.Set;

/**
 * What is known of a running connection, on the wire: u64 unread, unacknowledged and unsent bytes,
 * then the facts as a descriptor. What its owner says against giving it up is for the sender alone.
 */
final class ProfileForm {
  private static final int COUNTS_BYTES = 3 * Long.BYTES;

  private ProfileForm() {}

  static ByteBuffer encode(ConnectionProfile profile) {
    byte[] facts = profile.facts().toBytes();
    return ByteBuffer.allocate(COUNTS_BYTES + facts.length)
        .putLong(profile.unreadBytes())
        .putLong(profile.unacknowledgedBytes())
        .putLong(profile.unsentBytes())
        .put(facts)
        .flip();
  }

  /**
   * A profile, its form checked.
   *
   * @throws MigrationException PROTOCOL when there are not so many octets, or counts below 0
   * @throws DescriptorFormatException for facts that are none
   */
  static ConnectionProfile decode(ByteBuffer bytes)
      throws MigrationException, DescriptorFormatException {
    if (bytes.remaining() < COUNTS_BYTES) {
      throw new MigrationException(
          Reason.PROTOCOL,
          "a profile of [" + bytes.remaining() + "] bytes, expected at least " + COUNTS_BYTES);
    }
    long unread = bytes.getLong();
    long unacknowledged = bytes.getLong();
    long unsent = bytes.getLong();
    if (unread < 0 || unacknowledged < 0 || unsent < 0) {
      throw new MigrationException(
          Reason.PROTOCOL,
          "a profile with [%d], [%d] and [%d] bytes, expected 0 or more"
              .formatted(unread, unacknowledged, unsent));
    }
    return new ConnectionProfile(
        IwarpConnectionDescriptor.fromBytes(bytes), unread, unacknowledged, unsent, Set.of());
  }
}
