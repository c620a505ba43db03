package dev.offramp.emulator;

import dev.offramp.api.transfer.TransferException;
import dev.offramp.runtime.loop.ChannelStreamPort;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.StreamHandler;
import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A connection in the NIC's namespace, and how it ended. */
final class EmulatedPort implements StreamPort {
  private final SocketChannel channel;
  private final ChannelStreamPort stream;
  private boolean closedInOrder;

  EmulatedPort(SocketChannel channel, ChannelStreamPort stream) {
    this.channel = channel;
    this.stream = stream;
  }

  SocketChannel channel() {
    return channel;
  }

  ChannelStreamPort stream() {
    return stream;
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  /** Whether the kernel may still have last segments to exchange for it. */
  boolean isClosedInOrder() {
    return closedInOrder;
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
    stream.attach(loop, handler);
  }

  @Override
  public void interest(boolean readable, boolean writable) {
    stream.interest(readable, writable);
  }

  @Override
  public int segmentBytes() {
    return stream.segmentBytes();
  }

  @Override
  public boolean limitInput(int octets) throws TransferException {
    return stream.limitInput(octets);
  }

  @Override
  public void unlimitInput() {
    stream.unlimitInput();
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
    closedInOrder = channel.isOpen();
    stream.close();
  }

  @Override
  public Failure causeOf(IOException failure) {
    return stream.causeOf(failure);
  }
}
