package dev.offramp.benchmarks.handover;

import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.libc.SocketAddresses;
import dev.offramp.linux.tcp.FileDescriptors;
import dev.offramp.linux.tcp.OpenFiles;
import dev.offramp.linux.tcp.Opt;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.SocketFilter;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;

/**
 * A connection over loopback, one end of which moves; knows what has been written, and checks every
 * byte that is read, so that a figure can only come from moves that lost nothing.
 */
final class Connection implements AutoCloseable {
  private static final int CHUNK_BYTES = 1 << 16;

  /** A prime, so that a shifted or repeated piece never matches. */
  private static final int PERIOD = 65_521;

  private static final byte[] PATTERN = pattern();
  private static final long WAIT_NANOS = 100_000;

  private final FileDescriptors descriptors;
  private final SocketChannel peer;
  private final Guard guard;
  private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
  private SocketChannel moving;
  private long toPeerWritten;
  private long toPeerRead;
  private long fromPeerWritten;
  private long fromPeerRead;

  private Connection(LibC libc, SocketChannel moving, SocketChannel peer, Guard guard) {
    this.descriptors = new FileDescriptors(libc, OpenFiles.ofThisProcess());
    this.moving = moving;
    this.peer = peer;
    this.guard = guard;
  }

  /**
   * Connects.
   *
   * @param bufferBytes forced size of the moving end's buffers; 0 for the kernel's own
   */
  static Connection open(LibC libc, InetAddress loopback, int bufferBytes) throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(loopback, 0));
      SocketChannel moving = SocketChannel.open();
      if (bufferBytes > 0) {
        OsSocket socket = new FileDescriptors(libc, OpenFiles.ofThisProcess()).of(moving);
        socket.setInt(Opt.SO_RCVBUFFORCE, bufferBytes);
        socket.setInt(Opt.SO_SNDBUFFORCE, bufferBytes);
      }
      moving.connect(server.getLocalAddress());
      SocketChannel peer = server.accept();
      moving.setOption(StandardSocketOptions.TCP_NODELAY, true);
      peer.setOption(StandardSocketOptions.TCP_NODELAY, true);
      InetSocketAddress local = (InetSocketAddress) moving.getLocalAddress();
      return new Connection(libc, moving, peer, Guard.of(libc, local, familyOf(loopback)));
    }
  }

  private static int familyOf(InetAddress address) {
    return address instanceof Inet4Address ? SocketAddresses.AF_INET : SocketAddresses.AF_INET6;
  }

  SocketChannel moving() {
    return moving;
  }

  void moved(SocketChannel to) {
    moving = to;
  }

  /** A few bytes each way: the connection lives, and nothing was lost. */
  void exchange() throws IOException {
    toPeerWritten += write(moving, toPeerWritten, 8);
    fromPeerWritten += write(peer, fromPeerWritten, 8);
    drain();
  }

  /** Reads and checks all that is under way, in both directions. */
  void drain() throws IOException {
    toPeerRead += read(peer, toPeerRead, toPeerWritten - toPeerRead);
    fromPeerRead += read(moving, fromPeerRead, fromPeerWritten - fromPeerRead);
  }

  /** Leaves {@code bytes} unread at the moving end. */
  void leaveUnread(int bytes) throws IOException {
    OsSocket socket = descriptors.of(moving);
    OsSocket peerSocket = descriptors.of(peer);
    fromPeerWritten += write(peer, fromPeerWritten, bytes);
    await(() -> socket.unreadBytes() >= bytes && peerSocket.queuedBytes() == 0);
  }

  /** Lets the moving end send {@code bytes} that the peer never acknowledges until unfenced. */
  void leaveUnacknowledged(int bytes) throws IOException {
    // Opens the congestion and receive windows far enough to have all of it on the way at once.
    for (long warm = 0; warm < 6L * bytes + (8 << 20); warm += CHUNK_BYTES) {
      toPeerWritten += write(moving, toPeerWritten, CHUNK_BYTES);
      if (toPeerWritten - toPeerRead > 2L << 20) {
        toPeerRead += read(peer, toPeerRead, 1 << 20);
      }
    }
    drain();
    OsSocket socket = descriptors.of(moving);
    await(() -> socket.queuedBytes() == 0);
    SocketFilter.dropAll().attachTo(descriptors.of(peer));
    toPeerWritten += write(moving, toPeerWritten, bytes);
  }

  /** Makes the peer hear again. */
  void unfencePeer() throws IOException {
    descriptors.of(peer).setInt(Opt.SO_DETACH_FILTER, 0);
  }

  /** Fills the peer's window, then leaves {@code bytes} that could not be sent. */
  void leaveUnsent(int bytes) throws IOException {
    peer.setOption(StandardSocketOptions.SO_RCVBUF, 1 << 16);
    OsSocket socket = descriptors.of(moving);
    int unsent = 0;
    while (unsent == 0) {
      toPeerWritten += write(moving, toPeerWritten, CHUNK_BYTES);
      LockSupport.parkNanos(WAIT_NANOS);
      unsent = socket.unsentBytes();
    }
    if (unsent < bytes) {
      toPeerWritten += write(moving, toPeerWritten, bytes - unsent);
    }
  }

  private interface Condition {
    boolean holds() throws LinuxException;
  }

  private static void await(Condition condition) throws IOException {
    for (int i = 0; !condition.holds(); i++) {
      if (i == 100_000) {
        throw new IOException("the queues never became what this measures");
      }
      LockSupport.parkNanos(WAIT_NANOS);
    }
  }

  private int write(SocketChannel to, long position, int bytes) throws IOException {
    int left = bytes;
    long at = position;
    while (left > 0) {
      int from = (int) (at % PERIOD);
      chunk.clear();
      chunk.put(PATTERN, from, Math.min(left, CHUNK_BYTES)).flip();
      int count = to.write(chunk);
      at += count;
      left -= count;
    }
    return bytes;
  }

  private long read(SocketChannel from, long position, long bytes) throws IOException {
    long left = bytes;
    long at = position;
    while (left > 0) {
      chunk.clear().limit((int) Math.min(left, CHUNK_BYTES));
      int count = from.read(chunk);
      if (count < 0) {
        throw new IOException("the stream ends " + left + " bytes too early");
      }
      chunk.flip();
      ByteBuffer expected = ByteBuffer.wrap(PATTERN, (int) (at % PERIOD), count);
      if (!chunk.equals(expected)) {
        throw new IOException("wrong bytes after position " + at);
      }
      at += count;
      left -= count;
    }
    return bytes;
  }

  private static byte[] pattern() {
    byte[] bytes = new byte[PERIOD + CHUNK_BYTES];
    java.util.Random random = new java.util.Random(2005);
    byte[] period = new byte[PERIOD];
    random.nextBytes(period);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = period[i % PERIOD];
    }
    return bytes;
  }

  /** By reset, so that ports are free again at once. */
  @Override
  public void close() throws IOException {
    moving.setOption(StandardSocketOptions.SO_LINGER, 0);
    peer.setOption(StandardSocketOptions.SO_LINGER, 0);
    moving.close();
    peer.close();
    guard.close();
  }
}
