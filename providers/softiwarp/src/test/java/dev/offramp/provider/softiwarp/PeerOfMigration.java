package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Write;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * The peer of a connection that migrates: has Writes under way to the second half of its region,
 * and reads all of it when it is to be alive.
 */
final class PeerOfMigration {
  private static final int HALF_BYTES = MigrationParties.BYTES / 2;
  private static final int WRITES = 64;
  private static final int CHUNK_BYTES = HALF_BYTES / WRITES;
  private static final long LAST_ID = 1_000;

  private final RdmaConnection connection;
  private final RemoteBuffer region;
  private final MemoryRegion source;
  private final MemoryRegion seen;

  PeerOfMigration(RdmaConnection connection, RemoteBuffer region) {
    this.connection = connection;
    this.region = region;
    this.source = connection.allocate(MigrationParties.BYTES);
    this.seen = connection.allocate(MigrationParties.BYTES, Access.REMOTE_WRITE);
    MigrationParties.fill(source.segment(), 0);
    MigrationParties.fill(source.segment().asSlice(HALF_BYTES), 1);
  }

  RdmaConnection connection() {
    return connection;
  }

  /** Does not wait for any of it. */
  void write() throws IOException {
    for (int i = 0; i < WRITES; i++) {
      long at = HALF_BYTES + (long) i * CHUNK_BYTES;
      connection.post(new Write(i, source.slice(at, CHUNK_BYTES), region.slice(at, CHUNK_BYTES)));
    }
  }

  /** Each Write completes once, and the region has what both ends put there. */
  void isAlive() throws Exception {
    for (int i = 0; i < WRITES; i++) {
      assertThat(RdmaPair.next(connection, Operation.WRITE).id()).isEqualTo(i);
    }
    connection.post(new Read(LAST_ID, seen.whole(), region));
    RdmaPair.next(connection, Operation.READ);
    assertThat(seen.segment().mismatch(source.segment())).isEqualTo(-1);
  }

  /** Each Write completes once, well or not, and then there is a typed end. */
  StreamEnd endsTyped() throws Exception {
    Set<Long> left = new HashSet<>();
    for (long i = 0; i < WRITES; i++) {
      left.add(i);
    }
    try {
      // Where all had been acknowledged nobody would say a word any more.
      connection.post(new Write(LAST_ID, source.slice(0, 8), region.slice(HALF_BYTES, 8)));
      left.add(LAST_ID);
    } catch (ConnectionClosedException e) {
      assertThat(e.end()).isNotNull();
    }
    try {
      while (true) {
        Completion next =
            connection
                .completions()
                .poll(MigrationParties.PATIENCE)
                .orElseThrow(() -> new AssertionError("no end: " + left));
        assertThat(left.remove(next.id())).as("%s", next).isTrue();
      }
    } catch (ConnectionClosedException e) {
      assertThat(left).isEmpty();
      return e.end();
    }
  }
}
