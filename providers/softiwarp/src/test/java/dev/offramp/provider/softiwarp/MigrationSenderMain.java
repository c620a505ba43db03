package dev.offramp.provider.softiwarp;

import dev.offramp.api.Offramp;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.runtime.migrate.RdmaMigration;
import dev.offramp.runtime.migrate.RemoteOwner;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * Connects to a peer, and gives the connection away. Arguments: the peer's address and port, the
 * receiver's socket. Says STag and tagged offset of its region, then each {@link MigrationPhase},
 * and waits for a line each time.
 */
final class MigrationSenderMain {
  private static final BufferedReader COMMANDS =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));

  private MigrationSenderMain() {}

  public static void main(String[] args) throws Exception {
    SocketChannel tcp =
        SocketChannel.open(new InetSocketAddress(args[0], Integer.parseInt(args[1])));
    try (Offramp offramp =
        MigrationParties.open(MigrationPhase.listener(MigrationSenderMain::at))) {
      RdmaConnection moving = MigrationParties.offload(offramp, tcp);
      MemoryRegion region = MigrationParties.prepare(moving);
      say(region.stag() + " " + region.taggedOffset());
      try (RemoteOwner remote =
          RemoteOwner.greet(
              SocketChannel.open(UnixDomainSocketAddress.of(args[2])),
              MigrationParties.KEY,
              MigrationPhase.RECEIVER,
              MigrationParties.PATIENCE)) {
        RdmaMigration.of(offramp).send(moving, remote, () -> at(MigrationPhase.LED_OVER));
        at(MigrationPhase.ACTIVE);
      }
    }
  }

  private static void at(MigrationPhase phase) {
    try {
      say(phase.name());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void say(String what) throws IOException {
    System.out.println(what);
    System.out.flush();
    if (COMMANDS.readLine() == null) {
      throw new IOException("nobody says how to go on");
    }
  }
}
