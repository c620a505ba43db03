package dev.offramp.runtime.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.linux.HostOptions;
import dev.offramp.linux.HostStack;
import dev.offramp.linux.net.FourTuple;
import dev.offramp.linux.net.Topology;
import dev.offramp.runtime.journal.JournalReader;
import dev.offramp.runtime.journal.Phase;
import dev.offramp.runtime.migrate.MigrationException;
import dev.offramp.runtime.migrate.MigrationReceiver;
import dev.offramp.runtime.migrate.PreSharedKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The process of the old owner gets SIGKILL at each step of a migration. Until it has said that it
 * has let go nobody else speaks, so the connection dies with it, and the peer is told by RST; from
 * then on it lives at the new owner, with all data. Needs root or {@code unshare -Urn}.
 */
@Timeout(120)
class OldOwnerKilledIT {
  private static final long PATIENCE_SECONDS = 30;
  private static final int CHUNK_BYTES = 32 << 10;
  private static final long SAID_BYTES = (long) OldOwnerMain.ROUNDS * CHUNK_BYTES;
  private static final int ROUNDS = 20;

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void aliveAtTheNewOwnerOrDeadAtThePeer(OldOwnerMain.Place place) throws Exception {
    Path keyFile =
        Files.write(
            directory.resolve("key"),
            new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
    Files.setPosixFilePermissions(keyFile, PosixFilePermissions.fromString("rw-------"));
    PreSharedKey key = PreSharedKey.read(keyFile);
    Path socket = directory.resolve("link");
    Path journal = directory.resolve("journal");
    try (Topology topology = Topology.create();
        ServerSocketChannel listener = listen(topology);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      FutureTask<SocketChannel> accepted = started(listener::accept);
      FutureTask<Long> spoken = started(() -> exact(accepted.get()));
      InetSocketAddress echo = (InetSocketAddress) listener.getLocalAddress();
      try (NewOwnerProcess old =
          NewOwnerProcess.start(
              topology.host().namespace(),
              OldOwnerMain.class,
              echo.getAddress().getHostAddress(),
              Integer.toString(echo.getPort()),
              socket.toString(),
              keyFile.toString(),
              journal.toString())) {
        assertThat(spoken.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(SAID_BYTES);
        try (SocketChannel peer = accepted.get()) {
          FourTuple tuple = new FourTuple((InetSocketAddress) peer.getRemoteAddress(), echo);
          topology.nic().steer(tuple);
          FutureTask<SocketChannel> received =
              started(() -> receiver(key).receive(server.accept(), nicStack(topology)));
          for (OldOwnerMain.Place next : OldOwnerMain.Place.values()) {
            old.order("go on", next.name());
            if (next == place) {
              break;
            }
          }
          old.kill();
          assertThat(JournalReader.read(journal))
              .as("what the journal says of it")
              .allSatisfy(only -> assertThat(only.phase()).isIn(possible(place)));
          if (place == OldOwnerMain.Place.ACTIVE) {
            aliveAtTheNewOwner(topology, tuple, peer, received);
          } else {
            deadAtThePeer(topology, tuple, peer, received);
          }
        }
      }
    }
  }

  private static void aliveAtTheNewOwner(
      Topology topology, FourTuple tuple, SocketChannel peer, FutureTask<SocketChannel> received)
      throws Exception {
    topology.nic().open(tuple);
    try (SocketChannel channel = received.get(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      FutureTask<Long> rest = started(() -> Conversation.echo(peer));
      Conversation conversation = new Conversation(SAID_BYTES, SAID_BYTES);
      conversation.goOn(channel, ROUNDS);
      channel.shutdownOutput();
      assertThat(rest.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
          .isEqualTo((long) ROUNDS * CHUNK_BYTES);
    }
  }

  /** Nothing is left anywhere, and the peer hears it as soon as it says something. */
  private static void deadAtThePeer(
      Topology topology, FourTuple tuple, SocketChannel peer, FutureTask<SocketChannel> received)
      throws Exception {
    assertThatThrownBy(() -> received.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(MigrationException.class);
    topology.nic().unsteer(tuple);
    peer.write(ByteBuffer.allocate(1));
    peer.socket().setSoTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    assertThatThrownBy(() -> peer.socket().getInputStream().read())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("reset");
  }

  /** Letting go and saying so are two things: see {@link Phase}. */
  private static Set<Phase> possible(OldOwnerMain.Place place) {
    return switch (place) {
      case STOPPED -> Set.of();
      case PREPARED, CONFIRMED -> Set.of(Phase.PREPARED);
      case RELEASED -> Set.of(Phase.RELEASING);
      case ACTIVE -> Set.of(Phase.ACTIVE);
    };
  }

  private static MigrationReceiver receiver(PreSharedKey key) {
    return new MigrationReceiver(
        key,
        new TransferCoordinator(
            Set.of(DescriptorFields.CWND_BYTES, DescriptorFields.SRTT_MICROS),
            TransferListener.NONE),
        Duration.ofSeconds(PATIENCE_SECONDS));
  }

  private static HostStack nicStack(Topology topology) {
    return HostStack.create(HostOptions.defaults().withNamespace(topology.nicNamespace()));
  }

  private static ServerSocketChannel listen(Topology topology) throws IOException {
    InetSocketAddress any = new InetSocketAddress(topology.peer().ipv4(), 0);
    return topology
        .peer()
        .namespace()
        .call(() -> ServerSocketChannel.open(StandardProtocolFamily.INET).bind(any));
  }

  /** Echoes what is said before the move, and no more. */
  private static long exact(SocketChannel peer) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(CHUNK_BYTES);
    long echoed = 0;
    while (echoed < SAID_BYTES && peer.read(bytes.clear()) >= 0) {
      bytes.flip();
      echoed += bytes.remaining();
      while (bytes.hasRemaining()) {
        peer.write(bytes);
      }
    }
    return echoed;
  }

  private static <T> FutureTask<T> started(java.util.concurrent.Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofPlatform().daemon(true).start(task);
    return task;
  }
}
