package dev.offramp.runtime.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.runtime.journal.JournalReader;
import dev.offramp.runtime.journal.Phase;
import dev.offramp.runtime.journal.TransferJournal;
import dev.offramp.runtime.migrate.MigrationException;
import dev.offramp.runtime.migrate.PreSharedKey;
import dev.offramp.runtime.migrate.RemoteOwner;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A connection under a conversation leaves this process for another, in another network namespace
 * that has the same IP address; and that process is killed at each step. Needs root or {@code
 * unshare -Urn}.
 */
@Timeout(120)
class MigrationIT {
  private static final int UNDER_WAY_BYTES = 150_000;
  private static final int ROUNDS = 20;
  private static final long LATER_BYTES = 20L * (32 << 10);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path directory;

  private final Conversation conversation = new Conversation(0, 0);
  private World world;
  private Path socket;
  private Path keyFile;

  @BeforeEach
  void build() throws Exception {
    world = new World();
    socket = directory.resolve("link");
    keyFile =
        Files.write(
            directory.resolve("key"),
            new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
    Files.setPosixFilePermissions(keyFile, PosixFilePermissions.fromString("rw-------"));
    conversation.goOn(world.connection, 2);
    conversation.say(world.connection, UNDER_WAY_BYTES);
  }

  @AfterEach
  void dismantle() throws Exception {
    world.close();
  }

  /** When the other process gets SIGKILL. */
  enum Death {
    BEFORE_THE_OFFER(Whereabouts.OLD_OWNER),
    WHEN_PREPARED(Whereabouts.OLD_OWNER),
    WHEN_STEERED(Whereabouts.OLD_OWNER),
    AFTER_ITS_CONFIRMATION(Whereabouts.LOST),
    NEVER(Whereabouts.NEW_OWNER);

    private final Whereabouts expected;

    Death(Whereabouts expected) {
      this.expected = expected;
    }
  }

  @ParameterizedTest
  @EnumSource
  void theOtherProcessDies(Death death) throws Exception {
    Path journals = directory.resolve("journal");
    try (NewOwnerProcess process = start();
        TransferJournal journal =
            TransferJournal.open(journals, TransferJournal.Durability.PROCESS);
        RemoteOwner remote = greet(PreSharedKey.read(keyFile))) {
      TransferCoordinator coordinator =
          new TransferCoordinator(Set.of(), TransferListener.NONE, journal);
      Whereabouts whereabouts = Whereabouts.NEW_OWNER;
      try {
        move(coordinator, remote, process, death);
      } catch (TransferException e) {
        whereabouts = e.whereabouts();
        System.out.printf("killed %s: %s%n", death, e.getMessage());
        if (whereabouts == Whereabouts.LOST) {
          bringBack(e);
        }
      }
      assertThat(whereabouts).isEqualTo(death.expected);
      assertThat(JournalReader.read(journals))
          .singleElement()
          .satisfies(only -> assertThat(only.phase()).isEqualTo(phase(death.expected)));
      if (whereabouts == Whereabouts.OLD_OWNER) {
        world.topology.nic().unsteer(world.tuple);
        assertAtHost();
      } else if (whereabouts == Whereabouts.NEW_OWNER) {
        world.topology.nic().open(world.tuple);
        assertThat(world.sockets(world.topology.host().namespace())).isZero();
        process.hear("activated");
        process.order(
            conversation.sentBytes() + " " + conversation.heardBytes(),
            "conversed " + (conversation.sentBytes() + LATER_BYTES));
        assertThat(world.echo.get(20, TimeUnit.SECONDS))
            .isEqualTo(conversation.sentBytes() + LATER_BYTES);
      }
    }
  }

  private static Phase phase(Whereabouts whereabouts) {
    return switch (whereabouts) {
      case OLD_OWNER -> Phase.RESUMED;
      case NEW_OWNER -> Phase.ACTIVE;
      case FROZEN -> Phase.FROZEN;
      case LOST -> Phase.LOST;
    };
  }

  private void move(
      TransferCoordinator coordinator, RemoteOwner remote, NewOwnerProcess process, Death death)
      throws Exception {
    ConnectionProfile profile = world.hostStack.profile(world.connection);
    TransferCoordinator.RecordedDeparture stopped =
        coordinator.depart(
            profile, "linux", remote, () -> world.hostStack.depart(world.connection));
    dieAt(death, Death.BEFORE_THE_OFFER, process);
    coordinator.move(
        stopped,
        "linux",
        UnaryOperator.identity(),
        remote,
        arrival -> {
          dieAt(death, Death.WHEN_PREPARED, process);
          world.topology.nic().steer(world.tuple);
          dieAt(death, Death.WHEN_STEERED, process);
          remote.confirm();
          dieAt(death, Death.AFTER_ITS_CONFIRMATION, process);
        });
  }

  private static void dieAt(Death death, Death here, NewOwnerProcess process) {
    if (death == here) {
      process.kill();
    }
  }

  @Test
  void aProcessWithAnotherKeyGetsNothing() throws Exception {
    try (NewOwnerProcess process = start()) {
      assertThatThrownBy(() -> greet(PreSharedKey.of(new byte[16])))
          .isInstanceOf(MigrationException.class);
      process.hear(
          "refused NOT_AUTHENTIC: the other process does not have this key, or repeats an old"
              + " exchange; give both the same key");
    }
    assertAtHost();
  }

  /** Where nobody has taken the address over the kernel says so, and the connection stays. */
  @Test
  void aNamespaceWithoutTheAddressRefuses() throws Exception {
    try (NewOwnerProcess process =
            NewOwnerProcess.start(
                world.topology.peer().namespace(),
                MigrationMain.class,
                socket.toString(),
                keyFile.toString());
        RemoteOwner remote = greet(PreSharedKey.read(keyFile))) {
      TransferException e =
          catchThrowableOfType(
              TransferException.class,
              () ->
                  move(
                      new TransferCoordinator(Set.of(), TransferListener.NONE),
                      remote,
                      process,
                      Death.NEVER));
      assertThat(e).hasMessageContaining("not one of this network namespace");
      assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
    }
    assertAtHost();
  }

  private NewOwnerProcess start() throws IOException {
    return NewOwnerProcess.start(
        world.topology.nicNamespace(), MigrationMain.class, socket.toString(), keyFile.toString());
  }

  private RemoteOwner greet(PreSharedKey key) throws IOException {
    return RemoteOwner.greet(
        SocketChannel.open(UnixDomainSocketAddress.of(socket)), key, "another process", PATIENCE);
  }

  /** What was described is not lost with its new owner: the host takes it again. */
  private void bringBack(TransferException lost) throws Exception {
    try (Arrival<SocketChannel> arrival = world.hostStack.arrive(lost.descriptor().orElseThrow())) {
      world.topology.nic().unsteer(world.tuple);
      try (SocketChannel again = arrival.activate()) {
        conversation.goOn(again, ROUNDS);
      }
    }
    try {
      assertThat(world.echo.get(20, TimeUnit.SECONDS)).isEqualTo(conversation.sentBytes());
    } catch (ExecutionException e) {
      throw new AssertionError("the peer was told that the connection is dead", e);
    }
  }

  private void assertAtHost() throws Exception {
    assertThat(world.sockets(world.topology.host().namespace())).isEqualTo(1);
    assertThat(world.sockets(world.topology.nicNamespace())).isZero();
    conversation.goOn(world.connection, ROUNDS);
    world.connection.shutdownOutput();
    assertThat(world.echo.get(20, TimeUnit.SECONDS)).isEqualTo(conversation.sentBytes());
  }
}
