package dev.offramp.cli.demo;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.security.MessageDigest;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A plain conversation: both ends send and receive at once, as fast as TCP goes. */
final class PlainTraffic {
  private static final int CHUNK_BYTES = 1 << 16;

  private final String name;
  private final ByteChannel channel;
  private final long bytes;
  private volatile long longestSilenceNanos;
  private volatile long receivedBytes;

  /**
   * Prepares a conversation.
   *
   * @param bytes how many each way; both ends must agree, and it is a multiple of 8
   */
  PlainTraffic(String name, ByteChannel channel, long bytes) {
    this.name = name;
    this.channel = channel;
    this.bytes = bytes;
  }

  /** Sends and receives all; returns when both are done. */
  Transferred run(long seed) throws IOException, InterruptedException {
    long start = System.nanoTime();
    FutureTask<String> sending = new FutureTask<>(() -> send(seed));
    Thread sender = Thread.ofPlatform().name("offramp-demo-sender").daemon(true).start(sending);
    String received = receive();
    String sent;
    try {
      sent = sending.get();
    } catch (ExecutionException e) {
      throw new IOException("sending failed: " + e.getCause(), e.getCause());
    }
    sender.join();
    long nanos = System.nanoTime() - start;
    meet();
    return new Transferred(name, bytes, sent, receivedBytes, received, nanos);
  }

  /** The longest time between two reads that brought something. */
  long longestSilenceNanos() {
    return longestSilenceNanos;
  }

  /** Waits until the peer has everything too, so that what follows begins at the same time. */
  private void meet() throws IOException {
    ByteBuffer token = ByteBuffer.allocate(Long.BYTES);
    while (token.hasRemaining()) {
      channel.write(token);
    }
    token.clear();
    while (token.hasRemaining()) {
      if (channel.read(token) < 0) {
        throw new EOFException("the peer ended the stream before it had everything");
      }
    }
  }

  private String send(long seed) throws IOException {
    MessageDigest digest = Pattern.sha256();
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    long state = seed | 1;
    for (long left = bytes; left > 0; left -= chunk.limit()) {
      chunk.clear().limit((int) Math.min(CHUNK_BYTES, left));
      state = Pattern.fill(chunk, state);
      digest.update(chunk.flip().duplicate());
      while (chunk.hasRemaining()) {
        channel.write(chunk);
      }
    }
    return Pattern.hex(digest);
  }

  private String receive() throws IOException {
    MessageDigest digest = Pattern.sha256();
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    long left = bytes;
    long lastNanos = System.nanoTime();
    while (left > 0) {
      chunk.clear().limit((int) Math.min(CHUNK_BYTES, left));
      int got = channel.read(chunk);
      if (got < 0) {
        throw new EOFException("the peer ended the stream " + left + " bytes early");
      }
      long now = System.nanoTime();
      longestSilenceNanos = Math.max(longestSilenceNanos, now - lastNanos);
      lastNanos = now;
      left -= got;
      receivedBytes = bytes - left;
      digest.update(chunk.flip());
    }
    return Pattern.hex(digest);
  }
}
