package dev.offramp.runtime.stream;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The host's stack as seen by an RNIC that leaves TCP there: a departure hands over the byte stream
 * of a socket that stays where it is. Needs neither privilege nor native access.
 */
public final class ResidentStack implements StateTransfer<SocketChannel> {
  private static final String SOURCE = "SocketChannel";

  /** Both ends of a connection; unique within one network namespace. */
  record Ends(InetSocketAddress local, InetSocketAddress remote) {
    static Ends of(IwarpConnectionDescriptor d) {
      return new Ends(
          d.value(DescriptorFields.LOCAL_ADDRESS), d.value(DescriptorFields.REMOTE_ADDRESS));
    }
  }

  /** A socket that is changing hands. Safe for any thread. */
  interface Handover {
    SocketChannel channel();

    /** Whether its old owner has let go, so that nobody but the new one can end it. */
    boolean isReleased();
  }

  private final Map<Ends, ResidentDeparture> departing = new ConcurrentHashMap<>();

  /** A stack without departures in progress. */
  public ResidentStack() {}

  @Override
  public String ownerName() {
    return "linux";
  }

  /** What the JDK knows of a channel, and what keeps it from being handed over. */
  public ConnectionProfile profile(SocketChannel channel) {
    List<Refusal> obstacles = ChannelObstacles.of(channel);
    if (!obstacles.isEmpty()) {
      return new ConnectionProfile(NoConnection.DESCRIPTOR, 0, 0, 0, Set.copyOf(obstacles));
    }
    try {
      return new ConnectionProfile(describe(channel), 0, 0, 0, Set.of());
    } catch (IOException e) {
      Refusal closed =
          new Refusal(
              RefusalReason.CLOSED, e.toString(), "an open channel", "connect a new channel");
      return new ConnectionProfile(NoConnection.DESCRIPTOR, 0, 0, 0, Set.of(closed));
    }
  }

  /** Takes back nothing: the byte stream of a resident connection never left this stack. */
  @Override
  public Admission admits(ConnectionProfile profile) {
    return Admission.refused(List.of(noArrival()));
  }

  @Override
  public Departure depart(SocketChannel channel) throws TransferException {
    List<Refusal> obstacles = ChannelObstacles.of(channel);
    if (!obstacles.isEmpty()) {
      throw TransferException.refused(TransferStep.ADMIT, obstacles);
    }
    try {
      return new ResidentDeparture(channel, describe(channel));
    } catch (IOException e) {
      throw new TransferException(
          TransferStep.DESCRIBE, Whereabouts.OLD_OWNER, "the channel failed: " + e, e);
    }
  }

  @Override
  public Arrival<SocketChannel> arrive(IwarpConnectionDescriptor descriptor)
      throws TransferException {
    throw TransferException.refused(TransferStep.ADMIT, List.of(noArrival()));
  }

  /** The departure in progress; null when there is none. */
  @Nullable Handover claim(IwarpConnectionDescriptor descriptor) {
    return departing.get(Ends.of(descriptor));
  }

  private static Refusal noArrival() {
    return new Refusal(
        RefusalReason.UNSUPPORTED,
        "a connection whose TCP state travels",
        "a connection whose TCP stays in the host's stack",
        "move it to the host stack by TCP_REPAIR, which needs CAP_NET_ADMIN");
  }

  private static IwarpConnectionDescriptor describe(SocketChannel channel) throws IOException {
    return IwarpConnectionDescriptor.builder()
        .present(
            DescriptorFields.LOCAL_ADDRESS,
            (InetSocketAddress) channel.getLocalAddress(),
            SOURCE + ".getLocalAddress")
        .present(
            DescriptorFields.REMOTE_ADDRESS,
            (InetSocketAddress) channel.getRemoteAddress(),
            SOURCE + ".getRemoteAddress")
        .present(DescriptorFields.TCP_RESIDENCE, TcpResidence.HOST_STACK, "the RNIC's capability")
        .build();
  }

  private final class ResidentDeparture implements Departure, Handover {
    private final SocketChannel channel;
    private final IwarpConnectionDescriptor descriptor;
    private final boolean wasBlocking;
    private volatile boolean released;
    private boolean resumed;

    ResidentDeparture(SocketChannel channel, IwarpConnectionDescriptor descriptor)
        throws TransferException {
      this.channel = channel;
      this.descriptor = descriptor;
      this.wasBlocking = channel.isBlocking();
      ResidentDeparture other = departing.putIfAbsent(Ends.of(descriptor), this);
      if (other != null) {
        List<Refusal> inUse = new ArrayList<>();
        inUse.add(
            new Refusal(
                RefusalReason.CHANNEL_IN_USE,
                "a departure of the same connection in progress",
                "one departure at a time",
                "wait for the other one"));
        throw TransferException.refused(TransferStep.EXCLUDE, inUse);
      }
    }

    @Override
    public SocketChannel channel() {
      return channel;
    }

    @Override
    public boolean isReleased() {
      return released;
    }

    @Override
    public IwarpConnectionDescriptor descriptor() {
      return descriptor;
    }

    @Override
    public void release() {
      if (released || resumed) {
        throw new IllegalStateException("already " + (released ? "released" : "resumed"));
      }
      released = true;
      departing.remove(Ends.of(descriptor));
    }

    @Override
    public void resume() throws TransferException {
      if (released) {
        throw new IllegalStateException("already released");
      }
      close();
    }

    @Override
    public void close() throws TransferException {
      if (released || resumed) {
        return;
      }
      resumed = true;
      departing.remove(Ends.of(descriptor));
      try {
        if (channel.isOpen()) {
          channel.configureBlocking(wasBlocking);
        }
      } catch (IOException e) {
        throw new TransferException(
            TransferStep.RESUME,
            Whereabouts.OLD_OWNER,
            "the channel's blocking mode could not be restored: " + e,
            e);
      }
    }
  }
}
