package dev.offramp.runtime.stream;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.runtime.loop.ChannelStreamPort;
import dev.offramp.spi.port.PreparedStream;
import dev.offramp.spi.port.StreamPort;
import dev.offramp.spi.port.StreamPorts;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;

/** Streams of connections whose TCP stays on the host's sockets. */
public final class HostResidentStreams implements StreamPorts {
  private final ResidentStack stack;
  private final ChannelStreamPort.SegmentSize segmentSize;

  public HostResidentStreams(ResidentStack stack, ChannelStreamPort.SegmentSize segmentSize) {
    this.stack = stack;
    this.segmentSize = segmentSize;
  }

  @Override
  public PreparedStream prepare(IwarpConnectionDescriptor descriptor) throws TransferException {
    SocketChannel channel = stack.claim(descriptor);
    if (channel == null) {
      throw TransferException.refused(
          TransferStep.PREPARE,
          List.of(
              new Refusal(
                  RefusalReason.NO_OWNER,
                  "no socket of this process for " + descriptor,
                  "a connection that departs from this process's own host stack",
                  "move it to a detached RNIC, or use it where its socket is")));
    }
    try {
      ChannelStreamPort port = new ChannelStreamPort(channel, segmentSize);
      Octets unsent = descriptor.get(DescriptorFields.UNSENT).orElse(Octets.empty());
      return new Prepared(unsent.isEmpty() ? port : new PrefixedStreamPort(port, unsent));
    } catch (IOException e) {
      throw new TransferException(
          TransferStep.PREPARE, Whereabouts.OLD_OWNER, "the channel failed: " + e, e);
    }
  }

  /** Nothing to undo: the departure still holds the channel, and resumes it. */
  private record Prepared(StreamPort port) implements PreparedStream {
    @Override
    public StreamPort activate() {
      return port;
    }

    @Override
    public void abandon() {}
  }
}
