package dev.offramp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.transfer.Departure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A peer that only waits hears that nobody has its connection any more. */
@Timeout(60)
class HalfOpenIT {
  @ParameterizedTest(name = "v6={0} timestamps={1}")
  @CsvSource({"false, 1", "false, 0", "true, 1", "true, 0"})
  void aWaitingPeerIsReset(boolean v6, String timestamps) throws Exception {
    try (Wire wire = new Wire(v6)) {
      wire.host.sysctl("net/ipv4/tcp_timestamps", timestamps);
      HostStack stack = stack(wire);
      try (TcpPair pair = wire.connect(0, 0)) {
        Bytes.write(pair.far(), "before");
        assertThat(Bytes.read(pair.near(), 6)).isEqualTo("before");
        vanishAndTell(stack, pair);
        assertReset(pair.far());
      }
    }
  }

  @Test
  void soIsOneOfAV4MappedSocket() throws Exception {
    try (Wire wire = new Wire(false);
        TcpPair pair = wire.connect(StandardProtocolFamily.INET6, 0, 0)) {
      vanishAndTell(stack(wire), pair);
      assertReset(pair.far());
    }
  }

  @Test
  void soIsOneOnALinkLocalAddress() throws Exception {
    try (Wire wire = new Wire(true);
        TcpPair pair = wire.connectLinkLocal()) {
      vanishAndTell(stack(wire), pair);
      assertReset(pair.far());
    }
  }

  /** It waits for the rest of what has not been sent, with a direction that is closed already. */
  @Test
  void soIsOneThatHasSentItsFin() throws Exception {
    try (Wire wire = new Wire(false);
        TcpPair pair = wire.connect(0, 0)) {
      pair.far().shutdownOutput();
      assertThat(pair.near().read(java.nio.ByteBuffer.allocate(1))).isEqualTo(-1);
      SocketChannel other = pair.near();
      // A connection with a FIN behind it does not depart: it goes as one of a killed process does.
      InetSocketAddress local = (InetSocketAddress) other.getLocalAddress();
      InetSocketAddress remote = (InetSocketAddress) other.getRemoteAddress();
      wire.cutToPeer();
      other.setOption(java.net.StandardSocketOptions.SO_LINGER, 0);
      other.close();
      wire.joinToPeer();
      stack(wire).resetPeer(local, remote);
      assertReset(pair.far());
    }
  }

  /** The host is the server: its listener has the port, and must not be in the way. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aListenerOfThePortIsNotInTheWay(boolean v6) throws Exception {
    try (Wire wire = new Wire(v6)) {
      HostStack stack = stack(wire);
      try (ServerSocketChannel listener = wire.host.call(() -> ServerSocketChannel.open())) {
        wire.host.call(() -> listener.bind(new InetSocketAddress(wire.hostAddress, 0)));
        int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
        SocketChannel far =
            wire.peer.call(() -> SocketChannel.open(new InetSocketAddress(wire.hostAddress, port)));
        try (TcpPair pair = new TcpPair(listener.accept(), far)) {
          vanishAndTell(stack, pair);
          assertReset(far);
        }
        try (SocketChannel next =
                wire.peer.call(
                    () -> SocketChannel.open(new InetSocketAddress(wire.hostAddress, port)));
            SocketChannel accepted = listener.accept()) {
          Bytes.write(next, "the listener still listens");
          assertThat(Bytes.read(accepted, 26)).isEqualTo("the listener still listens");
        }
      }
    }
  }

  /** What the peer has sent, and nobody has taken, does not matter. */
  @Test
  void numbersThatHaveMovedOnDoNotMatter() throws Exception {
    try (Wire wire = new Wire(false);
        TcpPair pair = wire.connect(0, 0)) {
      HostStack stack = stack(wire);
      wire.cutToHost();
      Bytes.write(pair.far(), "never acknowledged");
      vanish(stack, pair);
      wire.joinToHost();
      tell(stack, pair);
      assertReset(pair.far());
    }
  }

  /**
   * The probe of a resume is out of order, and a Linux answers one such segment in half a second:
   * the first SYN gets no answer.
   */
  @Test
  void itIsAskedOnceMoreWhenItMayNotAnswer() throws Exception {
    try (Wire wire = new Wire(false);
        TcpPair pair = wire.connect(0, 0)) {
      HostStack stack = stack(wire);
      stack.depart(pair.near()).resume();
      vanishAndTell(stack, pair);
      assertReset(pair.far());
    }
  }

