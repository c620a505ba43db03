package dev.offramp.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.linux.Drain;
import dev.offramp.linux.HostOptions;
import dev.offramp.linux.HostStack;
import dev.offramp.linux.PathFacts;
import dev.offramp.linux.net.FourTuple;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.net.SteeredNic;
import dev.offramp.linux.net.Topology;
import dev.offramp.models.Link;
import dev.offramp.models.StreamRunner;
import dev.offramp.spi.port.PreparedStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The emulator's cable with a kernel's TCP in it, without any chip: a live connection goes in and
 * comes out again, and each byte arrives once. Needs root or {@code unshare -Urn}.
 */
@Timeout(240)
class EmulatedLinkIT {
  private static final int MUCH = 4 << 20;
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static Topology topology;
  private static EmulatedAdapter adapter;
  private static BareModel model;
  private static HostStack host;

  @BeforeAll
  static void build() throws Exception {
    topology = Topology.create();
    adapter = EmulatedAdapter.open(BareModel.factory(), topology);
    model = (BareModel) adapter.model();
    host =
        HostStack.create(
            HostOptions.defaults()
                .withNamespace(topology.host().namespace())
                .withPathFacts(PathFacts.netlink()));
    topology.switchTimestampsOff();
  }

  @AfterAll
  static void dismantle() throws Exception {
    adapter.close();
    adapter.close();
    assertThat(topology.nic().steered()).isEmpty();
    topology.close();
  }

  @AfterEach
  void nothingIsLeft() {
    assertThat(adapter.claimCount()).isZero();
    assertThat(adapter.memory().leaks()).isEmpty();
  }

  /** What comes in at the adapter, and how it ends. */
  private static final class Traffic implements StreamRunner.Owner {
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch gone = new CountDownLatch(1);
    private final List<StreamEnd> ends = new ArrayList<>();

    @Override
    public synchronized void streamed(ByteBuffer bytes) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      received.writeBytes(copy);
      notifyAll();
    }

    @Override
    public synchronized void ended(StreamEnd end) {
      ends.add(end);
      ended.countDown();
      notifyAll();
    }

    @Override
    public void gone() {
      gone.countDown();
    }

