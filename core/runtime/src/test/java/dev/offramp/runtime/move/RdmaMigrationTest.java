package dev.offramp.runtime.move;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.offramp.api.Offramp;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.LocalInvalidate;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.transfer.Quiet;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.runtime.migrate.Meddler;
import dev.offramp.runtime.migrate.MigrationException;
import dev.offramp.runtime.migrate.MigrationException.Reason;
import dev.offramp.runtime.migrate.PreSharedKey;
import dev.offramp.runtime.migrate.RdmaMigration;
import dev.offramp.runtime.migrate.RemoteOwner;
import dev.offramp.runtime.transfer.TransferCoordinator;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The order of a move to another process with memory, and what is left when something fails or
 * somebody meddles. The owners follow a script; the two processes are two threads.
 */
@Timeout(300)
class RdmaMigrationTest {
  private static final PreSharedKey KEY = PreSharedKey.of(new byte[32]);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int BYTES = 64;

  private final List<String> log = new CopyOnWriteArrayList<>();
  private final ScriptedRnic first = new ScriptedRnic("first", log);
  private final ScriptedRnic second = new ScriptedRnic("second", log);
  private final ScriptedConnection atFirst = new ScriptedConnection("first", log);
  private final Host sending = new Host(first);
  private final Host receiving = new Host(second);
  private final MovableConnection connection =
      new MovableConnection(sending.rnic, atFirst, sending::gone);
  private final RdmaMigration.Takeover noTakeover = () -> {};
  private final MemoryRegion region = connection.allocate(BYTES);

  @BeforeEach
  void fill() {
    for (int i = 0; i < BYTES; i++) {
      region.segment().set(ValueLayout.JAVA_BYTE, i, (byte) (3 * i));
    }
  }

  /** A runtime with one RNIC. */
  private static final class Host implements MigrationHost {
    private final OpenRnic rnic;
    private final TransferCoordinator coordinator =
        new TransferCoordinator(Set.of(), TransferListener.NONE);
    private final List<MovableConnection> arrived = new CopyOnWriteArrayList<>();
    private final List<MovableConnection> gone = new CopyOnWriteArrayList<>();

    Host(ScriptedRnic rnic) {
      this.rnic = rnic.open();
    }

    /** What applications have, as far as migration needs it. */
    RdmaMigration migration() {
      Object offramp =
          Proxy.newProxyInstance(
              Host.class.getClassLoader(),
              new Class<?>[] {Offramp.class, MigrationHost.class},
              (proxy, method, arguments) -> method.invoke(this, arguments));
      return RdmaMigration.of((Offramp) offramp);
    }

    @Override
    public TransferCoordinator coordinator() {
      return coordinator;
    }

    @Override
    public ConnectionMover mover() {
      return new ConnectionMover(coordinator, Duration.ofSeconds(1));
    }

    @Override
    public OpenRnic rnicInService(String name) {
      return rnic;
    }

    @Override
    public MovableConnection own(RdmaConnection known) {
      return (MovableConnection) known;
    }

    @Override
    public void arrived(MovableConnection known, IwarpConnectionDescriptor descriptor) {
      arrived.add(known);
    }

    @Override
    public void gone(MovableConnection known) {
      gone.add(known);
    }
  }

  private FutureTask<RdmaMigration.Received> receive(
      SocketChannel channel, PreSharedKey key, long limitBytes, Duration timeout) {
    FutureTask<RdmaMigration.Received> task =
        new FutureTask<>(() ->
            receiving
                .migration()
                .receive(channel, key, "second", new RdmaMigration.Limits(limitBytes, timeout)));
    Thread.ofVirtual().start(task);
    return task;
  }

  private FutureTask<RdmaMigration.Received> receive(SocketChannel channel) {
    return receive(channel, KEY, BYTES, PATIENCE);
  }

  private void send(SocketChannel channel, RdmaMigration.Takeover takeover) throws Exception {
    try (RemoteOwner remote = RemoteOwner.greet(channel, KEY, "there", PATIENCE)) {
      sending.migration().send(connection, remote, takeover);
    }
  }

  private RdmaMigration.Received migrate() throws Exception {
    SocketChannel[] link = Meddler.pair();
    FutureTask<RdmaMigration.Received> received = receive(link[1]);
    send(link[0], noTakeover);
    return received.get(30, TimeUnit.SECONDS);
  }

  private static Throwable failure(FutureTask<RdmaMigration.Received> receiver) throws Exception {
    try {
      receiver.get(60, TimeUnit.SECONDS);
      throw new AssertionError("the receiver took a connection");
    } catch (ExecutionException e) {
      return Objects.requireNonNull(e.getCause());
    }
  }

  private static Reason reason(Throwable failure) {
    assertThat(failure).isInstanceOf(MigrationException.class);
    return ((MigrationException) failure).reason();
  }

