package dev.offramp.runtime.migrate;

import dev.offramp.linux.PassedSocket;
import dev.offramp.linux.PassingLink;
import dev.offramp.linux.SocketDeparture;
import dev.offramp.runtime.migrate.MigrationException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A Unix socket on which sockets come along with the octets. For one thread at a time. */
final class PassingWire implements Wire {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final PassingLink link;
  private final long timeoutNanos;
  private final List<PassedSocket> sockets = new ArrayList<>();
  private ByteBuffer unread = NOTHING;
  private boolean expectsSockets;
  private @Nullable SocketDeparture next;
  private Runnable lastWords = () -> {};

  /**
   * A wire.
   *
   * @param link this object's from now on
   * @param timeout for each read
   * @param expectsSockets whether sockets may come, until they are taken; others are refused
   */
  PassingWire(PassingLink link, Duration timeout, boolean expectsSockets) {
    this.link = link;
    this.timeoutNanos = timeout.toNanos();
    this.expectsSockets = expectsSockets;
  }

  /** Has a socket go with the next that is written. */
  void attach(SocketDeparture socket) {
    next = socket;
  }

  /** All sockets that have come, the caller's from now on. No more may come. */
  List<PassedSocket> takeSockets() {
    expectsSockets = false;
    List<PassedSocket> taken = List.copyOf(sockets);
    sockets.clear();
    return taken;
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    SocketDeparture socket = next;
    next = null;
    if (bytes.remaining() > PassingLink.MAX_MESSAGE_BYTES) {
      throw new MigrationException(
          Reason.TOO_LARGE,
          "a message of ["
              + bytes.remaining()
              + "] bytes, expected at most "
              + PassingLink.MAX_MESSAGE_BYTES);
    }
    try {
      link.send(bytes, socket);
    } catch (IOException e) {
      throw new MigrationException(Reason.CLOSED, "the other process has gone", e);
    }
  }

  @Override
  public ByteBuffer read(int count, boolean begun) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    long start = System.nanoTime();
    while (true) {
      int take = Math.min(bytes.remaining(), unread.remaining());
      bytes.put(unread.slice(unread.position(), take));
      unread.position(unread.position() + take);
      if (!bytes.hasRemaining()) {
        return bytes.flip();
      }
      receive(start, begun || bytes.position() > 0);
    }
  }

  private void receive(long start, boolean begun) throws IOException {
    PassingLink.Received received;
    try {
      long left = timeoutNanos - (System.nanoTime() - start);
      received = left <= 0 ? null : link.receive(left);
    } catch (IOException e) {
      throw new MigrationException(Reason.CLOSED, "the other process has gone", e);
    }
    if (received == null) {
      throw new MigrationException(
          Reason.TIMED_OUT, "nothing for " + TimeUnit.NANOSECONDS.toMillis(timeoutNanos) + " ms");
    }
    sockets.addAll(received.sockets());
    if (received.cut()) {
      throw new MigrationException(
          Reason.TOO_LARGE,
          "a message of more than ["
              + PassingLink.MAX_MESSAGE_BYTES
              + "] bytes, or with many descriptors; they are closed");
    }
    if (!expectsSockets && !sockets.isEmpty()) {
      throw new MigrationException(
          Reason.PROTOCOL,
          "seen [" + sockets.size() + "] descriptors where none may come; they are closed");
    }
    if (!received.bytes().hasRemaining()) {
      throw new MigrationException(
          begun ? Reason.TRUNCATED : Reason.CLOSED, "the other process has ended the exchange");
    }
    unread = received.bytes();
  }

  /** What is to be done when it is closed, while it can still be written to. Once. */
  void beforeClose(Runnable what) {
    lastWords = what;
  }

  @Override
  public void close() {
    Runnable last = lastWords;
    lastWords = () -> {};
    last.run();
    takeSockets().forEach(PassedSocket::close);
    link.close();
  }
}
