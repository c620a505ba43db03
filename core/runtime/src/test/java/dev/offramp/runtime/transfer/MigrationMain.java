package dev.offramp.runtime.transfer;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.linux.HostStack;
import dev.offramp.runtime.migrate.MigrationReceiver;
import dev.offramp.runtime.migrate.PreSharedKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * The process to which a connection migrates. Arguments: socket, key file. Says on standard output
 * what it has done, and goes on with the conversation as standard input says.
 */
final class MigrationMain {
  private MigrationMain() {}

  public static void main(String[] args) throws Exception {
    MigrationReceiver receiver =
        new MigrationReceiver(
            PreSharedKey.read(Path.of(args[1])),
            new TransferCoordinator(
                Set.of(DescriptorFields.CWND_BYTES, DescriptorFields.SRTT_MICROS),
                TransferListener.NONE),
            Duration.ofSeconds(20));
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(args[0]));
      say("ready");
      SocketChannel connection;
      try {
        connection = receiver.receive(server.accept(), HostStack.create());
      } catch (IOException e) {
        say("refused " + e.getMessage());
        return;
      }
      say("activated");
      String[] words = command().split(" ", -1);
      Conversation conversation =
          new Conversation(Long.parseLong(words[0]), Long.parseLong(words[1]));
      conversation.goOn(connection, 20);
      connection.shutdownOutput();
      say("conversed " + conversation.heardBytes());
      command();
    }
  }

  private static String command() throws IOException {
    String line =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII)).readLine();
    return line == null ? "" : line;
  }

  private static void say(String what) {
    System.out.println(what);
    System.out.flush();
  }
}
