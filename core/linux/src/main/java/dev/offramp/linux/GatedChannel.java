package dev.offramp.linux;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.tcp.OsSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apiguardian.api.API;

/**
 * A connection that can be frozen under its users: reads and writes pass a gate, which a departure
 * shuts. Those that come meanwhile wait, and go on after the resume; after the release they get a
 * {@link ClosedChannelException}.
 *
 * <p>For any number of threads. Nobody sleeps inside the gate: the channel is non-blocking, and a
 * thread that finds nothing to do waits outside, so a freeze never waits for a reader or writer.
 * Made by {@link HostStack#gate}; while it is in use the channel below must not be touched.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class GatedChannel implements ByteChannel {
  // include/uapi/asm-generic/poll.h
  private static final short POLLIN = 1;
  private static final short POLLOUT = 4;

  /** A waiting thread looks this often whether its channel was closed under it. */
  private static final int POLL_MILLIS = 50;

  /** More than threads that could ever be inside. */
  private static final int PERMITS = 1 << 20;

  private final SocketChannel channel;
  private final OsSocket socket;
  private final boolean sole;
  private final SocketConstants constants;
  private final Semaphore gate = new Semaphore(PERMITS, true);

  GatedChannel(SocketChannel channel, OsSocket socket, boolean sole) throws IOException {
    this.channel = channel;
    this.socket = socket;
    this.sole = sole;
    this.constants = SocketConstants.of(socket);
    channel.configureBlocking(false);
  }

  /** Reads at least one byte, as a blocking channel does; waits for it. -1: the peer's FIN. */
  @Override
  public int read(ByteBuffer target) throws IOException {
    return whenReady(POLLIN, target, () -> channel.read(target));
  }

  /** Writes at least one byte, as much as the send buffer takes; waits for room. */
  @Override
  public int write(ByteBuffer source) throws IOException {
    return whenReady(POLLOUT, source, () -> channel.write(source));
  }

  private int whenReady(short event, ByteBuffer buffer, IoCall call) throws IOException {
    while (true) {
      gate.acquireUninterruptibly();
      int moved;
      try {
        moved = call.run();
      } finally {
        gate.release();
      }
      if (moved != 0 || !buffer.hasRemaining()) {
        return moved;
      }
      awaitReady(event);
    }
  }

  /** A number that was closed and reused meanwhile does no harm: it is only looked at. */
  private void awaitReady(short event) throws IOException {
    try {
      socket.poll(event, POLL_MILLIS);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EINTR) {
        throw e;
      }
    }
    if (!channel.isOpen()) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  /** Closes the connection; waits while it is frozen, since closing then would be silent. */
  @Override
  public void close() throws IOException {
    gate.acquireUninterruptibly();
    try {
      channel.close();
    } finally {
      gate.release();
    }
  }

  /** Shuts the gate once nobody is inside; false after the time. */
  boolean shut(long timeoutNanos) {
    boolean interrupted = Thread.interrupted();
    try {
      return gate.tryAcquire(PERMITS, timeoutNanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
      return false;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Opens it again. */
  void reopen() {
    gate.release(PERMITS);
  }

  /** Whether the channel's descriptor was the socket's only one when the gate was put up. */
  boolean isSole() {
    return sole;
  }

  /** What was found out about the socket when the gate was put up, and cannot change. */
  SocketConstants constants() {
    return constants;
  }

  /** The channel below, for whoever has shut the gate. */
  SocketChannel channel() {
    return channel;
  }

  private interface IoCall {
    int run() throws IOException;
  }
}
