package dev.offramp.linux.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.Departure;
import dev.offramp.linux.HostOptions;
import dev.offramp.linux.HostStack;
import dev.offramp.linux.libc.NativeAccess;
import dev.offramp.linux.net.TopologyTest.Family;
import dev.offramp.linux.netlink.NetlinkPathFacts;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.MessageDigest;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A connection under full load moves from the host into the NIC and back, several times. */
class TakeoverIT {
  private static final int PORT = 7300;
  private static final long BYTES = 40L << 20;
  private static final int MOVES = 4;

  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6"})
  void aStreamThatMovesMidFlightArrivesIntact(Family family) throws Exception {
    try (Topology topology = Topology.create();
        ServerSocketChannel server =
            TestSockets.listen(topology.host().namespace(), family.of(topology.host()), PORT);
        SocketChannel peer =
            TestSockets.connect(
                topology.peer().namespace(),
                new InetSocketAddress(family.of(topology.peer()), 0),
                new InetSocketAddress(family.of(topology.host()), PORT))) {
      FutureTask<Boolean> peerSide = new FutureTask<>(() -> exchange(peer));
      Thread.ofPlatform().daemon(true).start(peerSide);
      Mover mover = new Mover(topology, TestSockets.accept(server));
      mover.exchange();
      assertThat(peerSide.get(60, TimeUnit.SECONDS)).isTrue();
      assertThat(topology.nic().steered()).isEmpty();
      System.out.printf(
          "%s: %d moves under 40 MiB each way, %.1f ms each%n",
          family, MOVES, mover.movingNanos / 1e6 / MOVES);
    }
  }

  /** Both directions at once from the peer's side, on blocking streams. */
  private static boolean exchange(SocketChannel peer) throws Exception {
    FutureTask<Boolean> sender =
        new FutureTask<>(() -> {
          Random random = new Random(2);
          byte[] chunk = new byte[1 << 16];
          for (long sent = 0; sent < BYTES; sent += chunk.length) {
            random.nextBytes(chunk);
            peer.socket().getOutputStream().write(chunk);
          }
          return true;
        });
    Thread.ofPlatform().daemon(true).start(sender);
    byte[] expected = digest(1);
    MessageDigest digest = MessageDigest.getInstance("SHA-1");
    byte[] chunk = new byte[1 << 16];
    for (long left = BYTES; left > 0; ) {
      int n = peer.socket().getInputStream().read(chunk, 0, (int) Math.min(left, chunk.length));
      if (n < 0) {
        return false;
      }
      digest.update(chunk, 0, n);
      left -= n;
    }
    return sender.get() && MessageDigest.isEqual(expected, digest.digest());
  }

  private static byte[] digest(long seed) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-1");
    Random random = new Random(seed);
    byte[] chunk = new byte[1 << 16];
    for (long done = 0; done < BYTES; done += chunk.length) {
      random.nextBytes(chunk);
      digest.update(chunk);
    }
    return digest.digest();
  }

  /** The moving end: one thread, so nothing has to be excluded while the connection departs. */
  private static final class Mover {
    private final Topology topology;
    private final HostStack hostStack;
    private final HostStack nicStack;
    private SocketChannel channel;
    private boolean inNic;
    private long movingNanos;

    Mover(Topology topology, SocketChannel channel) {
      this.topology = topology;
      this.channel = channel;
      HostOptions options =
          HostOptions.defaults().withPathFacts(new NetlinkPathFacts(NativeAccess.libc()));
      this.hostStack = HostStack.create(options.withNamespace(topology.host().namespace()));
      this.nicStack = HostStack.create(options.withNamespace(topology.nicNamespace()));
    }

    void exchange() throws Exception {
      Random random = new Random(1);
      byte[] out = new byte[1 << 16];
      ByteBuffer sending = ByteBuffer.wrap(out).limit(0);
      ByteBuffer receiving = ByteBuffer.allocate(1 << 16);
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      long sent = 0;
      long received = 0;
      int moves = 0;
      long deadline = System.nanoTime() + TestSockets.PATIENCE.toNanos();
      while (sent < BYTES || received < BYTES) {
        assertThat(System.nanoTime())
            .as("sent %d, received %d", sent, received)
            .isLessThan(deadline);
        if (moves < MOVES && received > BYTES / (MOVES + 1) * (moves + 1)) {
          move();
          moves++;
        }
        long before = sent + received;
        channel.configureBlocking(false);
        if (sent < BYTES) {
          if (!sending.hasRemaining()) {
            random.nextBytes(out);
            sending.clear();
          }
          sent += channel.write(sending);
        }
        int n = channel.read(receiving.clear());
        assertThat(n).isNotNegative();
        digest.update(receiving.flip());
        received += n;
        if (sent + received == before) {
          await(sent < BYTES);
        }
      }
      assertThat(moves).isEqualTo(MOVES);
      assertThat(digest.digest()).isEqualTo(digest(2));
      channel.close();
    }

    private void await(boolean writing) throws Exception {
      try (Selector selector = Selector.open()) {
        channel.register(selector, SelectionKey.OP_READ | (writing ? SelectionKey.OP_WRITE : 0));
        selector.select(1_000);
      }
    }

    /** The order is the point: whoever speaks next holds the 4-tuple before the other lets go. */
    private void move() throws Exception {
      FourTuple tuple =
          new FourTuple(
              (InetSocketAddress) channel.getLocalAddress(),
              (InetSocketAddress) channel.getRemoteAddress());
      long start = System.nanoTime();
      HostStack from = inNic ? nicStack : hostStack;
      HostStack to = inNic ? hostStack : nicStack;
      SteeredNic nic = topology.nic();
      try (Departure departure = from.depart(channel)) {
        if (!inNic) {
          assertThat(departure.descriptor().value(DescriptorFields.NEXT_HOP_MAC))
              .isEqualTo(topology.peer().mac());
          assertThat(departure.descriptor().value(DescriptorFields.SOURCE_MAC))
              .isEqualTo(topology.host().mac());
        }
        try (Arrival<SocketChannel> arrival = to.arrive(departure.descriptor())) {
          if (inNic) {
            nic.unsteer(tuple);
          } else {
            nic.steer(tuple);
          }
          departure.release();
          if (!inNic) {
            nic.open(tuple);
          }
          channel = arrival.activate();
        }
      }
      inNic = !inNic;
      movingNanos += System.nanoTime() - start;
    }
  }
}
