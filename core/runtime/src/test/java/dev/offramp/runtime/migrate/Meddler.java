package dev.offramp.runtime.migrate;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Somebody on the way between sender and receiver, who hears all, and changes what he likes. */
public final class Meddler implements AutoCloseable {
  private final SocketChannel sender;
  private final SocketChannel receiver;
  private final SocketChannel senderSide;
  private final SocketChannel receiverSide;
  private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
  private final FutureTask<Void> forth;
  private final FutureTask<Void> back;

  /** What becomes of an octet that the sender sends. */
  public interface Change {
    /**
     * One octet.
     *
     * @param at its number, from 0
     * @return what is passed on, or negative: nothing any more, ever
     */
    int of(long at, int octet);
  }

  public Meddler(Change change) throws IOException {
    SocketChannel[] left = pair();
    SocketChannel[] right = pair();
    sender = left[0];
    senderSide = left[1];
    receiverSide = right[0];
    receiver = right[1];
    forth = new FutureTask<>(() -> pass(senderSide, receiverSide, change), null);
    back = new FutureTask<>(() -> pass(receiverSide, senderSide, (at, octet) -> octet), null);
    Thread.ofVirtual().start(forth);
    Thread.ofVirtual().start(back);
  }

  /** Two connected channels. */
  public static SocketChannel[] pair() throws IOException {
    Path path = Files.createTempFile("offramp-link", "");
    Files.delete(path);
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      SocketChannel first = SocketChannel.open(server.getLocalAddress());
      return new SocketChannel[] {first, server.accept()};
    } finally {
      Files.deleteIfExists(path);
    }
  }

  public SocketChannel sender() {
    return sender;
  }

  public SocketChannel receiver() {
    return receiver;
  }

  /** All that the sender has sent. Only when both are done. */
  public byte[] heard() throws Exception {
    sender.close();
    forth.get(30, TimeUnit.SECONDS);
    return heard.toByteArray();
  }

  private void pass(SocketChannel from, SocketChannel to, Change change) {
    long at = 0;
    ByteBuffer bytes = ByteBuffer.allocate(4096);
    try (to) {
      while (from.read(bytes.clear()) >= 0) {
        bytes.flip();
        ByteBuffer changed = ByteBuffer.allocate(bytes.remaining());
        while (bytes.hasRemaining()) {
          int octet = Byte.toUnsignedInt(bytes.get());
          int next = change.of(at++, octet);
          if (next < 0) {
            write(to, changed.flip());
            return;
          }
          changed.put((byte) next);
          if (from.equals(senderSide)) {
            heard.write(octet);
          }
        }
        write(to, changed.flip());
      }
    } catch (IOException e) {
      // One of them has closed: so does the other, by closing.
    }
  }

  private static void write(SocketChannel to, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    for (SocketChannel each : new SocketChannel[] {sender, receiver, senderSide, receiverSide}) {
      each.close();
    }
  }
}
