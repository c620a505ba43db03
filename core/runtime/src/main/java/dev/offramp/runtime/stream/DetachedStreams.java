package dev.offramp.runtime.stream;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
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

  private final TcpStack stack;
  private final SteeredNic nic;
  private final ChannelStreamPort.SegmentSize segmentSize;
  private final TransferListener listener;
  private final Map<FourTuple, StreamPort> users = new ConcurrentHashMap<>();

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
    this(new TcpStack(new ResidentStack(), stack), nic, segmentSize, listener);
  }

  /**
   * Streams of one NIC, whose connections can be given to other RNICs on the same stack.
   *
   * @param stack the TCP stack of the NIC's namespace
   * @param nic steers connections into that namespace
   */
  public DetachedStreams(
      TcpStack stack,
      SteeredNic nic,
      ChannelStreamPort.SegmentSize segmentSize,
      TransferListener listener) {
    this.stack = stack;
    this.nic = nic;
    this.segmentSize = segmentSize;
    this.listener = listener;
  }

  @Override
  public Admission admits(ConnectionProfile profile) {
    return stack.admits(profile);
  }

  @Override
  public PreparedStream prepare(IwarpConnectionDescriptor descriptor) throws TransferException {
    FourTuple tuple =
        new FourTuple(
            descriptor.value(DescriptorFields.LOCAL_ADDRESS),
            descriptor.value(DescriptorFields.REMOTE_ADDRESS));
    if (TcpStack.stays(descriptor)) {
      return claim(descriptor, tuple);
    }
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

  /** A socket of this stack changes hands; its segments come here already. */
  private PreparedStream claim(IwarpConnectionDescriptor descriptor, FourTuple tuple)
      throws TransferException {
    ResidentStack.Handover handover = stack.claim(descriptor);
    if (handover == null) {
      throw HostResidentStreams.noSocket(descriptor);
    }
    try {
      var port = new ChannelStreamPort(handover.channel(), segmentSize, stack);
      return new Claimed(new SteeredPort(port, tuple), descriptor, handover);
    } catch (IOException e) {
      throw new TransferException(
          TransferStep.PREPARE, Whereabouts.OLD_OWNER, "the channel failed: " + e, e);
    }
  }

  /** As that of {@link HostResidentStreams}. */
  private final class Claimed implements PreparedStream {
    private final SteeredPort port;
    private final IwarpConnectionDescriptor descriptor;
    private final ResidentStack.Handover handover;

    Claimed(
        SteeredPort port, IwarpConnectionDescriptor descriptor, ResidentStack.Handover handover) {
      this.port = port;
      this.descriptor = descriptor;
      this.handover = handover;
    }

    @Override
    public StreamPort activate() {
      users.put(port.tuple, port);
      return HostResidentStreams.claimed(port, descriptor);
    }

    /** After a RST no segment is owed an answer, so steering need not outlast it. */
    @Override
    public void abandon() {
      if (handover.isReleased()) {
        users.remove(port.tuple, port);
        port.reset();
        unsteer(port.tuple);
      }
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
  private void release(FourTuple tuple, StreamPort user) {
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
      SocketChannel channel = activateSocket();
      try {
        // Only now does a socket answer for the connection; until here a RST would have been wrong.
        nic.open(tuple);
      } catch (IOException | RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "a RST of " + tuple + " would be swallowed", e);
      }
      try {
        SteeredPort port =
            new SteeredPort(new ChannelStreamPort(channel, segmentSize, stack), tuple);
        users.put(tuple, port);
        return port;
      } catch (IOException e) {
        throw new UncheckedIOException("a fresh channel cannot be made non-blocking", e);
      }
    }

    /** Without a socket the NIC has no answer for the peer; the host has. */
    private SocketChannel activateSocket() {
      boolean running = false;
      try {
        SocketChannel channel = arrival.activate();
        running = true;
        return channel;
      } finally {
        if (!running) {
          unsteer(tuple);
        }
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
    public void describe(IwarpConnectionDescriptor.Builder to) throws IOException {
      stream.describe(to);
    }

    @Override
    public boolean limitInput(int octets) throws TransferException {
      return stream.limitInput(octets);
    }

    @Override
    public void unlimitInput() {
      stream.unlimitInput();
    }

    /** Within the NIC's stack segments go where they went; else they are led away. */
    @Override
    public Departure depart(DepartureNeeds needs) throws TransferException {
      boolean stays = needs.residence() == TcpResidence.HOST_STACK;
      if (stays) {
        return new HandedOver(stream.depart(needs), () -> users.remove(tuple, this));
      }
      SteeredDeparture.hold(nic, tuple);
      Departure socket = null;
      try {
        socket = stream.depart(needs);
        return new SteeredDeparture(socket, nic, tuple, listener, () -> users.remove(tuple, this));
      } finally {
        if (socket == null) {
          lower();
        }
      }
    }

    private void lower() {
      try {
        nic.open(tuple);
      } catch (IOException | RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "a RST of " + tuple + " would be swallowed", e);
      }
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
