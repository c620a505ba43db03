package dev.offramp.linux;

import dev.offramp.api.transfer.Arrival;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;

/** A passed socket that is a channel by now, and that another process may still have, too. */
final class SocketArrival implements Arrival<SocketChannel> {
  private final SocketChannel channel;
  private boolean over;

  SocketArrival(SocketChannel channel) {
    this.channel = channel;
  }

  /** Only now: whether a socket blocks is one and the same for all processes that have it. */
  @Override
  public SocketChannel activate() {
    if (over) {
      throw new IllegalStateException("already activated or abandoned");
    }
    over = true;
    try {
      channel.configureBlocking(true);
    } catch (IOException e) {
      // fcntl(2) has no reason to refuse it on an open descriptor.
      throw new UncheckedIOException(e);
    }
    return channel;
  }

  @Override
  public void abandon() {
    if (!over) {
      over = true;
      try {
        channel.close();
      } catch (IOException e) {
        // The descriptor is given back whatever close(2) returns.
      }
    }
  }
}
