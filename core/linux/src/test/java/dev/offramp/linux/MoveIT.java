package dev.offramp.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.Departure;
import dev.offramp.conformance.Rows;
import dev.offramp.linux.tcp.Opt;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.TcpInfo;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that leave and arrive with bytes in every queue, while the peer keeps its own. */
class MoveIT {
  private static final int MANY_BYTES = 8 << 20;

  /** All queues are full; what was sent has been lost, or only its acknowledgement has. */
  @ParameterizedTest(name = "v6={0} dataLost={1} timestamps={2} sack={3}")
  @CsvSource({
    "false, false, 1, 1",
    "false, true, 1, 1",
    "true, false, 1, 1",
    "true, true, 1, 1",
    "false, true, 0, 1",
    "false, true, 1, 0",
    "true, false, 0, 0"
  })
  @Rows({43, 44})
  void fullQueuesTravel(boolean v6, boolean dataLost, String timestamps, String sack)
      throws Exception {
    try (Wire wire = new Wire(v6)) {
      wire.host.sysctl("net/ipv4/tcp_timestamps", timestamps);
      wire.host.sysctl("net/ipv4/tcp_sack", sack);
      try (TcpPair pair = wire.connect(0, 0)) {
        IwarpConnectionDescriptor d = moveWithFullQueues(wire, pair, dataLost);
        assertThat(d.value(DescriptorFields.TIMESTAMPS)).isEqualTo(timestamps.equals("1"));
        assertThat(d.value(DescriptorFields.SACK_PERMITTED)).isEqualTo(sack.equals("1"));
      }
    }
  }

