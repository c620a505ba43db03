package dev.offramp.models.chelsio;

import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The host's end of a connection that is not the adapter's any more. */
final class HostEnd {
  private final Rig rig;
  private final StreamPort port;

  HostEnd(Rig rig, StreamPort port) {
    this.rig = rig;
    this.port = port;
  }

  void write(byte[] bytes) {
    ByteBuffer[] one = {ByteBuffer.wrap(bytes)};
    rig.await(
        "room in the host's TCP",
        () -> {
          move(() -> port.write(one, 0, 1));
          return !one[0].hasRemaining();
        });
  }

  byte[] read(int count) {
    ByteBuffer[] one = {ByteBuffer.allocate(count)};
    rig.await(
        count + " bytes in the host's TCP",
        () -> {
          move(() -> port.read(one, 0, 1));
          return !one[0].hasRemaining();
        });
    return Arrays.copyOf(one[0].array(), count);
  }

  private void move(Move move) {
    rig.loop()
        .run(() -> {
          try {
            move.run();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  @FunctionalInterface
  private interface Move {
    long run() throws IOException;
  }
}
