package dev.offramp.runtime.stream;

import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.List;

/** What the JDK alone can tell against handing a channel over. */
final class ChannelObstacles {
  private ChannelObstacles() {}

  static List<Refusal> of(SocketChannel channel) {
    try {
      return check(channel);
    } catch (IOException e) {
      return List.of(closed(e.toString()));
    }
  }

  private static List<Refusal> check(SocketChannel channel) throws IOException {
    if (!channel.isOpen()) {
      return List.of(closed("a closed channel"));
    }
    if (!channel.isConnected()) {
      return List.of(
          new Refusal(
              RefusalReason.TCP_STATE,
              "a channel that is not connected",
              "a connected channel",
              "finish connecting first"));
    }
    if (!(channel.getRemoteAddress() instanceof InetSocketAddress)) {
      return List.of(
          new Refusal(
              RefusalReason.NOT_TCP,
              "a channel to " + channel.getRemoteAddress(),
              "a TCP connection",
              "only TCP connections can be moved"));
    }
    if (channel.isRegistered()) {
      return List.of(
          new Refusal(
              RefusalReason.CHANNEL_IN_USE,
              "a channel registered with a selector",
              "a channel that nobody waits on",
              "cancel its key, and let the selector select once more"));
    }
    if (channel.socket().isInputShutdown() || channel.socket().isOutputShutdown()) {
      return List.of(
          new Refusal(
              RefusalReason.HALF_CLOSED,
              "a channel with one direction shut down",
              "both directions open",
              "a half-closed connection cannot become an iWARP stream"));
    }
    return List.of();
  }

  private static Refusal closed(String seen) {
    return new Refusal(
        RefusalReason.CLOSED, seen, "an open, connected channel", "connect a new channel");
  }
}
