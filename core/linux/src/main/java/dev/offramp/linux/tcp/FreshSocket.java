package dev.offramp.linux.tcp;

import static dev.offramp.api.descriptor.DescriptorFields.LOCAL_ADDRESS;
import static dev.offramp.api.descriptor.DescriptorFields.MAX_SND_WND;
import static dev.offramp.api.descriptor.DescriptorFields.MSS_CLAMP_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_NXT;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_WND;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_WUP;
import static dev.offramp.api.descriptor.DescriptorFields.RECEIVE_WINDOW_SCALE;
import static dev.offramp.api.descriptor.DescriptorFields.SACK_PERMITTED;
import static dev.offramp.api.descriptor.DescriptorFields.SEND_MSS_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.SEND_WINDOW_SCALE;
import static dev.offramp.api.descriptor.DescriptorFields.SND_WL1;
import static dev.offramp.api.descriptor.DescriptorFields.SND_WND;
import static dev.offramp.api.descriptor.DescriptorFields.TIMESTAMPS;
import static dev.offramp.api.descriptor.DescriptorFields.TIMESTAMP_NOW;
import static dev.offramp.api.descriptor.DescriptorFields.WINDOW_SCALING;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LinuxException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A new socket that becomes a described connection. The steps are to be called in the order in
 * which they stand here; it is the kernel's. For one thread at a time.
 */
public final class FreshSocket {
  // include/uapi/linux/tcp.h: options of TCP_REPAIR_OPTIONS are those of the SYN (RFC 9293, 3.2)
  private static final int TCPOPT_MSS = 2;
  private static final int TCPOPT_WINDOW = 3;
  private static final int TCPOPT_SACK_PERM = 4;
  private static final int TCPOPT_TIMESTAMP = 8;
  private static final int REPAIR_OPT_BYTES = 8;
  private static final int RECEIVE_SCALE_SHIFT = 16;

  // include/linux/socket.h
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;

  /** RFC 9293, 3.7.1: what a peer that announced no MSS takes. */
  private static final int DEFAULT_MSS_BYTES = 536;

  /** TCPOLEN_TSTAMP_ALIGNED: what the timestamp option takes from each segment. */
  private static final int TIMESTAMP_OPTION_BYTES = 12;

  /** The kernel doubles a buffer size, and counts its own overhead against it. */
  private static final long MAX_BUFFER_BYTES = Integer.MAX_VALUE / 2;

  private static final long BUFFER_SLACK_BYTES = 1 << 18;
  private static final int AF_UNSPEC_BYTES = 16;
  private static final int CHUNK_BYTES = 1 << 20;
  private static final byte[] NOTHING = new byte[0];
  private static final long MASK = 0xFFFF_FFFFL;

  private final OsSocket socket;
  private @Nullable RepairSession repair;
  private Octets unsent = Octets.empty();
  private int sendBufferBefore;
  private boolean buffersForced;

  public FreshSocket(OsSocket socket) {
    this.socket = socket;
  }

  /** From here on the socket neither takes a segment nor answers one. */
  public void fenceAndFreeze(Fence fence) throws LinuxException {
    fence.attachTo(socket);
    repair = RepairSession.begin(socket);
  }

  /**
   * Makes room for what is to be put in, so that putting it in cannot fail: without this a new
   * socket takes about 130 kB. Each buffer must hold twice its bytes, for the kernel's overhead;
   * the kernel doubles what it is told.
   */
  public void makeRoom(long unreadBytes, long windowBytes, long sendBytes) throws IOException {
    if (sendBytes > 0) {
      sendBufferBefore = socket.getInt(Opt.SO_SNDBUF);
      force(Opt.SO_SNDBUFFORCE, Opt.SO_SNDBUF, sendBytes, sendBytes);
    }
    long receiveBytes = unreadBytes + windowBytes;
    if (2 * receiveBytes > socket.getInt(Opt.SO_RCVBUF)) {
      force(Opt.SO_RCVBUFFORCE, Opt.SO_RCVBUF, receiveBytes, unreadBytes);
    }
  }

