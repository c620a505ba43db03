package dev.offramp.emulator;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.net.FourTuple;
import dev.offramp.models.Link;
import dev.offramp.runtime.loop.ChannelStreamPort;
import dev.offramp.spi.port.PreparedStream;
import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A 4-tuple whose segments go to the emulated adapter. For the model's loop. */
final class EmulatedClaim implements Link.Claim {
  private static final System.Logger LOG = System.getLogger(EmulatedClaim.class.getName());

  private final EmulatedLink link;
  private final FourTuple tuple;
  private @Nullable Prepared prepared;
  private @Nullable EmulatedPort running;
  private boolean closed;

  EmulatedClaim(EmulatedLink link, FourTuple tuple) {
    this.link = link;
    this.tuple = tuple;
  }

  @Override
  public PreparedStream install(IwarpConnectionDescriptor decoded) throws TransferException {
    if (closed || prepared != null || running != null) {
      throw new IllegalStateException(closed ? "the claim is closed" : "installed already");
    }
    link.wiring().requireReachable(decoded);
    IwarpConnectionDescriptor local = inNamespace(decoded);
    Prepared stream = new Prepared(link.stack().arrive(local), EmulatedLink.segmentBytes(decoded));
    prepared = stream;
    return stream;
  }

  /**
   * What a chip does not know of and a socket must be told: a scope, and not to wait for full
   * segments, which a chip does only where it is told to.
   */
  private IwarpConnectionDescriptor inNamespace(IwarpConnectionDescriptor decoded) {
    IwarpConnectionDescriptor.Builder b =
        decoded.toBuilder()
            .present(
                DescriptorFields.LOCAL_ADDRESS,
                link.scoped(decoded.value(DescriptorFields.LOCAL_ADDRESS)),
                "decoded")
            .present(
                DescriptorFields.REMOTE_ADDRESS,
                link.scoped(decoded.value(DescriptorFields.REMOTE_ADDRESS)),
                "decoded");
    if (!decoded.isKnown(DescriptorFields.NO_DELAY)) {
      b.derived(DescriptorFields.NO_DELAY, true, "the emulator's default");
    }
    return b.build();
  }

  @Override
  public Departure stop() throws TransferException {
    EmulatedPort port = running;
    if (closed || port == null || !port.isOpen()) {
      throw TransferException.refused(
          TransferStep.ADMIT,
          List.of(
              new Refusal(
                  RefusalReason.CLOSED,
                  "no connection at this claim",
                  "a running one",
                  "stop it before it ends")));
    }
    try {
      port.stream().deregister();
      // From here on a RST of the socket would be swallowed.
      link.hold(tuple);
    } catch (IOException e) {
      throw new TransferException(
          TransferStep.EXCLUDE, Whereabouts.OLD_OWNER, String.valueOf(e.getMessage()), e);
    }
    Departure departure = null;
    try {
      departure = new NicStack(link.stack()).depart(port.channel(), DepartureNeeds.none());
      return new Stopped(departure);
    } finally {
      if (departure == null) {
        link.open(tuple);
      }
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    Prepared silent = prepared;
    if (silent != null) {
      silent.abandon();
    }
    EmulatedPort port = running;
    boolean inOrder = port != null && port.isClosedInOrder();
    if (port != null && port.isOpen()) {
      try {
        link.hold(tuple);
        // A channel that a selector knows is closed only when that looks again: too late here.
        port.stream().deregister();
      } catch (IOException | RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "the peer will see a RST of " + tuple, e);
      }
      port.reset();
    }
    link.release(tuple, this, inOrder);
  }

  private final class Prepared implements PreparedStream {
    private final Arrival<SocketChannel> arrival;
    private final int segmentBytes;
    private boolean over;

    Prepared(Arrival<SocketChannel> arrival, int segmentBytes) {
      this.arrival = arrival;
      this.segmentBytes = segmentBytes;
    }

    @Override
    public StreamPort activate() {
      if (over) {
        throw new IllegalStateException("already activated or abandoned");
      }
      over = true;
      prepared = null;
      SocketChannel channel = arrival.activate();
      link.open(tuple);
      try {
        EmulatedPort port =
            new EmulatedPort(
                channel,
                new ChannelStreamPort(channel, any -> segmentBytes, new NicStack(link.stack())));
        running = port;
        return port;
      } catch (IOException e) {
        throw new UncheckedIOException("a fresh channel cannot be made non-blocking", e);
      }
    }

    @Override
    public void abandon() {
      if (!over) {
        over = true;
        prepared = null;
        arrival.abandon();
      }
    }
  }

  /** Stopped, and guarded. */
  private final class Stopped implements Departure {
    private final Departure departure;
    private boolean over;

    Stopped(Departure departure) {
      this.departure = departure;
    }

    @Override
    public IwarpConnectionDescriptor descriptor() {
      return departure.descriptor();
    }

    @Override
    public void release() {
      departure.release();
      over = true;
      running = null;
    }

    @Override
    public void resume() throws TransferException {
      departure.resume();
      if (!over) {
        over = true;
        link.open(tuple);
      }
    }

    @Override
    public void close() throws TransferException {
      if (!over) {
        resume();
      }
    }
  }
}
