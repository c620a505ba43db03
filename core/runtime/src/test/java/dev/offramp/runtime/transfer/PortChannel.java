package dev.offramp.runtime.transfer;

import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/** A stream port for code that waits. */
final class PortChannel implements ByteChannel {
  private final StreamPort port;

  PortChannel(StreamPort port) {
    this.port = port;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    ByteBuffer[] targets = {target};
    long count = 0;
    while (count == 0) {
      count = port.read(targets, 0, 1);
      Thread.onSpinWait();
    }
    return (int) count;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    return (int) port.write(new ByteBuffer[] {source}, 0, 1);
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() {
    port.close();
  }
}
