package dev.offramp.provider.softiwarp;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** Somebody between a sender and a receiver, who does what he likes to what the sender says. */
final class Relay implements AutoCloseable {
  private static final int BUFFER_BYTES = 4096;

  private final SocketChannel[] senders;
  private final SocketChannel[] receivers;
  private final AtomicLong passed = new AtomicLong();

  /** What becomes of an octet: negative ends it all. */
  interface Change {
    int of(long at, int octet);
  }

  /** A relay between a sender and a receiver in this process. */
  Relay(Change change) throws IOException {
    this(pair(), pair(), change);
  }

  /** A relay to a receiver that listens. */
  static Relay to(Path socket, Change change) throws IOException {
    SocketChannel there = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    return new Relay(pair(), new SocketChannel[] {there, there}, change);
  }

  /** A relay from a sender who has connected. */
  static Relay from(SocketChannel accepted, Change change) throws IOException {
    return new Relay(new SocketChannel[] {accepted, accepted}, pair(), change);
  }

  private Relay(SocketChannel[] senders, SocketChannel[] receivers, Change change) {
    this.senders = senders;
    this.receivers = receivers;
    start(senders[1], receivers[0], change);
    start(receivers[0], senders[1], (at, octet) -> octet);
  }

  private static SocketChannel[] pair() throws IOException {
    Path path = Files.createTempFile("offramp-relay", "");
    Files.delete(path);
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      SocketChannel first = SocketChannel.open(server.getLocalAddress());
      return new SocketChannel[] {first, server.accept()};
    } finally {
      Files.deleteIfExists(path);
    }
  }

  SocketChannel sender() {
    return senders[0];
  }

  SocketChannel receiver() {
    return receivers[1];
  }

  /** How much the sender has said. */
  long passedBytes() {
    return passed.get();
  }

  private void start(SocketChannel from, SocketChannel to, Change change) {
    Thread.ofPlatform().daemon(true).name("relay").start(() -> pass(from, to, change));
  }

  private void pass(SocketChannel from, SocketChannel to, Change change) {
    boolean forth = from.equals(senders[1]);
    long at = 0;
    ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);
    try (from;
        to) {
      while (from.read(bytes.clear()) >= 0) {
        bytes.flip();
        for (int i = 0; i < bytes.limit(); i++) {
          int next = change.of(at++, Byte.toUnsignedInt(bytes.get(i)));
          if (next < 0) {
            write(to, bytes.limit(i));
            return;
          }
          bytes.put(i, (byte) next);
        }
        write(to, bytes);
        if (forth) {
          passed.set(at);
        }
      }
    } catch (IOException e) {
      // One of them has closed: so does the other.
    }
  }

  private static void write(SocketChannel to, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    for (SocketChannel each :
        new SocketChannel[] {senders[0], senders[1], receivers[0], receivers[1]}) {
      each.close();
    }
  }
}
