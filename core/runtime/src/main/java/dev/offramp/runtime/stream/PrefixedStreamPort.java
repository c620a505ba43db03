package dev.offramp.runtime.stream;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.StreamHandler;
import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A stream whose first bytes to be sent are known already: a Responder's MPA Reply. They leave
 * before anything else, with the first write or read, whichever comes first.
 */
final class PrefixedStreamPort implements StreamPort {
  private final StreamPort stream;
  private final ByteBuffer[] prefix;

  PrefixedStreamPort(StreamPort stream, Octets prefix) {
    this.stream = stream;
    // Direct, so that the JDK does not copy it again for every attempt.
    ByteBuffer bytes = ByteBuffer.allocateDirect(prefix.length());
    bytes.put(prefix.asByteBuffer()).flip();
    this.prefix = new ByteBuffer[] {bytes};
  }

  @Override
  public long read(ByteBuffer[] into, int offset, int length) throws IOException {
    pushPrefix();
    return stream.read(into, offset, length);
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    return pushPrefix() ? stream.write(from, offset, length) : 0;
  }

  @Override
  public void attach(EventLoop loop, StreamHandler handler) {
    stream.attach(loop, handler);
  }

  @Override
  public void interest(boolean readable, boolean writable) {
    stream.interest(readable, writable || prefix[0].hasRemaining());
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
  }

  @Override
  public void close() {
    stream.close();
  }

  @Override
  public Failure causeOf(IOException failure) {
    return stream.causeOf(failure);
  }

  private synchronized boolean pushPrefix() throws IOException {
    if (prefix[0].hasRemaining()) {
      stream.write(prefix, 0, 1);
    }
    return !prefix[0].hasRemaining();
  }
}