  /** Timers go on in repair: they must not send what the new owner counts as unsent. */
  @ParameterizedTest
  @ValueSource(strings = {"the system's", "reno"})
  void aFrozenSocketSendsNothingNew(String congestionControl) throws Exception {
    try (Wire wire = new Wire(false)) {
      if (congestionControl.equals("reno")) {
        wire.host.sysctl("net/ipv4/tcp_congestion_control", congestionControl);
      }
      HostStack stack = HostStack.create(HostOptions.defaults().withNamespace(wire.host));
      try (TcpPair pair = wire.connect(0, 0)) {
        Exchange out = new Exchange(1);
        Exchange in = new Exchange(2);
        fillQueues(wire, pair, stack, out, in, true);
        OsSocket socket = Sockets.of(pair.near());
        try (Departure departure = stack.depart(pair.near())) {
          int unsent = socket.unsentBytes();
          assertThat(ConnectionQueues.of(departure.descriptor()).unsent().length())
              .isEqualTo(unsent);
          long before = TcpInfo.of(socket).totalRetransmissions();
          Bytes.await(() -> TcpInfo.of(socket).totalRetransmissions() >= before + 2);
          assertThat(socket.unsentBytes()).isEqualTo(unsent);
        }
        wire.joinToPeer();
        Exchange.complete(pair.near(), pair.far(), out, in, 1 << 20);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 14})
  void extremeWindowScalesTravel(int scale) throws Exception {
    try (Wire wire = new Wire(false)) {
      String limits = "4096 131072 " + (scale == 14 ? 1 << 30 : 1 << 22);
      wire.host.sysctl("net/ipv4/tcp_rmem", limits);
      wire.peer.sysctl("net/ipv4/tcp_rmem", limits);
      int buffer = scale == 14 ? 0 : 16384;
      try (TcpPair pair = wire.connect(buffer, buffer)) {
        IwarpConnectionDescriptor d = moveWithFullQueues(wire, pair, true);
        assertThat(d.value(DescriptorFields.SEND_WINDOW_SCALE)).isEqualTo(scale);
        assertThat(d.value(DescriptorFields.RECEIVE_WINDOW_SCALE)).isEqualTo(scale);
      }
    }
  }

  @Test
  void windowScalingOffTravels() throws Exception {
    try (Wire wire = new Wire(false)) {
      wire.host.sysctl("net/ipv4/tcp_window_scaling", "0");
      try (TcpPair pair = wire.connect(0, 0)) {
        IwarpConnectionDescriptor d = moveWithFullQueues(wire, pair, true);
        assertThat(d.value(DescriptorFields.WINDOW_SCALING)).isFalse();
      }
    }
  }

  @Test
  void v4MappedSocketsTravel() throws Exception {
    try (Wire wire = new Wire(false);
        TcpPair pair = wire.connect(StandardProtocolFamily.INET6, 0, 0)) {
      IwarpConnectionDescriptor d = moveWithFullQueues(wire, pair, true);
      assertThat(d.value(DescriptorFields.V4_MAPPED_SOCKET)).isTrue();
    }
  }

  @Test
  void linkLocalConnectionsKeepTheirScope() throws Exception {
    try (Wire wire = new Wire(true);
        TcpPair pair = wire.connectLinkLocal()) {
      HostStack stack = HostStack.create(HostOptions.defaults().withNamespace(wire.host));
      SocketChannel again;
      try (Departure departure = stack.depart(pair.near())) {
        departure.release();
        again = stack.arrive(departure.descriptor()).activate();
      }
      assertThat(again.getRemoteAddress().toString()).contains("%");
      Bytes.assertConnected(again, pair.far());
      again.close();
    }
  }

  /** The peer has closed its window: unsent bytes wait for it, and are probed for. */
  @Test
  void aClosedWindowTravels() throws Exception {
    try (Wire wire = new Wire(false);
        TcpPair pair = wire.connect(0, 16384)) {
      HostStack stack = HostStack.create(HostOptions.defaults().withNamespace(wire.host));
      Exchange out = new Exchange(1);
      Exchange in = new Exchange(2);
      out.writeWhatFits(pair.near(), MANY_BYTES);
      Bytes.await(() ->
          stack.profile(pair.near()).unacknowledgedBytes() == 0
              && stack.profile(pair.near()).unsentBytes() > 0);
      SocketChannel again;
      try (Departure departure = stack.depart(pair.near())) {
        IwarpConnectionDescriptor d = departure.descriptor();
        assertThat(d.value(DescriptorFields.UNSENT).length()).isPositive();
        assertThat(d.value(DescriptorFields.SND_WND)).isLessThan(4096);
        departure.release();
        again = stack.arrive(d).activate();
      }
      Exchange.complete(again, pair.far(), out, in, 1 << 20);
      again.close();
    }
  }

  /** The interface itself moves to another host (namespace), with the connection. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aConnectionMovesToAnotherHost(boolean v6) throws Exception {
    try (Wire wire = new Wire(v6);
        TestNamespace second = new TestNamespace();
        TcpPair pair = wire.connect(0, 0)) {
      HostStack first = HostStack.create(HostOptions.defaults().withNamespace(wire.host));
      HostStack other = HostStack.create(HostOptions.defaults().withNamespace(second));
      Exchange out = new Exchange(1);
      Exchange in = new Exchange(2);
      fillQueues(wire, pair, first, out, in, true);
      SocketChannel again;
      try (Departure departure = first.depart(pair.near())) {
        wire.cutToHost();
        wire.host.run("ip", "link", "set", "wire0", "netns", second.tid());
        wire.setUp(second, wire.hostAddress, wire.peerAddress, Wire.PEER_MAC);
        try (Arrival<SocketChannel> arrival = other.arrive(departure.descriptor())) {
          wire.joinToHost();
          departure.release();
          again = arrival.activate();
        }
      }
      Exchange.complete(again, pair.far(), out, in, MANY_BYTES);
      again.close();
    }
  }

  /** An abandoned arrival leaves the connection where it was. */
  @Test
  void anAbandonedArrivalHarmsNothing() throws Exception {
    try (Wire wire = new Wire(false);
        TestNamespace second = new TestNamespace();
        TcpPair pair = wire.connect(0, 0)) {
      HostStack first = HostStack.create(HostOptions.defaults().withNamespace(wire.host));
      HostStack other = HostStack.create(HostOptions.defaults().withNamespace(second));
      second.run("ip", "addr", "add", wire.hostAddress + "/24", "dev", "lo");
      Exchange out = new Exchange(1);
      Exchange in = new Exchange(2);
      fillQueues(wire, pair, first, out, in, false);
      try (Departure departure = first.depart(pair.near())) {
        other.arrive(departure.descriptor()).abandon();
      }
      wire.joinToHost();
      Exchange.complete(pair.near(), pair.far(), out, in, 1 << 20);
    }
  }

  @Test
  void socketOptionsTravel() throws Exception {
    try (TestNamespace namespace = new TestNamespace();
        TcpPair pair = TcpPair.open(namespace, TcpPair.Family.IPV4)) {
      HostStack stack = HostStack.create(HostOptions.defaults().withNamespace(namespace));
      pair.near().setOption(StandardSocketOptions.TCP_NODELAY, true);
      pair.near().setOption(StandardSocketOptions.SO_KEEPALIVE, true);
      Sockets.of(pair.near()).setInt(Opt.TCP_KEEPIDLE, 77);
      pair.near().setOption(StandardSocketOptions.IP_TOS, 0x28);
      pair.near().setOption(StandardSocketOptions.SO_LINGER, 3);
      IwarpConnectionDescriptor before;
      SocketChannel again;
      try (Departure departure = stack.depart(pair.near())) {
        before = departure.descriptor();
        departure.release();
        again = stack.arrive(before).activate();
      }
      try (Departure departure = stack.depart(again)) {
        for (var key : DescriptorFields.all()) {
          if (key.number() >= 192 || key == DescriptorFields.DSCP) {
            assertThat(departure.descriptor().get(key)).as(key.name()).isEqualTo(before.get(key));
          }
        }
      }
      assertThat(before.value(DescriptorFields.NO_DELAY)).isTrue();
      assertThat(before.value(DescriptorFields.KEEP_ALIVE_IDLE_SECONDS)).isEqualTo(77);
      assertThat(before.value(DescriptorFields.DSCP)).isEqualTo(0x28 >> 2);
      Bytes.assertConnected(again, pair.far());
      again.close();
    }
  }

  /** A connection that nobody opened: both ends are installed, 10,000 bytes below 2^32. */
  @ParameterizedTest
  @CsvSource({"true, 7", "true, 0", "true, 14", "false, 0"})
  void sequenceNumbersWrap(boolean options, int scale) throws Exception {
    try (TestNamespace namespace = new TestNamespace()) {
      HostStack stack = HostStack.create(HostOptions.defaults().withNamespace(namespace));
      TcpPair template = TcpPair.open(namespace, TcpPair.Family.IPV4);
      var near = Installed.end(template.near(), 4_294_957_296L, 4_294_957_297L, options, scale);
      var far = Installed.end(template.far(), 4_294_957_297L, 4_294_957_296L, options, scale);
      template.close();
      Arrival<SocketChannel> nearArrival = stack.arrive(near);
      Arrival<SocketChannel> farArrival = stack.arrive(far);
      Exchange out = new Exchange(1);
      Exchange in = new Exchange(2);
      SocketChannel farChannel = farArrival.activate();
      SocketChannel nearChannel = nearArrival.activate();
      out.write(nearChannel, 30_000);
      in.write(farChannel, 30_000);
      Bytes.awaitUnread(stack, nearChannel, 30_000);
      SocketChannel again;
      try (Departure departure = stack.depart(nearChannel)) {
        IwarpConnectionDescriptor d = departure.descriptor();
        assertThat(d.value(DescriptorFields.RCV_NXT)).isEqualTo(20_001);
        assertThat(d.value(DescriptorFields.SND_MAX)).isEqualTo(20_000);
        departure.release();
        again = stack.arrive(d).activate();
      }
      Exchange.complete(again, farChannel, out, in, 1 << 20);
      again.close();
      farChannel.close();
    }
  }

  private static IwarpConnectionDescriptor moveWithFullQueues(
      Wire wire, TcpPair pair, boolean dataLost) throws Exception {
    HostStack stack = HostStack.create(HostOptions.defaults().withNamespace(wire.host));
    Exchange out = new Exchange(1);
    Exchange in = new Exchange(2);
    fillQueues(wire, pair, stack, out, in, dataLost);
    SocketChannel again;
    IwarpConnectionDescriptor d;
    try (Departure departure = stack.depart(pair.near())) {
      d = departure.descriptor();
      ConnectionQueues queues = ConnectionQueues.of(d);
      assertThat(queues.unread().length()).isPositive();
      assertThat(queues.unacknowledged().length()).isPositive();
      assertThat(queues.unsent().length()).isPositive();
      // Nobody owns the 4-tuple for a moment, and a segment would be answered with RST.
      wire.cutToHost();
      departure.release();
      Arrival<SocketChannel> arrival = stack.arrive(d);
      wire.joinToHost();
      wire.joinToPeer();
      again = arrival.activate();
    }
    // Not what connecting assumes of a peer that has not spoken: 536 bytes, 1220 for IPv6.
    assertThat(stack.profile(again).get(DescriptorFields.SEND_MSS_BYTES).value())
        .isEqualTo(d.value(DescriptorFields.SEND_MSS_BYTES));
    Exchange.complete(again, pair.far(), out, in, MANY_BYTES);
    again.close();
    return d;
  }

  /** Unread, unacknowledged and unsent bytes at the near end. */
  private static void fillQueues(
      Wire wire, TcpPair pair, HostStack stack, Exchange out, Exchange in, boolean dataLost)
      throws Exception {
    in.write(pair.far(), 8192);
    Bytes.awaitUnread(stack, pair.near(), 8192);
    Bytes.await(() -> stack.profile(pair.far()).unacknowledgedBytes() == 0);
    if (dataLost) {
      wire.cutToPeer();
    } else {
      wire.cutToHost();
    }
    out.writeWhatFits(pair.near(), MANY_BYTES);
  }
}
