package dev.offramp.runtime.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.transfer.Departure;
import dev.offramp.spi.port.PreparedStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A socket that changes hands in one stack, and a new owner that cannot go on. */
@Timeout(60)
class HandoverTest {
  private final ResidentStack stack = new ResidentStack();
  private final HostResidentStreams streams = new HostResidentStreams(stack, channel -> 1460);
  private SocketChannel near;
  private SocketChannel peer;

  @BeforeEach
  void connect() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (ServerSocketChannel listener = ServerSocketChannel.open().bind(any)) {
      near = SocketChannel.open(listener.getLocalAddress());
      peer = listener.accept();
    }
  }

  @AfterEach
  void close() throws IOException {
    near.close();
    peer.close();
  }

  @Test
  void beforeTheReleaseTheOldOwnerGoesOn() throws Exception {
    Departure departure = stack.depart(near);
    PreparedStream prepared = streams.prepare(departure.descriptor());
    prepared.abandon();
    departure.resume();
    near.write(ByteBuffer.wrap(new byte[] {7}));
    assertThat(peer.read(ByteBuffer.allocate(8))).isEqualTo(1);
  }

  @Test
  void afterTheReleaseThePeerIsTold() throws Exception {
    Departure departure = stack.depart(near);
    PreparedStream prepared = streams.prepare(departure.descriptor());
    departure.release();
    prepared.abandon();
    assertThat(near.isOpen()).isFalse();
    assertThatThrownBy(() -> peer.read(ByteBuffer.allocate(8))).hasMessageContaining("reset");
  }
}
