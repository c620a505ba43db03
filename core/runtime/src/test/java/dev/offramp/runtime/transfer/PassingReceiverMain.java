package dev.offramp.runtime.transfer;

import dev.offramp.linux.HostStack;
import dev.offramp.linux.PassingLink;
import dev.offramp.linux.PassingServer;
import dev.offramp.linux.SocketPassing;
import dev.offramp.runtime.migrate.MigrationException;
import dev.offramp.runtime.migrate.PassingReceiver;
import dev.offramp.runtime.migrate.PreSharedKey;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;

/**
 * A process without privilege to which a socket is passed. Arguments: the link's path, key file.
 * Says on standard output what it has got, and goes on with the conversation as standard input
 * says.
 */
final class PassingReceiverMain {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private PassingReceiverMain() {}

  public static void main(String[] args) throws Exception {
    PassingSenderMain.requireNoCapability();
    PassingReceiver receiver =
        new PassingReceiver(
            PreSharedKey.read(Path.of(args[1])), new SocketPassing(HostStack.create()), PATIENCE);
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    try (PassingServer server =
        PassingServer.open(Path.of(args[0]), Set.of(PassingLink.ownUser()))) {
      System.out.println("ready");
      PassingLink link = Objects.requireNonNull(server.accept(PATIENCE));
      SocketChannel connection;
      try {
        connection = receiver.receive(link);
      } catch (MigrationException e) {
        System.out.println("refused " + e.reason());
        orders.readLine();
        return;
      }
      System.out.println("activated");
      String[] words = Objects.requireNonNull(orders.readLine()).split(" ", -1);
      Conversation conversation =
          new Conversation(Long.parseLong(words[0]), Long.parseLong(words[1]));
      conversation.goOn(connection, 20);
      System.out.println(
          "conversed " + conversation.heardBytes() + " with " + connection.getRemoteAddress());
      connection.shutdownOutput();
      orders.readLine();
    }
  }
}
