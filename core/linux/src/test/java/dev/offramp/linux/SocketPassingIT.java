package dev.offramp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.NativeAccess;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A channel is made of a socket that another one has made; and what is not one is refused. */
@Timeout(120)
class SocketPassingIT {
  private static final int AF_UNIX = 1;
  private static final int AF_INET = 2;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;

  private final LibC libc = NativeAccess.libc();
  private TestNamespace namespace;
  private SocketPassing passing;
  private TcpPair pair;

  @BeforeEach
  void setUp() throws Exception {
    namespace = new TestNamespace();
    passing = new SocketPassing(HostStack.create(HostOptions.defaults().withNamespace(namespace)));
    pair = TcpPair.open(namespace, TcpPair.Family.IPV4);
  }

  @AfterEach
  void tearDown() throws Exception {
    pair.close();
    namespace.close();
  }

  /** A descriptor of the same socket, as another process would get it. */
  private PassedSocket passed(SocketDeparture departure) {
    return passed(libc.dup(departure.number()));
  }

  private PassedSocket passed(long fd) {
    assertThat(fd).isNotNegative();
    return new PassedSocket(libc, (int) fd);
  }

  // ---- as it should be

  @ParameterizedTest
  @EnumSource
  void theNewChannelIsLikeTheOldOne(TcpPair.Family family) throws Exception {
    try (TcpPair own = TcpPair.open(namespace, family)) {
      String before = own.near().toString();
      Bytes.write(own.far(), "unread");
      SocketDeparture departure = passing.pass(own.near());
      Arrival<SocketChannel> arrival = passing.adopt(passed(departure), departure.descriptor());
      departure.release();
      try (SocketChannel channel = arrival.activate()) {
        assertThat(own.near().isOpen()).isFalse();
        assertThat(channel).hasToString(before);
        assertThat(channel.isConnected()).isTrue();
        assertThat(channel.isBlocking()).isTrue();
        assertThat(channel.socket().getPort()).isEqualTo(own.far().socket().getLocalPort());
        assertThat(Bytes.read(channel, 6)).isEqualTo("unread");
        Bytes.assertConnected(channel, own.far());
        selects(channel, own.far());
        // And it can be stopped and passed again.
        passing.pass(channel).resume();
        Bytes.assertConnected(channel, own.far());
      }
      assertThat(own.far().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
  }

  private static void selects(SocketChannel channel, SocketChannel far) throws IOException {
    channel.configureBlocking(false);
    try (Selector selector = Selector.open()) {
      channel.register(selector, SelectionKey.OP_READ);
      assertThat(selector.selectNow()).isZero();
      Bytes.write(far, "x");
      assertThat(selector.select(TimeUnit.SECONDS.toMillis(30))).isEqualTo(1);
    }
    channel.configureBlocking(true);
    assertThat(Bytes.read(channel, 1)).isEqualTo("x");
  }

  /** A peer that does not read does not keep a connection from changing its process. */
  @Test
  void theSendBufferMayBeFull() throws Exception {
    pair.near().configureBlocking(false);
    ByteBuffer much = ByteBuffer.allocate(1 << 16);
    long written = 0;
    for (int count = 1; count > 0; written += count) {
      count = pair.near().write(much.clear());
    }
    SocketDeparture departure = passing.pass(pair.near());
    Arrival<SocketChannel> arrival = passing.adopt(passed(departure), departure.descriptor());
    departure.release();
    try (SocketChannel channel = arrival.activate()) {
      assertThat(channel.getLocalAddress()).isEqualTo(pair.far().getRemoteAddress());
      long read = 0;
      while (read < written) {
        read += pair.far().read(much.clear());
      }
      assertThat(read).isEqualTo(written);
      Bytes.assertConnected(channel, pair.far());
    }
  }

  @Test
  void whatIsAbandonedGoesOnWhereItWas() throws Exception {
    boolean blocking = pair.near().isBlocking();
    SocketDeparture departure = passing.pass(pair.near());
    passing.adopt(passed(departure), departure.descriptor()).abandon();
    departure.close();
    assertThat(pair.near().isBlocking()).isEqualTo(blocking);
    Bytes.assertConnected(pair.near(), pair.far());
    pair.near().close();
    assertThat(pair.far().read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  @Test
  void threadsWaitAtTheGateAndThenFindItClosed() throws Exception {
    GatedChannel gate = HostStack.create().gate(pair.near());
    FutureTask<Integer> reader = new FutureTask<>(() -> gate.read(ByteBuffer.allocate(10)));
    Thread.ofPlatform().daemon().start(reader);
    passing.pass(gate).resume();
    Bytes.write(pair.far(), "one");
    assertThat(reader.get(30, TimeUnit.SECONDS)).isEqualTo(3);
    SocketDeparture departure = passing.pass(gate);
    Bytes.write(pair.far(), "two");
    FutureTask<Integer> late = new FutureTask<>(() -> gate.read(ByteBuffer.allocate(10)));
    Thread.ofPlatform().daemon().start(late);
    Arrival<SocketChannel> arrival = passing.adopt(passed(departure), departure.descriptor());
    departure.release();
    assertThatThrownBy(() -> late.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(ClosedChannelException.class);
    try (SocketChannel channel = arrival.activate()) {
      assertThat(Bytes.read(channel, 3)).isEqualTo("two");
    }
  }

  // ---- what cannot be passed

  private static void refuses(RefusalReason reason, Attempt attempt) {
    assertThatThrownBy(attempt::make)
        .isInstanceOfSatisfying(
            TransferException.class,
            e -> assertThat(e.refusals()).extracting(Refusal::reason).containsExactly(reason));
  }

  /** Something that is to fail. */
  private interface Attempt {
    void make() throws Exception;
  }

  @Test
  void aChannelInUseStays() throws Exception {
    pair.near().configureBlocking(false);
    try (Selector selector = Selector.open()) {
      SelectionKey key = pair.near().register(selector, SelectionKey.OP_READ);
      refuses(RefusalReason.CHANNEL_IN_USE, () -> passing.pass(pair.near()));
      key.cancel();
      selector.selectNow();
    }
    try (PassedSocket duplicate = passed(libc.dup(Sockets.of(pair.near()).fd()))) {
      assertThat(duplicate).isNotNull();
      refuses(RefusalReason.CHANNEL_IN_USE, () -> passing.pass(pair.near()));
    }
    Bytes.assertConnected(pair.near(), pair.far());
  }

  @Test
  void whatIsNotConnectedStays() throws Exception {
    try (SocketChannel channel = namespace.call(SocketChannel::open)) {
      refuses(RefusalReason.TCP_STATE, () -> passing.pass(channel));
    }
    pair.far().shutdownOutput();
    assertThat(pair.near().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    refuses(RefusalReason.HALF_CLOSED, () -> passing.pass(pair.near()));
  }

  // ---- what is not taken

  private void refusesToAdopt(RefusalReason reason, long fd) throws Exception {
    SocketDeparture departure = passing.pass(pair.near());
    refuses(reason, () -> passing.adopt(passed(fd), departure.descriptor()));
    departure.close();
    Bytes.assertConnected(pair.near(), pair.far());
    // It was closed: the number is nobody's.
    assertThat(libc.close((int) fd)).isNegative();
  }

  @Test
  void whatIsNoConnectionIsNotTaken() throws Exception {
    refusesToAdopt(RefusalReason.NOT_TCP, libc.socket(AF_INET, SOCK_DGRAM, 0));
    refusesToAdopt(RefusalReason.NOT_TCP, libc.socket(AF_UNIX, SOCK_STREAM, 0));
    try (Arena arena = Arena.ofConfined()) {
      refusesToAdopt(
          RefusalReason.NOT_TCP, libc.open(arena.allocateFrom("/proc/self/status"), 0, 0));
    }
    refusesToAdopt(RefusalReason.CLOSED, libc.socket(AF_INET, SOCK_STREAM, 0));
    long listening = libc.socket(AF_INET, SOCK_STREAM, 0);
    assertThat(libc.listen((int) listening, 1)).isZero();
    refusesToAdopt(RefusalReason.TCP_STATE, listening);
  }

  @Test
  void anotherConnectionIsNotTaken() throws Exception {
    try (TcpPair other = TcpPair.open(namespace, TcpPair.Family.IPV4)) {
      refusesToAdopt(RefusalReason.NO_OWNER, libc.dup(Sockets.of(other.near()).fd()));
      Bytes.assertConnected(other.near(), other.far());
    }
  }

  @Test
  void aConnectionOfAnotherNamespaceIsNotTaken() throws Exception {
    try (TestNamespace elsewhere = new TestNamespace();
        TcpPair other = TcpPair.open(elsewhere, TcpPair.Family.IPV4)) {
      IwarpConnectionDescriptor described =
          IwarpConnectionDescriptor.builder()
              .present(
                  DescriptorFields.LOCAL_ADDRESS,
                  (java.net.InetSocketAddress) other.near().getLocalAddress(),
                  "")
              .present(
                  DescriptorFields.REMOTE_ADDRESS,
                  (java.net.InetSocketAddress) other.near().getRemoteAddress(),
                  "")
              .build();
      PassedSocket socket = passed(libc.dup(Sockets.of(other.near()).fd()));
      refuses(RefusalReason.FOREIGN_NAMESPACE, () -> passing.adopt(socket, described));
      Bytes.assertConnected(other.near(), other.far());
    }
  }
}
