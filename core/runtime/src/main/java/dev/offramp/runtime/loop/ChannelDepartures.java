package dev.offramp.runtime.loop;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.TransferException;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** The TCP stack that a channel's connection is in, as far as it can leave. */
public interface ChannelDepartures {
  /** Adds what TCP says of a running connection. */
  void describe(SocketChannel channel, IwarpConnectionDescriptor.Builder to) throws IOException;

  /**
   * Ends input so many bytes behind what has been read, until the result is closed; null when TCP
   * has more already.
   *
   * @throws TransferException when it cannot
   */
  @Nullable Limit limitInput(SocketChannel channel, int bytes) throws TransferException;

  /** An end of input. */
  @FunctionalInterface
  interface Limit {
    /** Takes all input again. */
    void lift() throws IOException;
  }

  /**
   * Stops the connection of a channel that no selector has, and that nobody uses.
   *
   * @throws TransferException when it cannot; it goes on
   */
  Departure depart(SocketChannel channel, DepartureNeeds needs) throws TransferException;
}
