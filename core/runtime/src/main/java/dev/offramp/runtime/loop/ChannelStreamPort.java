package dev.offramp.runtime.loop;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.StreamHandler;
import dev.offramp.spi.port.StreamPort;
import dev.offramp.spi.port.StreamWaiter;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A stream port over a socket channel. The JDK's channels serve the data path: their gathering
 * writes copy no direct memory, and they need neither privilege nor native access.
 */
public final class ChannelStreamPort implements StreamPort {
  private static final System.Logger LOG = System.getLogger(ChannelStreamPort.class.getName());

  private final SocketChannel channel;
  private final SegmentSize segmentSize;
  private final ChannelDepartures departures;
  private static final long DETACH_SECONDS = 5;

  /** For channels that cannot leave. */
  private static final ChannelDepartures NONE =
      new ChannelDepartures() {
        @Override
        public void describe(SocketChannel channel, IwarpConnectionDescriptor.Builder to) {}

        @Override
        public @Nullable Limit limitInput(SocketChannel channel, int bytes)
            throws TransferException {
          throw unknown();
        }

        @Override
        public Departure depart(SocketChannel channel, DepartureNeeds needs)
            throws TransferException {
          throw unknown();
        }

        private TransferException unknown() {
          return refused(
              RefusalReason.UNSUPPORTED, "a channel whose stack is not known", "one that is");
        }
      };

  private volatile @Nullable Registration registration;

  /** Under the monitor. */
  private ChannelDepartures.@Nullable Limit limit;

  /** How the segment size of a channel is found out. */
  @FunctionalInterface
  public interface SegmentSize {
    int bytes(SocketChannel channel);
  }

  /**
   * Takes a connected channel over.
   *
   * @throws IOException when the channel cannot be made non-blocking
   */
  public ChannelStreamPort(SocketChannel channel, SegmentSize segmentSize) throws IOException {
    this(channel, segmentSize, NONE);
  }

  /**
   * Takes a connected channel over.
   *
   * @param departures how its connection can leave again
   * @throws IOException when the channel cannot be made non-blocking
   */
  public ChannelStreamPort(
      SocketChannel channel, SegmentSize segmentSize, ChannelDepartures departures)
      throws IOException {
    this.channel = channel;
    this.departures = departures;
    this.segmentSize = segmentSize;
    channel.configureBlocking(false);
  }

  @Override
  public long read(ByteBuffer[] into, int offset, int length) throws IOException {
    // One buffer goes without the list of addresses that the JDK makes for several.
    return length == 1 ? channel.read(into[offset]) : channel.read(into, offset, length);
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    return length == 1 ? channel.write(from[offset]) : channel.write(from, offset, length);
  }

  @Override
  public void attach(EventLoop loop, StreamHandler handler) {
    if (!(loop instanceof NioEventLoop own)) {
      throw new IllegalArgumentException("the loop is not one of this runtime's: " + loop);
    }
    if (registration != null) {
      throw new IllegalStateException("attached already");
    }
    registration = new Registration(own, handler);
  }

  @Override
  public void interest(boolean readable, boolean writable) {
    Registration attached = registration;
    if (attached == null) {
      throw new IllegalStateException("interest before attach");
    }
    attached.want((readable ? SelectionKey.OP_READ : 0) | (writable ? SelectionKey.OP_WRITE : 0));
  }

  /** {@inheritDoc} There are few, for each is a descriptor of the kernel's or three. */
  @Override
  public Optional<StreamWaiter> openWaiter() throws IOException {
    Registration attached = registration;
    return attached == null
        ? Optional.empty()
        : Optional.ofNullable(attached.loop.waiters().open(channel));
  }

  /**
   * Takes the channel out of its event loop, so that it can depart. Whoever resumes it calls {@link
   * #interest} again. To be called on the loop's own thread.
   *
   * @throws IOException when the selector fails
   */
  public void deregister() throws IOException {
    Registration attached = registration;
    if (attached != null) {
      attached.cancel();
    }
  }

  @Override
  public int segmentBytes() {
    return segmentSize.bytes(channel);
  }