  private void worksHere() throws Exception {
    assertThat(connection.end()).isEmpty();
    connection.post(new LocalInvalidate(99, 1));
    assertThat(connection.completions().take().id()).isEqualTo(99);
    assertThat(region.isValid()).isTrue();
    assertThat(receiving.arrived).isEmpty();
    assertThat(sending.gone).isEmpty();
  }

  // ---- as it should be

  @Test
  void theOrderIsThatOfTheTwoPhasesAndMemoryComesBeforeThePreparation() throws Exception {
    second.needs = Set.of(Quiet.MESSAGES_WHOLE);
    first.posted = List.of(ScriptedRnic.localInvalidate(7));
    first.receives = List.of(ScriptedRnic.receive(8));
    first.completions = List.of(ScriptedRnic.done(1));
    SocketChannel[] link = Meddler.pair();
    FutureTask<RdmaMigration.Received> receiver = receive(link[1]);
    send(link[0], () -> log.add("leads over"));
    RdmaMigration.Received there = receiver.get(30, TimeUnit.SECONDS);
    assertThat(log)
        .containsExactly(
            "first departs [MESSAGES_WHOLE]",
            "second prepares 1 regions",
            "second gets RECEIVE 8",
            "second gets LOCAL_INVALIDATE 7",
            "leads over",
            "first steers away",
            "first releases",
            "second activates");
    assertThat(there.region(region.stag()).segment().mismatch(region.segment())).isEqualTo(-1);
    assertThat(there.connection().completions().take().id()).isEqualTo(1);
    assertThat(receiving.arrived).containsExactly((MovableConnection) there.connection());
    assertThat(sending.gone).containsExactly(connection);
  }

