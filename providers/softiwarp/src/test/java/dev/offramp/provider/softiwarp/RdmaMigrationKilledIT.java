package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.Offramp;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.net.FourTuple;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.net.Topology;
import dev.offramp.runtime.migrate.MigrationException;
import dev.offramp.runtime.migrate.RdmaMigration;
import dev.offramp.runtime.migrate.RemoteOwner;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The receiver's process, or the sender's, gets SIGKILL at each phase of a migration with memory,
 * while the peer's Writes are under way. Each time the connection is alive at exactly one owner
 * with all of its data, or the peer has a typed end. The table in docs/migration.md is what this
 * test has written with {@code -Dofframp.write-docs=true}. Needs root or {@code unshare -Urn}.
 */
@Timeout(300)
class RdmaMigrationKilledIT {
  private static final String BEGIN = "<!-- killed: begin -->";
  private static final String END = "<!-- killed: end -->";
  private static final String ALIVE_AT_SENDER = "alive at the sender, with all data";
  private static final String ALIVE_AT_RECEIVER = "alive at the receiver, with all data";
  private static final String DEAD = "dead; typed end at the peer";
  private static final String LOST =
      "dead; `LOST` and flushed work at the sender, typed end at the peer";
  private static final int ESTABLISHED = 1;

  private static final Map<MigrationPhase, String> RECEIVER_KILLED =
      new EnumMap<>(MigrationPhase.class);
  private static final Map<MigrationPhase, String> SENDER_KILLED =
      new EnumMap<>(MigrationPhase.class);

  private static Topology topology;

  @TempDir private Path directory;

  @BeforeAll
  static void build() throws Exception {
    topology = Topology.create();
  }

  @AfterAll
  static void dismantle() throws Exception {
    topology.close();
    if (RECEIVER_KILLED.size() + SENDER_KILLED.size() == 2 * MigrationPhase.values().length) {
      write();
    }
  }

  // ---- the receiver

  @ParameterizedTest
  @EnumSource
  void theReceiverIsKilled(MigrationPhase when) throws Exception {
    Path socket = directory.resolve("link");
    try (ChildJvm receiver =
        ChildJvm.start(topology.nicNamespace(), MigrationReceiverMain.class, socket.toString())) {
      receiver.hear("ready");
      RECEIVER_KILLED.put(when, inHost(() -> sendTo(receiver, socket, when)));
    }
  }

  private static String sendTo(ChildJvm receiver, Path socket, MigrationPhase when)
      throws Exception {
    try (Offramp sending =
            MigrationParties.open(MigrationPhase.listener(at -> killAt(receiver, when, at)));
        Offramp peers = MigrationParties.open(TransferListener.NONE);
        ServerSocketChannel listener = listen()) {
      FutureTask<RdmaConnection> accepted = started(() -> offload(peers, listener));
      SocketChannel tcp = SocketChannel.open(listener.getLocalAddress());
      RdmaConnection moving = MigrationParties.offload(sending, tcp);
      MemoryRegion region = MigrationParties.prepare(moving);
      PeerOfMigration peer = new PeerOfMigration(TcpPair.join(accepted), region.advertise());
      FourTuple tuple = new FourTuple(moving.localAddress(), moving.remoteAddress());
      Relay.Change middle =
          (at, octet) -> {
            if (at == MigrationParties.BYTES / 2) {
              killAt(receiver, when, MigrationPhase.IN_MEMORY);
            }
            return octet;
          };
      peer.write();
      Whereabouts now = Whereabouts.NEW_OWNER;
      try (Relay relay = Relay.to(socket, middle);
          RemoteOwner remote =
              RemoteOwner.greet(
                  relay.sender(),
                  MigrationParties.KEY,
                  MigrationPhase.RECEIVER,
                  MigrationParties.PATIENCE)) {
        RdmaMigration.of(sending)
            .send(
                moving,
                remote,
                () -> {
                  topology.nic().steer(tuple);
                  killAt(receiver, when, MigrationPhase.LED_OVER);
                });
        killAt(receiver, when, MigrationPhase.ACTIVE);
      } catch (TransferException e) {
        now = e.whereabouts();
      }
      topology.nic().unsteer(tuple);
      String outcome =
          switch (now) {
            case OLD_OWNER -> aliveAtSender(peer, tuple);
            case LOST -> lost(moving, peer, tuple);
            default -> {
              assertThat(moving.end()).contains(new StreamEnd.Migrated(MigrationPhase.RECEIVER));
              yield dead(peer, tuple);
            }
          };
      assertThat(outcome).isEqualTo(expectedWithoutReceiver(when));
      return outcome;
    }
  }