  /**
   * Forcing beyond the system's limit takes CAP_NET_ADMIN in the first user namespace; elsewhere
   * the limit has to do, when it does.
   *
   * @param wantedBytes room for all that may come
   * @param neededBytes room for what is to be put in now
   */
  private void force(Opt forced, Opt limited, long wantedBytes, long neededBytes)
      throws IOException {
    int size = (int) Math.min(wantedBytes + BUFFER_SLACK_BYTES, MAX_BUFFER_BYTES);
    try {
      socket.setInt(forced, size);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EPERM) {
        throw e;
      }
      socket.setInt(limited, size);
      int got = socket.getInt(limited);
      if (got < 2 * neededBytes) {
        throw new BufferLimitException(limited, neededBytes, got / 2, e);
      }
    }
    buffersForced = true;
  }

  /**
   * Takes the local address.
   *
   * @param family of the socket: AF_INET or AF_INET6
   */
  public void bind(InetSocketAddress local, int family) throws LinuxException {
    socket.bind(local, family);
  }

  /**
   * Sets where both queues begin; to be followed by a connect, which sends nothing. A queue stays
   * selected until {@link #fill} has put something in, or repair ends: behind the fence, and with
   * nothing queued, that means nothing.
   */
  public void setSequences(long receive, long send) throws LinuxException {
    session().select(RepairSession.Queue.RECEIVE);
    session().setSequence(receive & MASK);
    session().select(RepairSession.Queue.SEND);
    session().setSequence(send & MASK);
  }

  /** Sets what the SYNs negotiated. The kernel allows it only before bytes were sent. */
  public void negotiate(IwarpConnectionDescriptor d) throws LinuxException {
    boolean timestamps = d.value(TIMESTAMPS);
    ByteBuffer opts = ByteBuffer.allocate(4 * REPAIR_OPT_BYTES).order(ByteOrder.nativeOrder());
    opts.putInt(TCPOPT_MSS).putInt(mssClamp(d, timestamps));
    // Also when scaling was not negotiated: connecting has chosen a scale for what is advertised,
    // and keeps it unless it is told 0 (Linux 6.18: windows 1024 times too small otherwise).
    opts.putInt(TCPOPT_WINDOW).putInt(d.value(WINDOW_SCALING) ? scales(d) : 0);
    if (d.get(SACK_PERMITTED).orElse(false)) {
      opts.putInt(TCPOPT_SACK_PERM).putInt(0);
    }
    if (timestamps) {
      opts.putInt(TCPOPT_TIMESTAMP).putInt(0);
    }
    byte[] used = new byte[opts.position()];
    opts.flip().get(used);
    socket.setBytes(Opt.TCP_REPAIR_OPTIONS, used);
    if (timestamps) {
      // Unmodified: its low bit says on newer kernels that the clock ticks in microseconds.
      socket.setInt(Opt.TCP_TIMESTAMP, d.value(TIMESTAMP_NOW).intValue());
    }
    synchronizeMss(d);
  }

  /**
   * Makes the kernel compute its segment size from the MSS option just set. Without this it stays
   * at what connecting has assumed: 536 bytes, and 1220 for IPv6. Setting no IP options is what
   * does it. IPv6 wants options to be there for it, so that empty ones come first (a length that
   * holds no control message; net/ipv6/ipv6_sockglue.c, ipv6_update_options), and go at once.
   */
  private void synchronizeMss(IwarpConnectionDescriptor d) throws LinuxException {
    if (d.value(LOCAL_ADDRESS).getAddress() instanceof Inet6Address) {
      socket.setBytes(Opt.IPV6_2292PKTOPTIONS, new byte[Integer.BYTES]);
      socket.setBytes(Opt.IPV6_2292PKTOPTIONS, NOTHING);
    } else {
      socket.setBytes(Opt.IP_OPTIONS, NOTHING);
    }
  }

  private static int scales(IwarpConnectionDescriptor d) {
    return d.get(SEND_WINDOW_SCALE).orElse(0)
        | d.get(RECEIVE_WINDOW_SCALE).orElse(0) << RECEIVE_SCALE_SHIFT;
  }

  private static int mssClamp(IwarpConnectionDescriptor d, boolean timestamps) {
    if (d.isKnown(MSS_CLAMP_BYTES)) {
      return d.value(MSS_CLAMP_BYTES);
    }
    return d.isKnown(SEND_MSS_BYTES)
        ? d.value(SEND_MSS_BYTES) + (timestamps ? TIMESTAMP_OPTION_BYTES : 0)
        : DEFAULT_MSS_BYTES;
  }

  /** Fills both queues, then sets the windows, which refer to them, and the options. */
  public void fill(IwarpConnectionDescriptor d, Octets unread, Octets unacknowledged)
      throws IOException {
    push(RepairSession.Queue.RECEIVE, unread);
    push(RepairSession.Queue.SEND, unacknowledged);
    if (!unread.isEmpty() || !unacknowledged.isEmpty()) {
      session().deselect();
    }
    if (!unacknowledged.isEmpty()) {
      requireSent(unacknowledged.length());
    }
    setWindow(d);
    SocketOptions.apply(d, socket);
    boolean v6 = d.value(LOCAL_ADDRESS).getAddress() instanceof Inet6Address;
    IpOptions.apply(d, socket, v6);
  }

  private void requireSent(int bytes) throws IOException {
    int stillUnsent = socket.unsentBytes();
    int queued = socket.queuedBytes();
    if (stillUnsent != 0 || queued != bytes) {
      throw new InconsistentSnapshotException(
          queued
              + " bytes in the new send queue, of which "
              + stillUnsent
              + " count as unsent; expected "
              + bytes
              + " and 0");
    }
  }

  private void push(RepairSession.Queue queue, Octets bytes) throws IOException {
    if (!bytes.isEmpty()) {
      session().select(queue);
      send(bytes);
    }
  }

  private void send(Octets bytes) throws LinuxException {
    if (bytes.isEmpty()) {
      return;
    }
    ByteBuffer from = bytes.asByteBuffer();
    try (QueueBuffer buffer =
        QueueBuffer.of(socket.libc(), Math.min(CHUNK_BYTES, bytes.length()))) {
      MemorySegment chunk = buffer.bytes();
      while (from.hasRemaining()) {
        int length = (int) Math.min(chunk.byteSize(), from.remaining());
        MemorySegment.copy(
            MemorySegment.ofBuffer(from.slice(from.position(), length)), 0, chunk, 0, length);
        sendAll(chunk.asSlice(0, length));
        from.position(from.position() + length);
      }
    }
  }

  /** The kernel takes 64 kB of a receive queue at a time; what is copied already is not again. */
  private void sendAll(MemorySegment bytes) throws LinuxException {
    long sent = 0;
    while (sent < bytes.byteSize()) {
      long left = bytes.byteSize() - sent;
      sent +=
          LinuxException.check(
              socket
                  .libc()
                  .send(socket.fd(), bytes.asSlice(sent), left, MSG_DONTWAIT | MSG_NOSIGNAL),
              "send of " + left + " queue bytes");
    }
  }

  /** Without both windows the kernel's own stay; the window probe then asks for the peer's. */
  private void setWindow(IwarpConnectionDescriptor d) throws LinuxException {
    if (!d.isKnown(SND_WND) || !d.isKnown(RCV_WND)) {
      return;
    }
    long rcvNxt = d.value(RCV_NXT);
    long sndWnd = d.value(SND_WND);
    new RepairWindow(
            d.get(SND_WL1).orElse(rcvNxt),
            sndWnd,
            Math.max(sndWnd, d.get(MAX_SND_WND).orElse(sndWnd)),
            d.value(RCV_WND),
            d.get(RCV_WUP).orElse(rcvNxt))
        .writeTo(socket);
  }

  /** Keeps what is to be sent at once after activation. */
  public void keepUnsent(Octets bytes) {
    unsent = bytes;
  }

  /**
   * Lets the connection speak. Ends repair with a window probe in every case: its answer tells of
   * what the peer acknowledged, and which window it offered, while nobody listened; a connection
   * that died meanwhile answers with the RST. The fence is taken down first, to hear it.
   */
  public void activate() throws LinuxException {
    socket.setInt(Opt.SO_DETACH_FILTER, 0);
    session().endWithProbe();
    repair = null;
    send(unsent);
    unsent = Octets.empty();
    if (buffersForced) {
      unlockBuffers();
    }
  }

  /** A forced size switches the kernel's tuning off (criu#912): give it back. */
  private void unlockBuffers() {
    try {
      if (sendBufferBefore > 0) {
        socket.setInt(Opt.SO_SNDBUF, sendBufferBefore / 2); // the kernel doubles it
      }
      socket.setInt(Opt.SO_BUF_LOCK, 0);
    } catch (LinuxException e) {
      // Before Linux 5.14 there is no SO_BUF_LOCK. The connection works, with fixed buffers.
    }
  }

  /** Ends it without a segment. Cannot fail: closing does the same while in repair. */
  public void destroy() {
    MemorySegment nobody = Scratch.own().value(AF_UNSPEC_BYTES).fill((byte) 0);
    socket.libc().connect(socket.fd(), nobody, AF_UNSPEC_BYTES);
  }

  private RepairSession session() {
    RepairSession session = repair;
    if (session == null) {
      throw new IllegalStateException("not in repair");
    }
    return session;
  }
}
