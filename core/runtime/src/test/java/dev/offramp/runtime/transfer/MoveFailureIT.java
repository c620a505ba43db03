package dev.offramp.runtime.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.GatedChannel;
import dev.offramp.linux.net.CommandLine;
import dev.offramp.runtime.stream.DetachedStreams;
import dev.offramp.spi.port.PreparedStream;
import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A failure at every step of a move from the host into a NIC, on the real kernel and under a
 * conversation: afterwards the connection works at exactly one owner with every byte, or the peer
 * is told. That each single system call can fail is shown in core/linux (FaultsIT).
 */
@Timeout(120)
class MoveFailureIT {
  private static final int UNDER_WAY_BYTES = 150_000;
  private static final int ROUNDS = 20;

  private final Conversation conversation = new Conversation(0, 0);
  private World world;

  @BeforeEach
  void build() throws Exception {
    world = new World();
    conversation.goOn(world.connection, 2);
    // Echoes are under way in both directions while the connection is being moved.
    conversation.say(world.connection, UNDER_WAY_BYTES);
  }

  @AfterEach
  void dismantle() throws Exception {
    world.close();
  }

  /** What goes wrong within this process. */
  enum Fault {
    NEW_OWNER_REFUSES(TransferStep.ADMIT),
    NEW_OWNER_THROWS(TransferStep.PREPARE),
    FOUR_TUPLE_IS_TAKEN(TransferStep.PREPARE),
    STEERING_FAILS(TransferStep.STEER),
    SETUP_THROWS(TransferStep.PREPARE),
    SETUP_THROWS_AN_ERROR(TransferStep.PREPARE);

    private final TransferStep step;

    Fault(TransferStep step) {
      this.step = step;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFailureBeforeTheReleaseLeavesTheConnectionAtTheHost(Fault fault) throws Exception {
    if (fault == Fault.STEERING_FAILS) {
      // Without its sink the NIC has no guard, and refuses to steer.
      CommandLine.in(world.topology.nicNamespace()).ip("link", "del", "offramp-sink0");
    }
    List<Arrival<SocketChannel>> taken = new ArrayList<>();
    TransferException e =
        catchThrowableOfType(
            TransferException.class,
            () ->
                coordinator()
                    .move(
                        world.hostStack.depart(world.connection),
                        "linux",
                        descriptor -> provoke(fault, descriptor, taken),
                        new Nic(fault),
                        arrival -> setUp(fault)));
    taken.forEach(Arrival::abandon);
    assertThat(e).isNotNull();
    assertThat(e.step()).isEqualTo(fault.step);
    assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
    assertAtHost();
    System.out.printf("%s: %s%n", fault, e.getMessage());
  }

  private IwarpConnectionDescriptor provoke(
      Fault fault, IwarpConnectionDescriptor descriptor, List<Arrival<SocketChannel>> taken) {
    if (fault == Fault.FOUR_TUPLE_IS_TAKEN) {
      try {
        taken.add(world.nicStack.arrive(descriptor));
      } catch (TransferException e) {
        throw new AssertionError("the first one has to arrive", e);
      }
    }
    return descriptor;
  }

  private static void setUp(Fault fault) throws IOException {
    switch (fault) {
      case SETUP_THROWS -> throw new IOException("the application's failure");
      case SETUP_THROWS_AN_ERROR -> throw new NoClassDefFoundError("the application's defect");
      default -> {}
    }
  }

  @Test
  void withoutAFailureTheConnectionIsAtTheNic() throws Exception {
    StreamPort port =
        coordinator()
            .move(world.hostStack, world.connection, UnaryOperator.identity(), new Nic(null));
    assertThat(world.sockets(world.topology.host().namespace())).isZero();
    assertThat(world.sockets(world.topology.nicNamespace())).isEqualTo(1);
    conversation.goOn(new PortChannel(port), ROUNDS);
    port.close();
    assertThat(world.echo.get(20, TimeUnit.SECONDS)).isEqualTo(conversation.sentBytes());
  }

  /** A conversation on gated plain TCP does not notice that moves are refused all the time. */
  @Test
  void refusedMovesUnderLoad() throws Exception {
    conversation.hearAll(world.connection);
    GatedChannel gated = world.hostStack.gate(world.connection);
    FutureTask<Boolean> talking =
        new FutureTask<>(() -> {
          conversation.goOn(gated, 400);
          return true;
        });
    Thread.ofPlatform().daemon(true).start(talking);
    int refused = 0;
    Nic nic = new Nic(Fault.NEW_OWNER_REFUSES);
    while (!talking.isDone() || refused == 0) {
      assertThatThrownBy(() ->
              coordinator()
                  .move(
                      world.hostStack.depart(gated),
                      "linux",
                      UnaryOperator.identity(),
                      nic,
                      arrival -> {}))
          .isInstanceOfSatisfying(
              TransferException.class,
              e -> assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER));
      refused++;
    }
    assertThat(talking.get(60, TimeUnit.SECONDS)).isTrue();
    System.out.printf("%d refused moves under 13 MB each way%n", refused);
    gated.close();
    assertThat(world.echo.get(20, TimeUnit.SECONDS)).isEqualTo(conversation.sentBytes());
  }

