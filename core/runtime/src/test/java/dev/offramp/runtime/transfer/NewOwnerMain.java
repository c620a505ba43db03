package dev.offramp.runtime.transfer;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.linux.HostStack;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * An owner of connections in a process of its own: takes one connection over, as told on standard
 * input, and says on standard output what it has done.
 */
final class NewOwnerMain {
  private NewOwnerMain() {}

  public static void main(String[] args) throws Exception {
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    HostStack stack = HostStack.create();
    Arrival<SocketChannel> arrival = null;
    SocketChannel channel = null;
    System.out.println("ready");
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "arrive" -> {
          byte[] bytes = HexFormat.of().parseHex(words[1]);
          arrival = stack.arrive(IwarpConnectionDescriptor.fromBytes(ByteBuffer.wrap(bytes)));
          System.out.println("prepared");
        }
        case "activate" -> {
          channel = java.util.Objects.requireNonNull(arrival).activate();
          System.out.println("activated");
        }
        case "converse" -> {
          Conversation conversation =
              new Conversation(Long.parseLong(words[1]), Long.parseLong(words[2]));
          conversation.goOn(java.util.Objects.requireNonNull(channel), 20);
          System.out.println("conversed " + conversation.heardBytes());
        }
        default -> throw new IllegalArgumentException(line);
      }
      System.out.flush();
    }
  }
}