  @Test
  void itIsAskedOnceMoreWhenSegmentsAreLost() throws Exception {
    try (Wire wire = new Wire(false);
        TcpPair pair = wire.connect(0, 0)) {
      HostStack stack = stack(wire);
      wire.cutToPeer();
      vanishAndTell(stack, pair);
      wire.joinToPeer();
      assertReset(pair.far());
    }
  }

  @Test
  void noSocketStays() throws Exception {
    try (Wire wire = new Wire(false);
        TcpPair pair = wire.connect(0, 0)) {
      vanishAndTell(stack(wire), pair);
      assertReset(pair.far());
      Bytes.await(() -> wire.host.run("ss", "-Htan").isEmpty());
    }
  }

  /** One that has forgotten its connection, and listens where it was, gets no new one. */
  @Test
  void aPeerThatListensGetsNoConnection() throws Exception {
    try (Wire wire = new Wire(false);
        ServerSocketChannel listener = wire.peer.call(() -> ServerSocketChannel.open())) {
      wire.peer.call(() -> listener.bind(new InetSocketAddress(wire.peerAddress, 0)));
      listener.configureBlocking(false);
      InetSocketAddress remote = (InetSocketAddress) listener.getLocalAddress();
      stack(wire).resetPeer(new InetSocketAddress(wire.hostAddress, 40_000), remote);
      // Whatever comes of the SYN has come before the handshake of this one.
      try (SocketChannel other = wire.host.call(() -> SocketChannel.open(remote));
          SocketChannel first = accept(listener)) {
        assertThat(first.getRemoteAddress()).isEqualTo(other.getLocalAddress());
        assertThat(listener.accept()).isNull();
      }
    }
  }

  private static SocketChannel accept(ServerSocketChannel listener) throws Exception {
    SocketChannel[] accepted = new SocketChannel[1];
    Bytes.await(() -> (accepted[0] = listener.accept()) != null);
    return accepted[0];
  }

  @Test
  void aConnectionThatTheHostHasIsLeftAlone() throws Exception {
    try (Wire wire = new Wire(false);
        TcpPair pair = wire.connect(0, 0)) {
      HostStack stack = stack(wire);
      assertThatThrownBy(() -> tell(stack, pair))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("this host has a socket of that 4-tuple");
      Bytes.write(pair.near(), "alive");
      assertThat(Bytes.read(pair.far(), 5)).isEqualTo("alive");
    }
  }

  @Test
  void anAddressOfNobodyIsRefused() throws Exception {
    try (Wire wire = new Wire(false)) {
      HostStack stack = stack(wire);
      InetSocketAddress local = new InetSocketAddress("10.9.0.77", 40_000);
      InetSocketAddress remote = new InetSocketAddress(wire.peerAddress, 40_001);
      assertThatThrownBy(() -> stack.resetPeer(local, remote))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("10.9.0.77")
          .hasMessageContaining("EADDRNOTAVAIL");
    }
  }

  private static HostStack stack(Wire wire) {
    return HostStack.create(HostOptions.defaults().withNamespace(wire.host));
  }

  private static void vanishAndTell(HostStack stack, TcpPair pair) throws Exception {
    InetSocketAddress local = (InetSocketAddress) pair.near().getLocalAddress();
    InetSocketAddress remote = (InetSocketAddress) pair.near().getRemoteAddress();
    vanish(stack, pair);
    stack.resetPeer(local, remote);
  }

  private static void vanish(HostStack stack, TcpPair pair) throws Exception {
    try (Departure departure = stack.depart(pair.near())) {
      departure.release();
    }
  }

  /** As the peer knows both ends. */
  private static void tell(HostStack stack, TcpPair pair) throws Exception {
    stack.resetPeer(
        (InetSocketAddress) pair.far().getRemoteAddress(),
        (InetSocketAddress) pair.far().getLocalAddress());
  }

  private static void assertReset(SocketChannel far) {
    assertThatThrownBy(() -> far.read(java.nio.ByteBuffer.allocate(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("reset");
  }
}