  /** The peer's segments go to whoever may take the connection again, or answer for it. */
  @Test
  void aSocketThatCannotBeActivatedIsNotSteeredAnyMore() throws Exception {
    TransferException e =
        catchThrowableOfType(
            TransferException.class,
            () ->
                coordinator()
                    .move(
                        world.hostStack,
                        world.connection,
                        UnaryOperator.identity(),
                        new Nic(null, new DeafStack(world.nicStack))));
    assertThat(e.whereabouts()).isEqualTo(Whereabouts.LOST);
    assertThat(world.topology.nic().steered()).isEmpty();
    bringBack(e.descriptor().orElseThrow());
  }

  /** A stack that cannot let a socket speak. */
  private record DeafStack(StateTransfer<SocketChannel> real)
      implements StateTransfer<SocketChannel> {
    @Override
    public String ownerName() {
      return real.ownerName();
    }

    @Override
    public Admission admits(ConnectionProfile profile) {
      return real.admits(profile);
    }

    @Override
    public Departure depart(SocketChannel connection) throws TransferException {
      throw departing();
    }

    @Override
    public Arrival<SocketChannel> arrive(IwarpConnectionDescriptor descriptor)
        throws TransferException {
      Arrival<SocketChannel> arrival = real.arrive(descriptor);
      return new Arrival<>() {
        @Override
        public SocketChannel activate() {
          arrival.abandon();
          throw new UncheckedIOException(new IOException("no helper answers"));
        }

        @Override
        public void abandon() {}
      };
    }
  }

  /** When the process of the new owner gets SIGKILL. */
  enum Death {
    BEFORE_ARRIVAL,
    WHEN_PREPARED,
    WHEN_STEERED,
    AFTER_RELEASE,
    AFTER_ACTIVATION,
    NEVER
  }

  @ParameterizedTest
  @EnumSource
  void theProcessOfTheNewOwnerDies(Death death) throws Exception {
    try (NewOwnerProcess process = NewOwnerProcess.start(world.topology.nicNamespace())) {
      RemoteNic nic = new RemoteNic(process, death);
      Departure departure = world.hostStack.depart(world.connection);
      String outcome;
      try {
        coordinator().move(departure, "linux", UnaryOperator.identity(), nic, arrival -> {});
        outcome = afterTheMove(process, death);
      } catch (TransferException e) {
        outcome = e.getMessage();
        if (death == Death.AFTER_RELEASE) {
          assertThat(e.step()).isEqualTo(TransferStep.ACTIVATE);
          assertThat(e.whereabouts()).isEqualTo(Whereabouts.LOST);
          assertThat(world.connection.isOpen()).isFalse();
          bringBack(e.descriptor().orElseThrow());
        } else {
          assertThat(death).isLessThan(Death.AFTER_RELEASE);
          assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
          assertAtHost();
        }
      }
      System.out.printf("new owner killed %s: %s%n", death, outcome);
    }
  }

  private String afterTheMove(NewOwnerProcess process, Death death) throws Exception {
    assertThat(world.sockets(world.topology.host().namespace())).isZero();
    if (death == Death.NEVER) {
      process.order(
          "converse %d %d".formatted(conversation.sentBytes(), conversation.heardBytes()),
          "conversed " + (conversation.sentBytes() + 20L * (32 << 10)));
      return "the conversation goes on at the new owner";
    }
    assertThat(death).isEqualTo(Death.AFTER_ACTIVATION);
    process.kill();
    // Like any application that dies with its connection: the peer is told, by FIN or RST.
    try {
      world.echo.get(30, TimeUnit.SECONDS);
      return "the peer sees FIN";
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(IOException.class);
      return "the peer sees " + e.getCause();
    }
  }

