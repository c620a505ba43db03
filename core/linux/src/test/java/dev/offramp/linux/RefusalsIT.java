package dev.offramp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.tcp.Opt;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.SocketFilter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each bad input has its own reason, nothing is stopped, and the connection stays usable. */
class RefusalsIT {
  private TestNamespace namespace;
  private HostStack stack;
  private TcpPair pair;

  @BeforeEach
  void setUp() throws Exception {
    namespace = new TestNamespace();
    stack = HostStack.create(HostOptions.defaults().withNamespace(namespace));
    pair = TcpPair.open(namespace, TcpPair.Family.IPV4);
  }

  @AfterEach
  void tearDown() throws Exception {
    pair.close();
    namespace.close();
  }

  private static void refuses(HostStack stack, SocketChannel channel, RefusalReason reason) {
    assertThatThrownBy(() -> stack.depart(channel).close())
        .isInstanceOfSatisfying(
            TransferException.class,
            e -> {
              assertThat(e.refusals()).extracting(Refusal::reason).contains(reason);
              for (Refusal refusal : e.refusals()) {
                assertThat(refusal.seen()).isNotBlank();
                assertThat(refusal.expected()).isNotBlank();
                assertThat(refusal.remedy()).isNotBlank();
              }
            });
  }

  private void refusesAndStaysUsable(HostStack with, RefusalReason reason) throws Exception {
    refuses(with, pair.near(), reason);
    Bytes.assertConnected(pair.near(), pair.far());
  }

  @Test
  void closed() throws Exception {
    pair.near().close();
    refuses(stack, pair.near(), RefusalReason.CLOSED);
  }

  @Test
  void notConnected() throws Exception {
    try (SocketChannel channel = namespace.call(SocketChannel::open)) {
      refuses(stack, channel, RefusalReason.TCP_STATE);
    }
  }