  @Test
  void theOldApplicationFindsATypedEndAndItsMemoryStaysUntilItCloses() throws Exception {
    FutureTask<Completion> waiting = new FutureTask<>(() -> connection.completions().take());
    Thread.ofVirtual().start(waiting);
    migrate();
    assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            ConnectionClosedException.class,
            e -> assertThat(e.end()).isEqualTo(new StreamEnd.Migrated("there")));
    assertThat(connection.end()).contains(new StreamEnd.Migrated("there"));
    assertThat(connection.disconnect()).isEqualTo(new StreamEnd.Migrated("there"));
    assertThatThrownBy(() -> connection.allocate(1)).hasMessageContaining("Migrated");
    MemorySegment memory = region.segment();
    assertThat(memory.scope().isAlive()).isTrue();
    connection.close();
    assertThat(memory.scope().isAlive()).isFalse();
    assertThat(log).doesNotContain("first closes", "first deregisters", "second closes");
  }

  @Test
  void completionsThatAnEarlierMoveCarriedGoAlongInTheirOrder() throws Exception {
    carryTwo();
    second.completions = List.of();
    RdmaMigration.Received there = migrateFromSecond();
    assertThat(connection.completions().poll()).isEmpty();
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ids.add(there.connection().completions().take().id());
    }
    assertThat(ids).containsExactly(1L, 2L, 3L);
    assertThat(there.connection().completions().poll()).isEmpty();
  }

  @Test
  void carriedCompletionsOfAConnectionThatStaysComeFirstAsBefore() throws Exception {
    carryTwo();
    first.fault = ScriptedRnic.Fault.ARRIVE_THROWS;
    assertThatThrownBy(this::migrateFromSecond).isInstanceOf(TransferException.class);
    assertThat(connection.completions().take().id()).isEqualTo(1);
    assertThat(connection.completions().take().id()).isEqualTo(2);
    connection.post(new LocalInvalidate(4, 1));
    assertThat(connection.completions().take().id()).isEqualTo(4);
  }

  /** At the second owner, with two completions that nobody has polled. */
  private void carryTwo() throws Exception {
    first.completions = List.of(ScriptedRnic.done(1), ScriptedRnic.done(2));
    sending.mover().move(connection, second.open());
    second.completions = List.of(ScriptedRnic.done(3));
  }

  /** To a process whose RNIC is the first. */
  private RdmaMigration.Received migrateFromSecond() throws Exception {
    second.completions = List.of(ScriptedRnic.done(3));
    SocketChannel[] link = Meddler.pair();
    FutureTask<RdmaMigration.Received> received =
        new FutureTask<>(() ->
            new Host(first)
                .migration()
                .receive(link[1], KEY, "first", new RdmaMigration.Limits(BYTES, PATIENCE)));
    Thread.ofVirtual().start(received);
    send(link[0], noTakeover);
    return received.get(30, TimeUnit.SECONDS);
  }

  // ---- as it can fail

  @Test
  void whatIsRefusedOfARunningConnectionStopsNothing() throws Exception {
    second.fault = ScriptedRnic.Fault.REFUSES_PROFILE;
    SocketChannel[] link = Meddler.pair();
    FutureTask<RdmaMigration.Received> receiver = receive(link[1]);
    TransferException e =
        catchThrowableOfType(TransferException.class, () -> send(link[0], noTakeover));
    assertThat(e.step()).isEqualTo(TransferStep.ADMIT);
    assertThat(e.refusals().getFirst().reason()).isEqualTo(RefusalReason.NO_RESOURCES);
    assertThat(failure(receiver)).isInstanceOf(TransferException.class);
    assertThat(log).isEmpty();
    worksHere();
  }

  @Test
  void moreMemoryThanIsAllowedStopsNothing() throws Exception {
    SocketChannel[] link = Meddler.pair();
    FutureTask<RdmaMigration.Received> receiver = receive(link[1], KEY, BYTES - 1, PATIENCE);
    TransferException e =
        catchThrowableOfType(TransferException.class, () -> send(link[0], noTakeover));
    assertThat(e.refusals().getFirst().seen()).contains(BYTES + " bytes");
    assertThat(reason(failure(receiver))).isEqualTo(Reason.CLOSED);
    assertThat(log).isEmpty();
    worksHere();
  }

  @ParameterizedTest
  @EnumSource(
      value = ScriptedRnic.Fault.class,
      names = {"REFUSES_DESCRIPTOR", "ARRIVE_THROWS", "POST_THROWS"})
  void whenTheReceiverFailsTheConnectionGoesOnHere(ScriptedRnic.Fault fault) throws Exception {
    second.fault = fault;
    first.posted = List.of(ScriptedRnic.localInvalidate(7));
    SocketChannel[] link = Meddler.pair();
    FutureTask<RdmaMigration.Received> receiver = receive(link[1]);
    TransferException e =
        catchThrowableOfType(TransferException.class, () -> send(link[0], noTakeover));
    assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
    assertThat(e.refusals()).isNotEmpty();
    failure(receiver);
    assertThat(log).contains("first resumes").doesNotContain("first releases", "second activates");
    if (fault == ScriptedRnic.Fault.POST_THROWS) {
      assertThat(log).contains("second abandons");
    }
    worksHere();
  }

  @ParameterizedTest
  @EnumSource(
      value = ScriptedRnic.Fault.class,
      names = {"DEPART_THROWS", "STEER_THROWS"})
  void whenTheSenderFailsTheConnectionGoesOnHere(ScriptedRnic.Fault fault) throws Exception {
    first.fault = fault;
    SocketChannel[] link = Meddler.pair();
    FutureTask<RdmaMigration.Received> receiver = receive(link[1]);
    assertThatThrownBy(() -> send(link[0], noTakeover)).isInstanceOf(TransferException.class);
    assertThat(reason(failure(receiver))).isIn(Reason.ABANDONED, Reason.CLOSED);
    assertThat(log).doesNotContain("first releases", "second activates");
    worksHere();
  }

  @Test
  void aTakeoverThatFailsUndoesIt() throws Exception {
    SocketChannel[] link = Meddler.pair();
    FutureTask<RdmaMigration.Received> receiver = receive(link[1]);
    assertThatThrownBy(() ->
            send(
                link[0],
                () -> {
                  throw new IOException("nobody leads anything over");
                }))
        .isInstanceOf(TransferException.class);
    assertThat(reason(failure(receiver))).isEqualTo(Reason.ABANDONED);
    assertThat(log).contains("second abandons", "first resumes");
    worksHere();
  }

  /** The receiver dies with what it had been told to begin: here all work ends, once. */
  @Test
  void whatIsLostIsFlushedHere() throws Exception {
    second.fault = ScriptedRnic.Fault.ACTIVATE_THROWS;
    first.posted = List.of(ScriptedRnic.localInvalidate(7));
    first.completions = List.of(ScriptedRnic.done(1));
    SocketChannel[] link = Meddler.pair();
    FutureTask<RdmaMigration.Received> receiver = receive(link[1]);
    TransferException e =
        catchThrowableOfType(TransferException.class, () -> send(link[0], noTakeover));
    assertThat(e.whereabouts()).isEqualTo(Whereabouts.LOST);
    assertThat(e.descriptor()).isPresent();
    assertThat(failure(receiver))
        .isInstanceOfSatisfying(
            TransferException.class,
            there -> assertThat(there.whereabouts()).isEqualTo(Whereabouts.LOST));
    assertThat(log).containsSubsequence("second activates", "second abandons");
    assertThat(receiving.arrived).isEmpty();
    assertThat(connection.completions().take().id()).isEqualTo(1);
    assertThat(connection.completions().take().id()).isEqualTo(7);
    assertThatThrownBy(() -> connection.completions().take())
        .isInstanceOf(ConnectionClosedException.class);
  }

  // ---- strangers

  @Test
  void aStrangerIsToldNothing() throws Exception {
    SocketChannel[] link = Meddler.pair();
    FutureTask<RdmaMigration.Received> receiver =
        receive(link[1], PreSharedKey.of(new byte[16]), BYTES, PATIENCE);
    assertThatThrownBy(() -> send(link[0], noTakeover)).isInstanceOf(MigrationException.class);
    assertThat(reason(failure(receiver))).isEqualTo(Reason.NOT_AUTHENTIC);
    assertThat(log).isEmpty();
    worksHere();
  }

  @Test
  void aSenderOfPlainConnectionsIsRefused() throws Exception {
    SocketChannel[] link = Meddler.pair();
    FutureTask<RdmaMigration.Received> receiver = receive(link[1]);
    try (RemoteOwner remote = RemoteOwner.greet(link[0], KEY, "there", PATIENCE)) {
      assertThatThrownBy(() -> remote.arrive(first.depart(atFirst).descriptor()))
          .isInstanceOf(TransferException.class);
    }
    assertThat(reason(failure(receiver))).isEqualTo(Reason.PROTOCOL);
  }

  @Test
  void whatWasHeardCannotBeRepeated() throws Exception {
    byte[] heard = heard();
    log.clear();
    receiving.arrived.clear();
    SocketChannel[] link = Meddler.pair();
    FutureTask<RdmaMigration.Received> receiver = receive(link[1]);
    link[0].write(ByteBuffer.wrap(heard));
    assertThat(reason(failure(receiver))).isEqualTo(Reason.NOT_AUTHENTIC);
    assertThat(log).isEmpty();
    link[0].close();
  }

  /** All that a sender says; it holds neither the memory nor anything else in the clear. */
  private byte[] heard() throws Exception {
    try (Meddler meddler = new Meddler((at, octet) -> octet)) {
      FutureTask<RdmaMigration.Received> receiver = receive(meddler.receiver());
      send(meddler.sender(), noTakeover);
      receiver.get(30, TimeUnit.SECONDS);
      byte[] heard = meddler.heard();
      byte[] memory = region.segment().toArray(ValueLayout.JAVA_BYTE);
      assertThat(new String(heard, java.nio.charset.StandardCharsets.ISO_8859_1))
          .doesNotContain(new String(memory, 0, 16, java.nio.charset.StandardCharsets.ISO_8859_1));
      return heard;
    }
  }

  @Test
  void whatIsTruncatedAnywhereIsRefused() throws Exception {
    int length = heardOfAnother();
    for (int cut = 0; cut < length; cut += cut < 100 ? 9 : 13) {
      int end = cut;
      assertThat(meddled((at, octet) -> at < end ? octet : -1))
          .as("cut at %d of %d", cut, length)
          .isIn(Reason.TRUNCATED, Reason.CLOSED);
    }
  }

  @Test
  void whatIsAlteredAnywhereIsRefused() throws Exception {
    int length = heardOfAnother();
    for (int octet = 0; octet < length; octet += octet < 90 ? 7 : 11) {
      int at = octet;
      assertThat(meddled((each, value) -> each == at ? value ^ 0x10 : value))
          .as("altered at %d of %d", octet, length)
          .isIn(
              Reason.NOT_AUTHENTIC,
              Reason.ALTERED,
              Reason.PROTOCOL,
              Reason.TOO_LARGE,
              Reason.TRUNCATED,
              // A length that says more than comes: waited for, and given up.
              Reason.TIMED_OUT);
    }
  }

  /** How long an exchange is: by a connection of the same kind, for one can leave only once. */
  private static int heardOfAnother() throws Exception {
    RdmaMigrationTest other = new RdmaMigrationTest();
    other.fill();
    return other.heard().length;
  }

  /** Why the receiver gave up; the one that is told to begin is the one that has let go. */
  private static Reason meddled(Meddler.Change change) throws Exception {
    RdmaMigrationTest world = new RdmaMigrationTest();
    world.fill();
    try (Meddler meddler = new Meddler(change)) {
      FutureTask<RdmaMigration.Received> receiver =
          world.receive(meddler.receiver(), KEY, BYTES, Duration.ofSeconds(1));
      Throwable sender = catchThrowable(() -> world.send(meddler.sender(), world.noTakeover));
      meddler.sender().close();
      Throwable failure = failure(receiver);
      assertThat(sender).isNotNull();
      assertThat(world.log).doesNotContain("second activates");
      if (world.log.contains("second prepares 1 regions")) {
        assertThat(world.log).contains("second abandons");
      }
      if (world.log.contains("first releases")) {
        assertThat(((TransferException) sender).whereabouts()).isEqualTo(Whereabouts.LOST);
      } else {
        world.worksHere();
      }
      return reason(failure);
    }
  }
}