    synchronized byte[] await(int count) throws InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (received.size() < count && ends.isEmpty() && System.nanoTime() - deadline < 0) {
        wait(1000);
      }
      assertThat(received.size()).as("ended: %s", ends).isGreaterThanOrEqualTo(count);
      return received.toByteArray();
    }
  }

  /** A connection that runs at the adapter. */
  private record Moved(FourTuple tuple, Link.Claim claim, StreamRunner runner, Traffic traffic) {
    /** A claim of a 4-tuple that nobody uses. */
    Link.Claim anotherClaim() throws IOException {
      return model
          .platform()
          .link()
          .claim(tuple.local(), new InetSocketAddress(tuple.remote().getAddress(), 1));
    }

    void send(byte[] bytes) throws Exception {
      model.onLoop(() -> {
        runner.send(ByteBuffer.wrap(bytes));
        return true;
      });
    }

    void close() throws Exception {
      model.onLoop(() -> {
        claim.close();
        return true;
      });
    }
  }

  private static Moved move(TcpConnection tcp, UnaryOperator<IwarpConnectionDescriptor> decode)
      throws Exception {
    try (Departure departure = host.depart(tcp.host(), Drain.NONE)) {
      IwarpConnectionDescriptor d = departure.descriptor();
      Link.Claim claim =
          model.onLoop(() ->
              model
                  .platform()
                  .link()
                  .claim(
                      d.value(DescriptorFields.LOCAL_ADDRESS),
                      d.value(DescriptorFields.REMOTE_ADDRESS)));
      PreparedStream prepared;
      try {
        prepared = model.onLoop(() -> claim.install(decode.apply(d)));
      } catch (TransferException | RuntimeException e) {
        model.onLoop(() -> {
          claim.close();
          return true;
        });
        throw e;
      }
      departure.release();
      Traffic traffic = new Traffic();
      StreamRunner runner =
          model.onLoop(() -> {
            StreamRunner started =
                new StreamRunner(
                    prepared.activate(),
                    model.platform().loop(),
                    System::nanoTime,
                    LINGER_NANOS,
                    traffic);
            started.start();
            return started;
          });
      return new Moved(
          new FourTuple(
              d.value(DescriptorFields.LOCAL_ADDRESS), d.value(DescriptorFields.REMOTE_ADDRESS)),
          claim,
          runner,
          traffic);
    }
  }

  /** Both ends are talking all the while: 4 MiB each way, across the move and back again. */
  @ParameterizedTest
  @EnumSource(TcpConnection.Family.class)
  void aLiveConnectionGoesInAndComesBack(TcpConnection.Family family) throws Exception {
    byte[] toHost = TcpConnection.bytes(1, MUCH);
    byte[] fromHost = TcpConnection.bytes(2, MUCH);
    try (TcpConnection tcp = TcpConnection.open(topology, family)) {
      FutureTask<Boolean> peerSends =
          TcpConnection.start(() -> TcpConnection.write(tcp.peer(), toHost));
      FutureTask<byte[]> peerReads =
          TcpConnection.start(() -> TcpConnection.read(tcp.peer(), MUCH));
      int third = MUCH / 3;
      byte[] first = TcpConnection.read(tcp.host(), third);
      TcpConnection.write(tcp.host(), Arrays.copyOf(fromHost, third));

      Moved moved = move(tcp, d -> d);
      assertThat(sockets(topology.host().namespace(), tcp)).isZero();
      moved.send(Arrays.copyOfRange(fromHost, third, 2 * third));
      moved.traffic().await(third);

      IwarpConnectionDescriptor back =
          model.onLoop(() -> {
            while (moved.runner().isStreamingPending()) {
              moved.runner().work();
            }
            moved.runner().pause();
            Departure departure = moved.claim().stop();
            departure.release();
            moved.runner().letGo();
            moved.claim().close();
            return departure.descriptor();
          });
      byte[] second = moved.traffic().await(third);
      Arrival<SocketChannel> arrival = host.arrive(atHost(back, tcp, family));
      try (SocketChannel again = arrival.activate()) {
        again.configureBlocking(true);
        TcpConnection.write(again, Arrays.copyOfRange(fromHost, 2 * third, MUCH));
        byte[] rest = TcpConnection.read(again, MUCH - third - second.length);
        assertThat(concat(first, second, rest)).isEqualTo(toHost);
        assertThat(TcpConnection.join(peerReads)).isEqualTo(fromHost);
        assertThat(TcpConnection.join(peerSends)).isTrue();
      }
    }
  }

  /** A scope of the NIC's namespace means nothing to the host. */
  private static IwarpConnectionDescriptor atHost(
      IwarpConnectionDescriptor d, TcpConnection tcp, TcpConnection.Family family) {
    int local = d.value(DescriptorFields.LOCAL_ADDRESS).getPort();
    int remote = d.value(DescriptorFields.REMOTE_ADDRESS).getPort();
    assertThat(tcp.host().isOpen()).isFalse();
    return d.toBuilder()
        .present(
            DescriptorFields.LOCAL_ADDRESS,
            new InetSocketAddress(family.of(topology.host()), local),
            "test")
        .present(
            DescriptorFields.REMOTE_ADDRESS,
            new InetSocketAddress(topology.host().toReach(family.of(topology.peer())), remote),
            "test")
        .build();
  }

  @Test
  void aStopThatIsTakenBackChangesNothing() throws Exception {
    try (TcpConnection tcp = TcpConnection.open(topology, TcpConnection.Family.IPV4)) {
      Moved moved = move(tcp, d -> d);
      for (int round = 0; round < 5; round++) {
        byte[] bytes = TcpConnection.bytes(round, 100_000);
        FutureTask<Boolean> sending =
            TcpConnection.start(() -> TcpConnection.write(tcp.peer(), bytes));
        model.onLoop(() -> {
          moved.runner().pause();
          try (Departure departure = moved.claim().stop()) {
            assertThat(departure.descriptor().isKnown(DescriptorFields.RCV_NXT)).isTrue();
          }
          moved.runner().resume();
          return true;
        });
        assertThat(TcpConnection.join(sending)).isTrue();
        byte[] seen = moved.traffic().await((round + 1) * bytes.length);
        assertThat(Arrays.copyOfRange(seen, round * bytes.length, (round + 1) * bytes.length))
            .isEqualTo(bytes);
        moved.send(bytes);
        assertThat(TcpConnection.read(tcp.peer(), bytes.length)).isEqualTo(bytes);
      }
      moved.close();
    }
  }

  /** Both ends close; the kernel answers for the connection until TIME_WAIT is over. */
  @Test
  void anOrderlyEndIsSeenThrough() throws Exception {
    try (TcpConnection tcp = TcpConnection.open(topology, TcpConnection.Family.IPV6)) {
      Moved moved = move(tcp, d -> d);
      moved.send(TcpConnection.bytes(1, 1000));
      model.onLoop(() -> {
        moved.runner().halfClose();
        return true;
      });
      assertThat(TcpConnection.read(tcp.peer(), 1000)).hasSize(1000);
      assertThat(tcp.peer().read(ByteBuffer.allocate(1))).isEqualTo(-1);
      tcp.peer().close();
      assertThat(moved.traffic().gone.await(60, TimeUnit.SECONDS)).isTrue();
      moved.close();
      // Whatever is done about it is done now: the next claim waits for that.
      model.onLoop(() -> {
        moved.anotherClaim().close();
        return true;
      });
      assertThat(topology.nic().state(moved.tuple())).isEqualTo(SteeredNic.State.OPEN);
    }
  }

  /** Nobody tells the peer: it sees silence, and what it sends goes to the host again. */
  @Test
  void aClaimThatIsClosedEndsItsConnectionWithoutAWord() throws Exception {
    try (TcpConnection tcp = TcpConnection.open(topology, TcpConnection.Family.IPV4)) {
      Moved moved = move(tcp, d -> d);
      moved.send(new byte[10]);
      assertThat(TcpConnection.read(tcp.peer(), 10)).hasSize(10);
      FourTuple tuple = moved.tuple();
      moved.close();
      moved.close();
      while (topology.nic().state(tuple) != null) {
        Thread.onSpinWait();
      }
      tcp.peer().configureBlocking(false);
      assertThat(tcp.peer().read(ByteBuffer.allocate(1))).isZero();
      tcp.peer().configureBlocking(true);
      // The host knows nothing of it, and says so.
      TcpConnection.write(tcp.peer(), new byte[1]);
      assertThatThrownBy(() -> TcpConnection.read(tcp.peer(), 1))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("reset");
    }
  }

  @Test
  void aClaimIsExclusiveAndMayBeGivenUpUnused() throws Exception {
    try (TcpConnection tcp = TcpConnection.open(topology, TcpConnection.Family.IPV4)) {
      InetSocketAddress local = (InetSocketAddress) tcp.host().getLocalAddress();
      InetSocketAddress remote = (InetSocketAddress) tcp.host().getRemoteAddress();
      Link link = model.platform().link();
      Link.Claim claim = model.onLoop(() -> link.claim(local, remote));
      assertThatThrownBy(() -> model.onLoop(() -> link.claim(local, remote)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("claimed already");
      assertThatThrownBy(() -> model.onLoop(claim::stop)).isInstanceOf(TransferException.class);
      model.onLoop(() -> {
        claim.close();
        return true;
      });
      TcpConnection.write(tcp.peer(), TcpConnection.bytes(1, 1000));
      assertThat(TcpConnection.read(tcp.host(), 1000)).isEqualTo(TcpConnection.bytes(1, 1000));
    }
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of("snd_una", shift(DescriptorFields.SND_UNA, 1_000_000)),
        Arguments.of("rcv_nxt", shift(DescriptorFields.RCV_NXT, 1_000_000)),
        Arguments.of("remote port", (UnaryOperator<IwarpConnectionDescriptor>) d -> otherPort(d)));
  }

  /** The kernel gives up after a second where it was told wrong numbers; nothing gets through. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("wrong")
  void whatIsToldWronglyBreaksTheConnection(
      String what, UnaryOperator<IwarpConnectionDescriptor> change) throws Exception {
    try (TcpConnection tcp = TcpConnection.open(topology, TcpConnection.Family.IPV4)) {
      Moved moved =
          move(
              tcp,
              d ->
                  change.apply(
                      d.toBuilder()
                          .present(DescriptorFields.USER_TIMEOUT_MILLIS, 1000L, "test")
                          .build()));
      moved.send(new byte[100]);
      assertThat(moved.traffic().ended.await(60, TimeUnit.SECONDS)).as(what).isTrue();
      assertThat(moved.traffic().ends.getFirst())
          .isInstanceOfAny(StreamEnd.TimedOut.class, StreamEnd.Reset.class);
      tcp.peer().configureBlocking(false);
      assertThat(tcp.peer().read(ByteBuffer.allocate(100))).isZero();
      moved.close();
    }
  }

  @Test
  void framesThatWouldReachNobodyAreRefused() throws Exception {
    try (TcpConnection tcp = TcpConnection.open(topology, TcpConnection.Family.IPV4)) {
      assertThatThrownBy(() ->
              move(
                  tcp,
                  d ->
                      d.toBuilder()
                          .present(DescriptorFields.NEXT_HOP_MAC, new MacAddress(7), "wrong")
                          .present(DescriptorFields.SOURCE_MAC, new MacAddress(8), "wrong")
                          .present(DescriptorFields.VLAN_TAG, new VlanTag(3, 0, false), "wrong")
                          .build()))
          .isInstanceOfSatisfying(
              TransferException.class, e -> assertThat(e.refusals()).hasSize(3));
      // The host goes on with it.
      TcpConnection.write(tcp.peer(), TcpConnection.bytes(1, 1000));
      assertThat(TcpConnection.read(tcp.host(), 1000)).isEqualTo(TcpConnection.bytes(1, 1000));
    }
  }

  private static UnaryOperator<IwarpConnectionDescriptor> shift(
      dev.offramp.api.descriptor.FieldKey<Long> key, int by) {
    return d -> {
      long wrong = d.value(key) + by & 0xFFFF_FFFFL;
      IwarpConnectionDescriptor.Builder b = d.toBuilder().present(key, wrong, "wrong");
      if (key.equals(DescriptorFields.SND_UNA)) {
        b.present(DescriptorFields.SND_NXT, wrong, "wrong")
            .present(DescriptorFields.SND_MAX, wrong, "wrong");
      } else {
        b.present(DescriptorFields.RCV_WUP, wrong, "wrong");
      }
      return b.build();
    };
  }

  private static IwarpConnectionDescriptor otherPort(IwarpConnectionDescriptor d) {
    InetSocketAddress remote = d.value(DescriptorFields.REMOTE_ADDRESS);
    return d.toBuilder()
        .present(
            DescriptorFields.REMOTE_ADDRESS,
            new InetSocketAddress(remote.getAddress(), remote.getPort() ^ 1),
            "wrong")
        .build();
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static long sockets(NetworkNamespace namespace, TcpConnection tcp) throws Exception {
    InetSocketAddress remote = (InetSocketAddress) tcp.peer().getLocalAddress();
    String entry = ".*:[0-9A-F]{4} [0-9A-F]+:%04X .*".formatted(remote.getPort());
    return namespace.call(() -> {
      List<String> lines = new ArrayList<>();
      for (String table : List.of("tcp", "tcp6")) {
        lines.addAll(Files.readAllLines(Path.of("/proc/thread-self/net", table)));
      }
      return lines.stream().filter(line -> line.matches(entry)).count();
    });
  }
}