  @Override
  public void shutdownOutput() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public void reset() {
    try {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    } catch (ClosedChannelException e) {
      return;
    } catch (IOException e) {
      // The connection is dead already; closing is all that is left to do.
      LOG.log(System.Logger.Level.DEBUG, "SO_LINGER before a reset", e);
    }
    close();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "closing a stream", e);
    }
    Registration attached = registration;
    if (attached != null) {
      // A registered channel's socket is closed only when its selector has looked again.
      attached.loop.wakeup();
    }
  }

  @Override
  public void describe(IwarpConnectionDescriptor.Builder to) throws IOException {
    departures.describe(channel, to);
  }

  @Override
  public synchronized boolean limitInput(int octets) throws TransferException {
    unlimitInput();
    limit = departures.limitInput(channel, octets);
    return limit != null;
  }

  @Override
  public synchronized void unlimitInput() {
    ChannelDepartures.Limit known = limit;
    limit = null;
    if (known != null && channel.isOpen()) {
      try {
        known.lift();
      } catch (IOException e) {
        // Nothing more would ever come in: better a connection that is known to be dead.
        LOG.log(System.Logger.Level.ERROR, "a connection's input cannot be opened again", e);
        reset();
      }
    }
  }

  /** {@inheritDoc} The loop's selector has to let go first, which takes a moment of its thread. */
  @Override
  public Departure depart(DepartureNeeds needs) throws TransferException {
    Registration attached = registration;
    if (attached != null) {
      attached.letGo();
    }
    return departures.depart(channel, needs);
  }

  private static TransferException refused(RefusalReason reason, String seen, String expected) {
    return TransferException.refused(
        TransferStep.EXCLUDE,
        List.of(new Refusal(reason, seen, expected, "try again, or close the connection")));
  }

  /** The JDK passes on strerror's texts; there is no typed way to tell a reset from a timeout. */
  @Override
  public Failure causeOf(IOException failure) {
    String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
    if (message.contains("reset") || message.contains("broken pipe")) {
      return Failure.RESET;
    }
    return message.contains("timed out") ? Failure.TIMED_OUT : Failure.OTHER;
  }

  private final class Registration {
    private final NioEventLoop loop;
    private final StreamHandler handler;
    private volatile @Nullable SelectionKey key;

    Registration(NioEventLoop loop, StreamHandler handler) {
      this.loop = loop;
      this.handler = handler;
    }

    void want(int operations) {
      SelectionKey known = key;
      if (known == null) {
        loop.execute(() -> registerAndWant(operations));
        return;
      }
      try {
        if (known.interestOps() != operations) {
          known.interestOps(operations);
          if (!loop.isLoopThread()) {
            loop.wakeup();
          }
        }
      } catch (CancelledKeyException e) {
        handler.ready(true, true);
      }
    }

    /** Until the next interest no selector has the channel. */
    void letGo() throws TransferException {
      CompletableFuture<Boolean> gone = new CompletableFuture<>();
      loop.execute(() -> {
        try {
          SelectionKey known = key;
          key = null;
          if (known != null) {
            loop.deregister(known);
          }
          gone.complete(true);
        } catch (IOException | RuntimeException e) {
          gone.completeExceptionally(e);
        }
      });
      try {
        gone.get(DETACH_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw refused(RefusalReason.CHANNEL_IN_USE, "an interrupt", "none during a departure");
      } catch (ExecutionException | TimeoutException e) {
        throw refused(
            RefusalReason.CHANNEL_IN_USE,
            "an event loop that does not let go of the channel: " + e,
            "that it does within " + DETACH_SECONDS + " s");
      }
    }

    private void registerAndWant(int operations) {
      try {
        SelectionKey registered = loop.register(channel, this::selected);
        key = registered;
        registered.interestOps(operations);
      } catch (ClosedChannelException | CancelledKeyException e) {
        // Whoever closed it knows; the handler finds out by reading.
        handler.ready(true, true);
      }
    }

    void cancel() throws IOException {
      SelectionKey known = key;
      key = null;
      if (known != null) {
        loop.deregister(known);
      }
    }

    private void selected(SelectionKey selected) {
      int ready;
      try {
        ready = selected.readyOps();
        selected.interestOps(0);
      } catch (CancelledKeyException e) {
        ready = SelectionKey.OP_READ | SelectionKey.OP_WRITE;
      }
      handler.ready((ready & SelectionKey.OP_READ) != 0, (ready & SelectionKey.OP_WRITE) != 0);
    }
  }
}
