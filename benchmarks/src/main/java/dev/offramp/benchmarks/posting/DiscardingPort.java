package dev.offramp.benchmarks.posting;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.StreamHandler;
import dev.offramp.spi.port.StreamPort;
import dev.offramp.spi.port.StreamWaiter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A stream that, once told to, takes whatever is written and drops it: no system call. */
final class DiscardingPort implements StreamPort {
  private final StreamPort port;
  private volatile boolean discards;
  private int writes;

  DiscardingPort(StreamPort port) {
    this.port = port;
  }

  /** From now on nothing is sent. */
  void discard() {
    discards = true;
  }

  /** Writes that were dropped since the last call. */
  int takeWrites() {
    int seen = writes;
    writes = 0;
    return seen;
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    if (!discards) {
      return port.write(from, offset, length);
    }
    writes++;
    long taken = 0;
    for (int i = offset; i < offset + length; i++) {
      taken += from[i].remaining();
      from[i].position(from[i].limit());
    }
    return taken;
  }

  @Override
  public long read(ByteBuffer[] into, int offset, int length) throws IOException {
    return port.read(into, offset, length);
  }

  @Override
  public void attach(EventLoop loop, StreamHandler handler) {
    port.attach(loop, handler);
  }

  @Override
  public void interest(boolean readable, boolean writable) {
    port.interest(readable, writable);
  }

  @Override
  public Optional<StreamWaiter> openWaiter() throws IOException {
    return port.openWaiter();
  }

  @Override
  public int segmentBytes() {
    return port.segmentBytes();
  }

  @Override
  public void shutdownOutput() throws IOException {
    port.shutdownOutput();
  }

  @Override
  public void reset() {
    port.reset();
  }

  @Override
  public void close() {
    port.close();
  }

  @Override
  public void describe(IwarpConnectionDescriptor.Builder to) throws IOException {
    port.describe(to);
  }

  @Override
  public Departure depart(DepartureNeeds needs) throws TransferException {
    return port.depart(needs);
  }

  @Override
  public Failure causeOf(IOException failure) {
    return port.causeOf(failure);
  }
}