  /** What was described is not lost with its new owner: the host takes it again. */
  private void bringBack(IwarpConnectionDescriptor descriptor) throws Exception {
    try (Arrival<SocketChannel> arrival = world.hostStack.arrive(descriptor)) {
      world.topology.nic().unsteer(world.tuple);
      try (SocketChannel again = arrival.activate()) {
        assertThat(world.sockets(world.topology.nicNamespace())).isZero();
        conversation.goOn(again, ROUNDS);
      }
    }
    assertThat(world.echo.get(20, TimeUnit.SECONDS)).isEqualTo(conversation.sentBytes());
  }

  /** The same socket of the host goes on, and nothing of the attempt is left. */
  private void assertAtHost() throws Exception {
    assertThat(world.topology.nic().steered()).isEmpty();
    assertThat(world.sockets(world.topology.host().namespace())).isEqualTo(1);
    assertThat(world.sockets(world.topology.nicNamespace())).isZero();
    conversation.goOn(world.connection, ROUNDS);
    world.connection.shutdownOutput();
    assertThat(world.echo.get(20, TimeUnit.SECONDS)).isEqualTo(conversation.sentBytes());
  }

  private static TransferCoordinator coordinator() {
    return new TransferCoordinator(Set.of(), TransferListener.NONE);
  }

  private static TransferException departing() {
    return new TransferException(
        TransferStep.ADMIT, Whereabouts.OLD_OWNER, "nothing departs here", null);
  }

  /** The detached NIC of this process, which can be told to fail. */
  private final class Nic implements StateTransfer<StreamPort> {
    private final @Nullable Fault fault;
    private final DetachedStreams streams;

    Nic(@Nullable Fault fault) {
      this(fault, world.nicStack);
    }

    Nic(@Nullable Fault fault, StateTransfer<SocketChannel> stack) {
      this.fault = fault;
      this.streams =
          new DetachedStreams(stack, world.topology.nic(), channel -> 1460, TransferListener.NONE);
    }

    @Override
    public String ownerName() {
      return "nic";
    }

    @Override
    public Admission admits(ConnectionProfile profile) {
      return fault == Fault.NEW_OWNER_REFUSES
          ? Admission.refused(
              List.of(new Refusal(RefusalReason.NO_RESOURCES, "one more", "none", "wait")))
          : Admission.full();
    }

    @Override
    public Departure depart(StreamPort connection) throws TransferException {
      throw departing();
    }

    @Override
    public Arrival<StreamPort> arrive(IwarpConnectionDescriptor descriptor)
        throws TransferException {
      if (fault == Fault.NEW_OWNER_THROWS) {
        throw new IllegalStateException("a defect of the new owner");
      }
      PreparedStream prepared = streams.prepare(descriptor);
      return new Arrival<>() {
        @Override
        public StreamPort activate() {
          return prepared.activate();
        }

        @Override
        public void abandon() {
          prepared.abandon();
        }
      };
    }
  }

  /** The NIC whose connections are in another process. */
  private final class RemoteNic implements StateTransfer<String> {
    private final NewOwnerProcess process;
    private final Death death;

    RemoteNic(NewOwnerProcess process, Death death) {
      this.process = process;
      this.death = death;
    }

    private void dieAt(Death here) {
      if (death == here) {
        process.kill();
      }
    }

    @Override
    public String ownerName() {
      return "remote nic";
    }

    @Override
    public Admission admits(ConnectionProfile profile) {
      return Admission.full();
    }

    @Override
    public Departure depart(String connection) throws TransferException {
      throw departing();
    }

    @Override
    public Arrival<String> arrive(IwarpConnectionDescriptor descriptor) throws TransferException {
      try {
        dieAt(Death.BEFORE_ARRIVAL);
        process.order("arrive " + HexFormat.of().formatHex(descriptor.toBytes()), "prepared");
        dieAt(Death.WHEN_PREPARED);
        world.topology.nic().steer(world.tuple);
        dieAt(Death.WHEN_STEERED);
        if (death.compareTo(Death.AFTER_RELEASE) < 0) {
          throw new IOException("the new owner's process is gone");
        }
      } catch (IOException e) {
        unsteer();
        throw new TransferException(
            TransferStep.PREPARE, Whereabouts.OLD_OWNER, String.valueOf(e.getMessage()), e);
      }
      return new Arrival<>() {
        @Override
        public String activate() {
          try {
            dieAt(Death.AFTER_RELEASE);
            process.order("activate", "activated");
            world.topology.nic().open(world.tuple);
            return "moved";
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }

        @Override
        public void abandon() {
          process.kill();
          unsteer();
        }
      };
    }

    private void unsteer() {
      try {
        world.topology.nic().unsteer(world.tuple);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
