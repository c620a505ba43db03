package dev.offramp.cli.docs;

import dev.offramp.api.Offramp;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.linux.HostStack;
import dev.offramp.linux.PassingLink;
import dev.offramp.linux.PassingServer;
import dev.offramp.linux.SocketPassing;
import dev.offramp.runtime.migrate.PassingOwner;
import dev.offramp.runtime.migrate.PassingReceiver;
import dev.offramp.runtime.migrate.PreSharedKey;
import dev.offramp.runtime.migrate.RdmaMigration;
import dev.offramp.runtime.migrate.RemoteOwner;
import dev.offramp.runtime.transfer.TransferCoordinator;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.function.UnaryOperator;

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

  static void pass(
      TransferCoordinator coordinator,
      HostStack stack,
      SocketChannel channel,
      Path path,
      PreSharedKey key,
      Duration timeout)
      throws IOException {
    // the process that has the connection
    Set<Integer> users = Set.of(PassingLink.ownUser());
    PassingLink link = PassingLink.connect(path, users, timeout);
    try (PassingOwner other = PassingOwner.greet(link, key, "worker 2", timeout)) {
      coordinator.move(
          other.carry(new SocketPassing(stack).pass(channel)),
          stack.ownerName(),
          UnaryOperator.identity(),
          other,
          arrival -> other.confirm());
    }
  }

  static SocketChannel takePassed(HostStack stack, Path path, PreSharedKey key, Duration timeout)
      throws IOException {
    // the other one
    try (PassingServer server = PassingServer.open(path, Set.of(PassingLink.ownUser()))) {
      PassingLink link = server.accept(timeout);
      if (link == null) {
        throw new IOException("nobody has come for " + timeout);
      }
      return new PassingReceiver(key, new SocketPassing(stack), timeout).receive(link);
    }
  }

  private static void takeAddressOver() throws IOException {
    throw new IOException("as your network does it");
  }

  private static MemoryRegion none() {
    throw new IllegalStateException("the stream has ended");
  }
}