  private static void killAt(ChildJvm process, MigrationPhase when, MigrationPhase at) {
    if (at == when) {
      process.kill();
    }
  }

  private static String expectedWithoutReceiver(MigrationPhase when) {
    return switch (when) {
      case ASKED, STOPPED, IN_MEMORY, PREPARED, LED_OVER -> ALIVE_AT_SENDER;
      case RELEASED -> LOST;
      case ACTIVE -> DEAD;
    };
  }

  private static String aliveAtSender(PeerOfMigration peer, FourTuple tuple) throws Exception {
    peer.isAlive();
    assertSpeakers(tuple, 1, 0);
    return ALIVE_AT_SENDER;
  }

  private static String lost(RdmaConnection moving, PeerOfMigration peer, FourTuple tuple)
      throws Exception {
    assertThat(moving.completions().take())
        .satisfies(flushed -> {
          assertThat(flushed.id()).isEqualTo(MigrationParties.RECEIVE_ID);
          assertThat(flushed.status()).isEqualTo(CompletionStatus.FLUSHED);
        });
    assertThatThrownBy(() -> moving.completions().take())
        .isInstanceOf(ConnectionClosedException.class);
    dead(peer, tuple);
    return LOST;
  }

  private static String dead(PeerOfMigration peer, FourTuple tuple) throws Exception {
    assertThat(peer.endsTyped()).isNotInstanceOf(StreamEnd.ClosedLocally.class);
    assertSpeakers(tuple, 0, 0);
    return DEAD;
  }

  // ---- the sender

  @ParameterizedTest
  @EnumSource
  void theSenderIsKilled(MigrationPhase when) throws Exception {
    Path socket = directory.resolve("link");
    try (Offramp peers = inHost(() -> MigrationParties.open(TransferListener.NONE));
        Offramp receiving = inNic(() -> MigrationParties.open(TransferListener.NONE));
        ServerSocketChannel listener = listen();
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      InetSocketAddress peerAddress = (InetSocketAddress) listener.getLocalAddress();
      FutureTask<RdmaConnection> accepted = started(() -> offload(peers, listener));
      try (ChildJvm sender =
          ChildJvm.start(
              topology.host().namespace(),
              MigrationSenderMain.class,
              peerAddress.getAddress().getHostAddress(),
              Integer.toString(peerAddress.getPort()),
              socket.toString())) {
        String[] region = sender.hear().split(" ", -1);
        PeerOfMigration peer =
            new PeerOfMigration(
                TcpPair.join(accepted),
                new RemoteBuffer(
                    Integer.parseInt(region[0]),
                    Long.parseLong(region[1]),
                    MigrationParties.BYTES));
        FourTuple tuple =
            new FourTuple(peer.connection().remoteAddress(), peer.connection().localAddress());
        peer.write();
        sender.say("go on");
        Relay.Change middle =
            (at, octet) -> {
              if (at == MigrationParties.BYTES / 2) {
                killAt(sender, when, MigrationPhase.IN_MEMORY);
              }
              return octet;
            };
        try (Relay relay = Relay.from(server.accept(), middle)) {
          FutureTask<RdmaMigration.Received> received =
              started(() -> inNic(() -> MigrationParties.receive(receiving, relay.receiver())));
          leadTo(sender, when, tuple);
          sender.kill();
          String outcome = withoutSender(received, peer, tuple);
          assertThat(outcome).isEqualTo(when == MigrationPhase.ACTIVE ? ALIVE_AT_RECEIVER : DEAD);
          SENDER_KILLED.put(when, outcome);
        }
      }
    }
  }

