package dev.offramp.runtime.stream;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Loss;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.net.FourTuple;
import dev.offramp.linux.net.SteeredNic;
import dev.offramp.runtime.loop.ChannelStreamPort;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.PreparedStream;
import dev.offramp.spi.port.StreamHandler;
import dev.offramp.spi.port.StreamPort;
import dev.offramp.spi.port.StreamPorts;
import dev.offramp.spi.port.StreamWaiter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Streams of connections that are installed into the stack of a network namespace of their own, and
 * steered there. The host's socket is gone once the move is through.
 */
public final class DetachedStreams implements StreamPorts, AutoCloseable {
  /** Linux's TCP_TIMEWAIT_LEN, include/net/tcp.h. */
  private static final long TIME_WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  private static final System.Logger LOG = System.getLogger(DetachedStreams.class.getName());

  private final StateTransfer<SocketChannel> stack;
  private final SteeredNic nic;
  private final ChannelStreamPort.SegmentSize segmentSize;
  private final TransferListener listener;
  private final Map<FourTuple, Object> users = new ConcurrentHashMap<>();

  /**
   * Streams of one NIC.
   *
   * @param stack the TCP stack of the NIC's namespace
   * @param nic steers connections into that namespace
   */
  public DetachedStreams(
      StateTransfer<SocketChannel> stack,
      SteeredNic nic,
      ChannelStreamPort.SegmentSize segmentSize,
      TransferListener listener) {
    this.stack = stack;
    this.nic = nic;
    this.segmentSize = segmentSize;
    this.listener = listener;
  }

  /**
   * {@inheritDoc}
   *
   * <p>TCP_REPAIR has no way to put in what is listed here. It cannot set congestion window,
   * threshold and round-trip time either; these are no loss that needs consent, for TCP learns them
   * anew from the first acknowledgements (RFC 5681, section 4.1).
   */
  @Override
  public Admission admits(ConnectionProfile profile) {
    List<Loss> losses = new ArrayList<>();
    if (profile.get(DescriptorFields.ECN).orElse(false)) {
      losses.add(
          new Loss(DescriptorFields.ECN, "congestion shows by loss only, no longer by ECN marks"));
    }
    if (profile.get(DescriptorFields.FLOW_LABEL).isKnown()) {
      losses.add(
          new Loss(DescriptorFields.FLOW_LABEL, "packets get another flow label from now on"));
    }
    return Admission.withLosses(losses);
  }

  @Override
  public PreparedStream prepare(IwarpConnectionDescriptor descriptor) throws TransferException {
    FourTuple tuple =
        new FourTuple(
            descriptor.value(DescriptorFields.LOCAL_ADDRESS),
            descriptor.value(DescriptorFields.REMOTE_ADDRESS));
    Arrival<SocketChannel> arrival = stack.arrive(descriptor);
    try {
      steer(tuple);
      return new Prepared(arrival, tuple);
    } catch (IOException | RuntimeException | Error e) {
      arrival.abandon();
      throw e instanceof TransferException typed
          ? typed
          : new TransferException(
              TransferStep.STEER,
              Whereabouts.OLD_OWNER,
              "the connection cannot be steered to the NIC: " + e.getMessage(),
              e);
    }
  }

  private void steer(FourTuple tuple) throws IOException {
    long start = System.nanoTime();
    try {
      nic.steer(tuple);
    } finally {
      listener.step(TransferStep.STEER, stack.ownerName(), start, System.nanoTime());
    }
  }

  /** Ends steering, unless another connection has the same ends by now. */
  private void release(FourTuple tuple, Object user) {
    if (users.remove(tuple, user)) {
      unsteer(tuple);
    }
  }

  /** Ends steering of all connections that came through here. */
  @Override
  public void close() {
    for (FourTuple tuple : List.copyOf(users.keySet())) {
      users.remove(tuple);
      unsteer(tuple);
    }
  }

  private void unsteer(FourTuple tuple) {
    try {
      nic.unsteer(tuple);
    } catch (IOException | RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "segments of " + tuple + " still go to the NIC; remove its filter by hand",
          e);
    }
  }

  private final class Prepared implements PreparedStream {
    private final Arrival<SocketChannel> arrival;
    private final FourTuple tuple;
    private boolean over;

    Prepared(Arrival<SocketChannel> arrival, FourTuple tuple) {
      this.arrival = arrival;
      this.tuple = tuple;
    }

    @Override
    public StreamPort activate() {
      over = true;
      SocketChannel channel = arrival.activate();
      try {
        // Only now does a socket answer for the connection; until here a RST would have been wrong.
        nic.open(tuple);
      } catch (IOException | RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "a RST of " + tuple + " would be swallowed", e);
      }
      try {
        SteeredPort port = new SteeredPort(new ChannelStreamPort(channel, segmentSize), tuple);
        users.put(tuple, port);
        return port;
      } catch (IOException e) {
        throw new UncheckedIOException("a fresh channel cannot be made non-blocking", e);
      }
    }

    /**
     * The socket goes first: while its segments still come here, the guard keeps the NIC's stack
     * from answering them with RST.
     */
    @Override
    public void abandon() {
      if (!over) {
        over = true;
        arrival.abandon();
        unsteer(tuple);
      }
    }
  }

  /**
   * Steering ends after the connection: the NIC's stack still has its last segments to exchange,
   * and answers for it throughout TIME_WAIT.
   */
  private final class SteeredPort implements StreamPort {
    private final ChannelStreamPort stream;
    private final FourTuple tuple;
    private @Nullable EventLoop attached;
    private EventLoop.@Nullable Timer unsteering;

    SteeredPort(ChannelStreamPort stream, FourTuple tuple) {
      this.stream = stream;
      this.tuple = tuple;
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) throws IOException {
      return stream.read(into, offset, length);
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
      return stream.write(from, offset, length);
    }

    @Override
    public void attach(EventLoop loop, StreamHandler handler) {
      attached = loop;
      stream.attach(loop, handler);
    }

    @Override
    public void interest(boolean readable, boolean writable) {
      stream.interest(readable, writable);
    }

    @Override
    public Optional<StreamWaiter> openWaiter() throws IOException {
      return stream.openWaiter();
    }

    @Override
    public int segmentBytes() {
      return stream.segmentBytes();
    }

    @Override
    public void shutdownOutput() throws IOException {
      stream.shutdownOutput();
    }

    @Override
    public void reset() {
      stream.reset();
      forget();
    }

    @Override
    public void close() {
      stream.close();
      forget();
    }

    @Override
    public Failure causeOf(IOException failure) {
      return stream.causeOf(failure);
    }

    private void forget() {
      EventLoop.Timer later = unsteering;
      if (later == null && attached != null) {
        unsteering =
            attached.schedule(
                System.nanoTime() + TIME_WAIT_NANOS,
                () -> Thread.ofVirtual().name("offramp-unsteer").start(() -> release(tuple, this)));
      }
    }
  }
}
