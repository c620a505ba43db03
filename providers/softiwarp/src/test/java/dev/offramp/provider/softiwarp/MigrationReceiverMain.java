package dev.offramp.provider.softiwarp;

import dev.offramp.api.Offramp;
import dev.offramp.api.transfer.TransferListener;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;

/** Takes a connection in RDMA mode over, and keeps it. Argument: the socket to listen at. */
final class MigrationReceiverMain {
  private MigrationReceiverMain() {}

  public static void main(String[] args) throws Exception {
    try (Offramp offramp = MigrationParties.open(TransferListener.NONE);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(args[0]));
      System.out.println("ready");
      MigrationParties.receive(offramp, server.accept());
      System.out.println("runs");
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII)).readLine();
    }
  }
}
