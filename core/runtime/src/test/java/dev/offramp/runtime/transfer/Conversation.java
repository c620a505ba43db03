package dev.offramp.runtime.transfer;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/**
 * One end of a dialogue with an echo: every byte says where in the stream it belongs, so a loss, a
 * repetition or a change is seen at the first byte that it concerns. Can go on at another owner of
 * the connection, in another process even.
 */
final class Conversation {
  private static final int CHUNK_BYTES = 32 << 10;

  private long sentBytes;
  private long heardBytes;

  /** A conversation in which so much has been said already. */
  Conversation(long sentBytes, long heardBytes) {
    this.sentBytes = sentBytes;
    this.heardBytes = heardBytes;
  }

  long sentBytes() {
    return sentBytes;
  }

  long heardBytes() {
    return heardBytes;
  }

  /** Says something, and leaves the echo under way. */
  void say(ByteChannel channel, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      bytes.put(at(sentBytes + bytes.position()));
    }
    bytes.flip();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    sentBytes += count;
  }

  /** Hears all echoes that are still out, and checks each byte. */
  void hearAll(ByteChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(CHUNK_BYTES);
    while (heardBytes < sentBytes) {
      bytes.clear().limit((int) Math.min(CHUNK_BYTES, sentBytes - heardBytes));
      if (channel.read(bytes) < 0) {
        throw new EOFException("after " + heardBytes + " of " + sentBytes + " bytes");
      }
      bytes.flip();
      while (bytes.hasRemaining()) {
        byte heard = bytes.get();
        if (heard != at(heardBytes)) {
          throw new IOException(
              "byte " + heardBytes + ": heard [" + heard + "], expected " + at(heardBytes));
        }
        heardBytes++;
      }
    }
  }

  /** Hears what is out, then says and hears {@code rounds} times more. */
  void goOn(ByteChannel channel, int rounds) throws IOException {
    hearAll(channel);
    for (int i = 0; i < rounds; i++) {
      say(channel, CHUNK_BYTES);
      hearAll(channel);
    }
  }

  /** The other end: says what it hears, until the stream ends in order. */
  static long echo(ByteChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(CHUNK_BYTES);
    long echoed = 0;
    while (channel.read(bytes.clear()) >= 0) {
      bytes.flip();
      echoed += bytes.remaining();
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
    return echoed;
  }

  private static byte at(long position) {
    return (byte) (position * 31 + (position >> 8) * 7 + (position >> 16));
  }
}
