package dev.offramp.emulator;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.linux.ChannelUsers;
import dev.offramp.linux.Drain;
import dev.offramp.linux.HostStack;
import dev.offramp.runtime.loop.ChannelDepartures;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel's TCP in the NIC's namespace does for an emulated adapter that gives a connection
 * up: it ends input at one octet, as silicon does that takes no more, and stops.
 *
 * @param stack of that namespace
 */
record NicStack(HostStack stack) implements ChannelDepartures {
  @Override
  public void describe(SocketChannel channel, IwarpConnectionDescriptor.Builder to) {
    // An adapter's host learns of TCP from commands only.
  }

  @Override
  public @Nullable Limit limitInput(SocketChannel channel, int bytes) throws TransferException {
    return stack.limitInput(channel, bytes).<Limit>map(limit -> limit::close).orElse(null);
  }

  @Override
  public Departure depart(SocketChannel channel, DepartureNeeds needs) throws TransferException {
    return stack.depart(channel, Drain.NONE, ChannelUsers.excludedByCaller());
  }
}
