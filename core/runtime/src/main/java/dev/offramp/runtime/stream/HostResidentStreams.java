package dev.offramp.runtime.stream;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.HostStack;
import dev.offramp.runtime.loop.ChannelStreamPort;
import dev.offramp.spi.port.PreparedStream;
import dev.offramp.spi.port.StreamPort;
import dev.offramp.spi.port.StreamPorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * Streams of connections whose TCP is in the host's stack: on the socket that the connection has
 * already, or on a new one when TCP's state comes from elsewhere.
 */
public final class HostResidentStreams implements StreamPorts {
  private final TcpStack stack;
  private final ChannelStreamPort.SegmentSize segmentSize;

  /** Streams of sockets that stay, and nothing else. */
  public HostResidentStreams(ResidentStack stack, ChannelStreamPort.SegmentSize segmentSize) {
    this(new TcpStack(stack, stack), segmentSize);
  }

  /**
   * Streams of one stack.
   *
   * @param stack with a {@link HostStack}, where TCP's state shall be able to come and go
   */
  public HostResidentStreams(TcpStack stack, ChannelStreamPort.SegmentSize segmentSize) {
    this.stack = stack;
    this.segmentSize = segmentSize;
  }

  @Override
  public Admission admits(ConnectionProfile profile) {
    return stack.admits(profile);
  }

  @Override
  public PreparedStream prepare(IwarpConnectionDescriptor descriptor) throws TransferException {
    if (!TcpStack.stays(descriptor)) {
      return new Installed(stack.arrive(descriptor));
    }
    ResidentStack.Handover handover = stack.claim(descriptor);
    if (handover == null) {
      throw noSocket(descriptor);
    }
    try {
      StreamPort port = new ChannelStreamPort(handover.channel(), segmentSize, stack);
      return new Claimed(claimed(port, descriptor), handover);
    } catch (IOException e) {
      throw new TransferException(
          TransferStep.PREPARE, Whereabouts.OLD_OWNER, "the channel failed: " + e, e);
    }
  }

  /** The bytes that the old owner had taken from the socket, or not yet given to it. */
  static StreamPort claimed(StreamPort port, IwarpConnectionDescriptor descriptor) {
    Octets unsent = descriptor.get(DescriptorFields.UNSENT).orElse(Octets.empty());
    Octets unread = descriptor.get(DescriptorFields.UNREAD).orElse(Octets.empty());
    return unsent.isEmpty() && unread.isEmpty()
        ? port
        : new PrefixedStreamPort(port, unsent, unread);
  }

  static TransferException noSocket(IwarpConnectionDescriptor descriptor) {
    return TransferException.refused(
        TransferStep.PREPARE,
        List.of(
            new Refusal(
                RefusalReason.NO_OWNER,
                "no socket of this process for " + descriptor,
                "a connection that departs from this process's own host stack",
                "move it to a detached RNIC, or use it where its socket is")));
  }

  /**
   * Nothing to undo while the departure still holds the channel, and resumes it. When that has let
   * go, an owner that cannot go on after all is the last one who can tell the peer.
   */
  private record Claimed(StreamPort port, ResidentStack.Handover handover)
      implements PreparedStream {
    @Override
    public StreamPort activate() {
      return port;
    }

    @Override
    public void abandon() {
      if (handover.isReleased()) {
        port.reset();
      }
    }
  }

  /** A socket of its own, silent until activation. */
  private final class Installed implements PreparedStream {
    private final Arrival<SocketChannel> arrival;

    Installed(Arrival<SocketChannel> arrival) {
      this.arrival = arrival;
    }

    @Override
    public StreamPort activate() {
      try {
        return new ChannelStreamPort(arrival.activate(), segmentSize, stack);
      } catch (IOException e) {
        throw new UncheckedIOException("a fresh channel cannot be made non-blocking", e);
      }
    }

    @Override
    public void abandon() {
      arrival.abandon();
    }
  }
}