  @Test
  void unixDomain() throws Exception {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      refuses(stack, channel, RefusalReason.NOT_TCP);
    }
  }

  @Test
  void closedByTheOtherEnd() throws Exception {
    pair.far().shutdownOutput();
    assertThat(pair.near().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    refuses(stack, pair.near(), RefusalReason.HALF_CLOSED);
    Bytes.write(pair.near(), "still");
    assertThat(Bytes.read(pair.far(), 5)).isEqualTo("still");
  }

  @Test
  void closedByThisEnd() throws Exception {
    pair.near().shutdownOutput();
    refuses(stack, pair.near(), RefusalReason.HALF_CLOSED);
    Bytes.write(pair.far(), "still");
    assertThat(Bytes.read(pair.near(), 5)).isEqualTo("still");
  }

  @Test
  void reset() throws Exception {
    pair.far().setOption(java.net.StandardSocketOptions.SO_LINGER, 0);
    pair.far().close();
    Bytes.await(() ->
        stack.departureObstacles(pair.near()).stream()
            .anyMatch(r -> r.reason() == RefusalReason.CLOSED));
    refuses(stack, pair.near(), RefusalReason.CLOSED);
  }

  @Test
  void registeredWithASelector() throws Exception {
    try (Selector selector = Selector.open()) {
      pair.near().configureBlocking(false);
      pair.near().register(selector, SelectionKey.OP_READ);
      selector.selectNow();
      refuses(stack, pair.near(), RefusalReason.CHANNEL_IN_USE);
    }
  }

  @Test
  void aReadingThread() throws Exception {
    Thread reader = Thread.ofPlatform().start(() -> readOne());
    Bytes.await(() -> !stack.departureObstacles(pair.near()).isEmpty());
    refuses(stack, pair.near(), RefusalReason.CHANNEL_IN_USE);
    Bytes.write(pair.far(), "x");
    reader.join();
    Bytes.assertConnected(pair.near(), pair.far());
  }

  @Test
  void aReadingVirtualThread() throws Exception {
    Thread reader = Thread.ofVirtual().start(() -> readOne());
    Bytes.await(() -> !stack.departureObstacles(pair.near()).isEmpty());
    refuses(stack, pair.near(), RefusalReason.CHANNEL_IN_USE);
    Bytes.write(pair.far(), "x");
    reader.join();
    Bytes.await(() -> stack.departureObstacles(pair.near()).isEmpty());
    stack.depart(pair.near()).close();
    Bytes.assertConnected(pair.near(), pair.far());
  }

  private void readOne() {
    try {
      pair.near().read(ByteBuffer.allocate(1));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void aDuplicateDescriptor() throws Exception {
    OsSocket socket = Sockets.of(pair.near());
    int duplicate = (int) socket.libc().dup(socket.fd());
    refusesAndStaysUsable(stack, RefusalReason.CHANNEL_IN_USE);
    socket.libc().close(duplicate);
    stack.depart(pair.near()).close();
  }

  @Test
  void aSecondDeparture() throws Exception {
    try (Departure departure = stack.depart(pair.near())) {
      refuses(stack, pair.near(), RefusalReason.CHANNEL_IN_USE);
      assertThat(departure.descriptor()).isNotNull();
    }
    Bytes.assertConnected(pair.near(), pair.far());
  }

  @Test
  void aLockedFilter() throws Exception {
    OsSocket socket = Sockets.of(pair.near());
    socket.setInt(Opt.SO_LOCK_FILTER, 1);
    refusesAndStaysUsable(stack, RefusalReason.FILTER_LOCKED);
  }

  @Test
  void urgentData() throws Exception {
    pair.far().socket().sendUrgentData(7);
    Bytes.await(() -> !stack.departureObstacles(pair.near()).isEmpty());
    refusesAndStaysUsable(stack, RefusalReason.URGENT_DATA);
  }

  @Test
  void anotherNamespace() throws Exception {
    try (TestNamespace other = new TestNamespace()) {
      refusesAndStaysUsable(
          HostStack.create(HostOptions.defaults().withNamespace(other)),
          RefusalReason.FOREIGN_NAMESPACE);
    }
  }

  @Test
  void noPrivilege() throws Exception {
    FaultyLibC unprivileged =
        new FaultyLibC((n, name, arguments) ->
            name.equals("setsockopt") && arguments[2].equals(Opt.TCP_REPAIR.number())
                ? -Errno.EPERM
                : 0);
    refusesAndStaysUsable(on(unprivileged), RefusalReason.PRIVILEGE);
  }

  @Test
  void unacknowledgedBytesAfterTheDrain() throws Exception {
    pair.near().configureBlocking(false);
    while (pair.near().write(ByteBuffer.allocate(1 << 16)) > 0) {
      // until the peer's window and the buffer are full
    }
    assertThatThrownBy(() -> stack.depart(pair.near(), Drain.within(Duration.ofMillis(5))))
        .isInstanceOfSatisfying(
            TransferException.class,
            e ->
                assertThat(e.refusals())
                    .extracting(Refusal::reason)
                    .containsExactly(RefusalReason.UNACKNOWLEDGED_BYTES));
  }

  /** What Java cannot make: the kernel's answer is replaced. */
  @Test
  void multipathUpperLayerAndSignedSegments() throws Exception {
    refusesAndStaysUsable(on(answering(Opt.SO_PROTOCOL, 262)), RefusalReason.MULTIPATH);
    refusesAndStaysUsable(on(answering(Opt.SO_PROTOCOL, 132)), RefusalReason.NOT_TCP);
    refusesAndStaysUsable(on(answering(Opt.TCP_ULP, 0x736C74)), RefusalReason.UPPER_LAYER_PROTOCOL);
    refusesAndStaysUsable(on(answering(Opt.TCP_AO_INFO, 0)), RefusalReason.SIGNED_SEGMENTS);
  }

  private HostStack on(FaultyLibC libc) {
    return HostStack.create(libc.libc(), HostOptions.defaults().withNamespace(namespace));
  }

  /** getsockopt of {@code option} succeeds with this word. */
  private static FaultyLibC answering(Opt option, int word) {
    return new FaultyLibC((n, name, arguments) -> {
      if (name.equals("getsockopt")
          && arguments[1].equals(option.level())
          && arguments[2].equals(option.number())) {
        ((MemorySegment) arguments[3]).set(ValueLayout.JAVA_INT, 0, word);
        ((MemorySegment) arguments[4]).set(ValueLayout.JAVA_INT, 0, Integer.BYTES);
        return SUCCESS;
      }
      return 0;
    });
  }

  /** Not 0, which makes the call, and no error. */
  private static final long SUCCESS = 1;

  /** An eBPF program, which cannot be read back, or where the kernel refuses it a classic one. */
  private static boolean isFenced(OsSocket socket) throws LinuxException {
    try {
      return SocketFilter.attachedTo(socket).equals(SocketFilter.dropAll());
    } catch (LinuxException e) {
      return e.errno() == Errno.EACCES;
    }
  }

  @Test
  void filterAndReuseAddressAreKept() throws Exception {
    OsSocket socket = Sockets.of(pair.near());
    SocketFilter filter = SocketFilter.of(new byte[] {6, 0, 0, 0, -1, -1, -1, 127});
    filter.attachTo(socket);
    socket.setInt(Opt.SO_REUSEADDR, 1);
    try (Departure departure = stack.depart(pair.near())) {
      assertThat(isFenced(socket)).isTrue();
      departure.resume();
    }
    assertThat(SocketFilter.attachedTo(socket)).isEqualTo(filter);
    assertThat(socket.getInt(Opt.SO_REUSEADDR)).isEqualTo(1);
    Bytes.assertConnected(pair.near(), pair.far());
  }
}
