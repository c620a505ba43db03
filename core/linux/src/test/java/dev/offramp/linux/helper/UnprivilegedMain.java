package dev.offramp.linux.helper;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.linux.HostOptions;
import dev.offramp.linux.HostStack;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * An application without any privilege, which gives its connection up and takes it again by the
 * helper. Arguments: the helper's socket, the port of an echo on the loopback.
 */
final class UnprivilegedMain {
  private UnprivilegedMain() {}

  public static void main(String[] args) throws Exception {
    InetSocketAddress echo =
        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), Integer.parseInt(args[1]));
    HostStack alone = HostStack.create();
    try (SocketChannel channel = SocketChannel.open(echo)) {
      ask(channel, "plain");
      try {
        alone.depart(channel).close();
        throw new IllegalStateException("this process may do what it must not");
      } catch (TransferException e) {
        System.out.println("alone: " + e.refusals().getFirst().reason());
      }
      HostStack stack = HostStack.create(HostOptions.defaults().withHelper(Path.of(args[0])));
      Departure departure;
      try {
        departure = stack.depart(channel);
      } catch (TransferException e) {
        if (e.refusals().isEmpty()) {
          throw e;
        }
        System.out.println("refused: " + e.refusals().getFirst().reason());
        return;
      }
      try (departure) {
        System.out.println("stopped at " + departure.descriptor().value(DescriptorFields.SND_UNA));
      }
      ask(channel, "resumed");
      IwarpConnectionDescriptor descriptor;
      try (Departure last = stack.depart(channel)) {
        descriptor = last.descriptor();
        last.release();
      }
      try (SocketChannel again = stack.arrive(descriptor).activate()) {
        ask(again, "arrived");
      }
    }
    System.out.println("done");
  }

  private static void ask(SocketChannel channel, String what) throws IOException {
    ByteBuffer question = ByteBuffer.wrap(what.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    ByteBuffer answer = ByteBuffer.allocate(question.remaining());
    while (question.hasRemaining()) {
      channel.write(question);
    }
    while (answer.hasRemaining() && channel.read(answer) >= 0) {
      Thread.onSpinWait();
    }
    if (!answer.flip().equals(question.flip())) {
      throw new IOException("seen another echo of " + what);
    }
    System.out.println(what);
  }
}
