package dev.offramp.cli.docs;

import dev.offramp.api.Offramp;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.runtime.migrate.PreSharedKey;
import dev.offramp.runtime.migrate.RdmaMigration;
import dev.offramp.runtime.migrate.RemoteOwner;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** The code of docs/migration.md, as it stands there. */
final class MigrationSnippets {
  private static final int INBOX = 0x100;

  private MigrationSnippets() {}

  static void give(
      Offramp offramp, RdmaConnection connection, SocketChannel channel, PreSharedKey key)
      throws IOException {
    try (RemoteOwner there =
        RemoteOwner.greet(channel, key, "other host", Duration.ofSeconds(10))) {
      RdmaMigration.of(offramp).send(connection, there, () -> takeAddressOver());
      connection.close(); // its end is StreamEnd.Migrated("other host")
    } catch (TransferException e) {
      System.err.println("the connection is at " + e.whereabouts() + ": " + e.getMessage());
    }
  }

  static MemoryRegion take(Offramp offramp, SocketChannel channel, PreSharedKey key)
      throws IOException {
    RdmaMigration.Received received =
        RdmaMigration.of(offramp)
            .receive(
                channel,
                key,
                "softiwarp",
                new RdmaMigration.Limits(64 << 20, Duration.ofSeconds(10)));
    RdmaConnection connection = received.connection();
    MemoryRegion inbox = received.region(INBOX); // the STag that it had there
    return connection.end().isEmpty() ? inbox : MigrationSnippets.none();
  }

  private static void takeAddressOver() throws IOException {
    throw new IOException("as your network does it");
  }

  private static MemoryRegion none() {
    throw new IllegalStateException("the stream has ended");
  }
}
