package dev.offramp.runtime.migrate;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.offramp.api.transfer.Quiet;
import dev.offramp.runtime.migrate.MigrationException.Reason;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a receiver needs of a connection in RDMA mode, on the wire: u64, then names with spaces.
 *
 * @param memoryLimitBytes how much memory it may bring
 * @param quiet what has to be at rest
 */
record RdmaNeeds(long memoryLimitBytes, Set<Quiet> quiet) {
  ByteBuffer encode() {
    byte[] names = String.join(" ", quiet.stream().map(Quiet::name).toList()).getBytes(US_ASCII);
    return ByteBuffer.allocate(Long.BYTES + names.length)
        .putLong(memoryLimitBytes)
        .put(names)
        .flip();
  }

  static RdmaNeeds decode(ByteBuffer bytes) throws MigrationException {
    if (bytes.remaining() < Long.BYTES) {
      throw new MigrationException(
          Reason.PROTOCOL, "needs of [" + bytes.remaining() + "] bytes, expected at least 8");
    }
    long limit = bytes.getLong();
    String names = US_ASCII.decode(bytes).toString();
    Set<Quiet> quiet = EnumSet.noneOf(Quiet.class);
    for (String name : names.isEmpty() ? new String[0] : names.split(" ", -1)) {
      try {
        quiet.add(Quiet.valueOf(name));
      } catch (IllegalArgumentException e) {
        throw new MigrationException(
            Reason.PROTOCOL,
            "a need [" + name + "], expected one that this version knows; use the same version",
            e);
      }
    }
    return new RdmaNeeds(limit, quiet);
  }
}