  /** From phase to phase until it has died, or stands where it is to die. */
  private static void leadTo(ChildJvm sender, MigrationPhase when, FourTuple tuple)
      throws IOException {
    for (MigrationPhase next : MigrationPhase.values()) {
      if (next == MigrationPhase.IN_MEMORY) {
        if (when == next) {
          return;
        }
        continue;
      }
      sender.hear(next.name());
      if (next == MigrationPhase.LED_OVER) {
        topology.nic().steer(tuple);
      }
      if (when == next) {
        return;
      }
      sender.say("go on");
    }
  }

  private static String withoutSender(
      FutureTask<RdmaMigration.Received> received, PeerOfMigration peer, FourTuple tuple)
      throws Exception {
    try (RdmaConnection there = received.get(60, TimeUnit.SECONDS).connection()) {
      topology.nic().open(tuple);
      peer.isAlive();
      assertThat(there.completions().poll()).isEmpty();
      assertSpeakers(tuple, 0, 1);
      return ALIVE_AT_RECEIVER;
    } catch (ExecutionException e) {
      assertThat(e).cause().isInstanceOf(MigrationException.class);
      topology.nic().unsteer(tuple);
      return dead(peer, tuple);
    }
  }

  // ---- both

  private static ServerSocketChannel listen() throws IOException {
    InetSocketAddress any = new InetSocketAddress(topology.peer().ipv4(), 0);
    return topology
        .peer()
        .namespace()
        .call(() -> ServerSocketChannel.open(StandardProtocolFamily.INET).bind(any));
  }

  private static RdmaConnection offload(Offramp peers, ServerSocketChannel listener)
      throws Exception {
    SocketChannel accepted = listener.accept();
    return inHost(() -> peers.offload(accepted, Mpa.responder().build()));
  }

  private static <T> T inHost(Callable<T> work) throws IOException {
    return topology.host().namespace().call(work);
  }

  private static <T> T inNic(Callable<T> work) throws IOException {
    return topology.nicNamespace().call(work);
  }

  private static <T> FutureTask<T> started(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofPlatform().daemon(true).start(task);
    return task;
  }

  /** Sockets that could still say something for this connection. */
  private static void assertSpeakers(FourTuple tuple, int atHost, int atNic) throws IOException {
    assertThat(sockets(topology.host().namespace(), tuple)).as("at the sender").isEqualTo(atHost);
    assertThat(sockets(topology.nicNamespace(), tuple)).as("at the receiver").isEqualTo(atNic);
  }

  private static long sockets(NetworkNamespace namespace, FourTuple tuple) throws IOException {
    String entry =
        ".*:%04X [0-9A-F]+:%04X %02X .*"
            .formatted(tuple.local().getPort(), tuple.remote().getPort(), ESTABLISHED);
    return namespace.call(() -> {
      long count = 0;
      for (String table : List.of("tcp", "tcp6")) {
        count +=
            Files.readAllLines(Path.of("/proc/thread-self/net", table)).stream()
                .filter(line -> line.matches(entry))
                .count();
      }
      return count;
    });
  }

  private static void write() throws IOException {
    StringBuilder text =
        new StringBuilder("| SIGKILL when it is | of the receiver | of the sender |\n");
    text.append("|---|---|---|\n");
    for (MigrationPhase phase : MigrationPhase.values()) {
      text.append("| `").append(phase).append("` | ");
      text.append(RECEIVER_KILLED.get(phase)).append(" | ");
      text.append(SENDER_KILLED.get(phase)).append(" |\n");
    }
    Files.writeString(Path.of("target", "killed.md"), text);
    if (Boolean.getBoolean("offramp.write-docs")) {
      Path page = Path.of("..", "..", "docs", "migration.md");
      String old = Files.readString(page);
      int begin = old.indexOf(BEGIN) + BEGIN.length();
      Files.writeString(
          page, old.substring(0, begin) + "\n" + text + old.substring(old.indexOf(END)));
    }
  }
}
