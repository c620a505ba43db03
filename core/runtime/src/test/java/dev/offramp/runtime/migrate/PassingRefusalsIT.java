package dev.offramp.runtime.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.HostOptions;
import dev.offramp.linux.HostStack;
import dev.offramp.linux.PassingLink;
import dev.offramp.linux.PassingServer;
import dev.offramp.linux.SocketDeparture;
import dev.offramp.linux.SocketPassing;
import dev.offramp.linux.net.CommandLine;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.runtime.migrate.MigrationException.Reason;
import dev.offramp.runtime.transfer.TransferCoordinator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who may not pass a socket, and what is not taken: each has its type, the connection goes on where
 * it was, and no descriptor is left. Needs root or {@code unshare -Urn}, for a network namespace.
 */
@Timeout(120)
class PassingRefusalsIT {
  private static final PreSharedKey KEY = PreSharedKey.of(new byte[32]);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final TransferCoordinator COORDINATOR =
      new TransferCoordinator(Set.of(), TransferListener.NONE);

  @TempDir private Path directory;

  private NetworkNamespace namespace;
  private SocketPassing passing;
  private PassingServer server;
  private SocketChannel ours;
  private SocketChannel peer;

  @BeforeEach
  void build() throws Exception {
    namespace = NetworkNamespace.create();
    CommandLine.in(namespace).ip("link", "set", "lo", "up");
    passing = new SocketPassing(HostStack.create(HostOptions.defaults().withNamespace(namespace)));
    server = PassingServer.open(directory.resolve("link"), Set.of(PassingLink.ownUser()));
    SocketChannel[] both = connect();
    ours = both[0];
    peer = both[1];
  }

  @AfterEach
  void dismantle() throws Exception {
    ours.close();
    peer.close();
    server.close();
    namespace.close();
  }

  private SocketChannel[] connect() throws Exception {
    return namespace.call(() -> {
      try (ServerSocketChannel listener = ServerSocketChannel.open()) {
        listener.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        SocketChannel near = SocketChannel.open(listener.getLocalAddress());
        return new SocketChannel[] {near, listener.accept()};
      }
    });
  }

  private FutureTask<SocketChannel> receive(SocketPassing to) {
    FutureTask<SocketChannel> task =
        new FutureTask<>(() ->
            new PassingReceiver(KEY, to, PATIENCE)
                .receive(Objects.requireNonNull(server.accept(PATIENCE))));
    Thread.ofPlatform().daemon().start(task);
    return task;
  }

  private PassingLink link() throws IOException {
    return PassingLink.connect(directory.resolve("link"), Set.of(PassingLink.ownUser()), PATIENCE);
  }

  private void move(StateTransfer<String> to, SocketDeparture stopped) throws TransferException {
    COORDINATOR.move(stopped, "linux", UnaryOperator.identity(), to, arrival -> {});
  }

  private static Throwable failure(FutureTask<?> task) {
    ExecutionException e =
        catchThrowableOfType(ExecutionException.class, () -> task.get(30, TimeUnit.SECONDS));
    return Objects.requireNonNull(e.getCause());
  }

  private static Reason reason(Throwable failure) {
    assertThat(failure).isInstanceOf(MigrationException.class);
    return ((MigrationException) failure).reason();
  }

  /** It is usable, and closing it ends it: nobody else has a descriptor of it. */
  private void assertOnlyOurs() throws IOException {
    echo(ours);
    ours.close();
    assertThat(peer.read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  private void echo(SocketChannel end) throws IOException {
    ByteBuffer one = ByteBuffer.wrap(new byte[] {42});
    end.write(one);
    assertThat(peer.read(one.clear())).isEqualTo(1);
    peer.write(one.flip());
    assertThat(end.read(one.clear())).isEqualTo(1);
    assertThat(one.get(0)).isEqualTo((byte) 42);
  }

  @Test
  void asItShouldBe() throws Exception {
    FutureTask<SocketChannel> receiver = receive(passing);
    try (PassingOwner owner = PassingOwner.greet(link(), KEY, "other", PATIENCE)) {
      SocketDeparture stopped = passing.pass(ours);
      owner.carry(stopped);
      move(owner, stopped);
    }
    assertThat(ours.isOpen()).isFalse();
    try (SocketChannel there = receiver.get(30, TimeUnit.SECONDS)) {
      echo(there);
    }
    assertThat(peer.read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  // ---- who is who

  @Test
  void anotherUserIsNotHeard() throws Exception {
    int stranger = PassingLink.ownUser() + 1;
    Path there = directory.resolve("strangers");
    try (PassingServer strict = PassingServer.open(there, Set.of(stranger))) {
      FutureTask<PassingLink> accepting = new FutureTask<>(() -> strict.accept(PATIENCE));
      Thread.ofPlatform().daemon().start(accepting);
      PassingLink link = PassingLink.connect(there, Set.of(PassingLink.ownUser()), PATIENCE);
      assertThat(reason(catchThrowable(() -> PassingOwner.greet(link, KEY, "other", PATIENCE))))
          .isEqualTo(Reason.CLOSED);
      assertThat(failure(accepting)).hasMessageContaining("expected one of the users");
    }
    assertThatThrownBy(
            () -> PassingLink.connect(directory.resolve("link"), Set.of(stranger), PATIENCE))
        .hasMessageContaining("expected one of the users");
  }

  @Test
  void anotherKeyGetsNothing() throws Exception {
    FutureTask<SocketChannel> receiver = receive(passing);
    byte[] other = new byte[32];
    other[0] = 1;
    PassingWire wire = new PassingWire(link(), PATIENCE, false);
    try (SocketDeparture stopped = passing.pass(ours)) {
      // With the hello already, before anything is proven.
      wire.attach(stopped);
      assertThat(
              reason(
                  catchThrowable(
                      () -> SecureLink.open(wire, SecureLink.Role.SENDER, PreSharedKey.of(other)))))
          .isEqualTo(Reason.CLOSED);
    }
    assertThat(reason(failure(receiver))).isEqualTo(Reason.NOT_AUTHENTIC);
    assertOnlyOurs();
  }

  @Test
  void whatWasHeardCannotBeRepeated() throws Exception {
    List<ByteBuffer> heard = new ArrayList<>();
    FutureTask<SocketChannel> receiver = receive(passing);
    PassingWire wire = new PassingWire(link(), PATIENCE, false);
    SecureLink secure = SecureLink.open(new Recorder(wire, heard), SecureLink.Role.SENDER, KEY);
    SocketChannel[] first = connect();
    try (RemoteOwner owner = new RemoteOwner(secure, "other")) {
      SocketDeparture stopped = passing.pass(first[0]);
      COORDINATOR.move(
          stopped,
          "linux",
          descriptor -> {
            wire.attach(stopped);
            return descriptor;
          },
          owner,
          arrival -> {});
    }
    receiver.get(30, TimeUnit.SECONDS).close();
    first[1].close();

    FutureTask<SocketChannel> again = receive(passing);
    try (PassingLink repeated = link();
        SocketDeparture stopped = passing.pass(ours)) {
      for (ByteBuffer each : heard) {
        try {
          repeated.send(each, stopped);
        } catch (IOException hungUp) {
          break;
        }
      }
      assertThat(reason(failure(again))).isEqualTo(Reason.NOT_AUTHENTIC);
    }
    assertOnlyOurs();
  }

  /** Keeps what a sender sends. */
  private record Recorder(Wire wire, List<ByteBuffer> heard) implements Wire {
    @Override
    public void write(ByteBuffer bytes) throws IOException {
      heard.add(ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip());
      wire.write(bytes);
    }

    @Override
    public ByteBuffer read(int count, boolean begun) throws IOException {
      return wire.read(count, begun);
    }

    @Override
    public void close() throws IOException {
      wire.close();
    }
  }

  // ---- what comes

  private void refused(FutureTask<?> receiver, RefusalReason reason, Attempt attempt)
      throws Exception {
    TransferException told = catchThrowableOfType(TransferException.class, attempt::make);
    assertThat(told.refusals()).extracting(Refusal::reason).containsExactly(reason);
    assertThat(told.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
    assertThat(((TransferException) failure(receiver)).refusals())
        .extracting(Refusal::reason)
        .containsExactly(reason);
    assertOnlyOurs();
  }

  /** Something that is to fail. */
  private interface Attempt {
    void make() throws Exception;
  }

  @Test
  void noSocketIsRefused() throws Exception {
    FutureTask<SocketChannel> receiver = receive(passing);
    PassingWire wire = new PassingWire(link(), PATIENCE, false);
    try (RemoteOwner owner =
        new RemoteOwner(SecureLink.open(wire, SecureLink.Role.SENDER, KEY), "other")) {
      refused(receiver, RefusalReason.UNSUPPORTED, () -> move(owner, passing.pass(ours)));
    }
  }

  @Test
  void twoSocketsAreRefused() throws Exception {
    FutureTask<SocketChannel> receiver = receive(passing);
    PassingWire wire = new PassingWire(link(), PATIENCE, false);
    SocketDeparture stopped = passing.pass(ours);
    wire.attach(stopped);
    try (RemoteOwner owner =
        new RemoteOwner(SecureLink.open(wire, SecureLink.Role.SENDER, KEY), "other")) {
      wire.attach(stopped);
      refused(receiver, RefusalReason.UNSUPPORTED, () -> move(owner, stopped));
    }
  }

  @Test
  void theSocketOfAnotherConnectionIsRefused() throws Exception {
    SocketChannel[] other = connect();
    InetSocketAddress described = (InetSocketAddress) other[0].getLocalAddress();
    UnaryOperator<IwarpConnectionDescriptor> amend =
        descriptor ->
            descriptor.toBuilder()
                .present(DescriptorFields.LOCAL_ADDRESS, described, "another one's")
                .build();
    FutureTask<SocketChannel> receiver = receive(passing);
    try (PassingOwner owner = PassingOwner.greet(link(), KEY, "other", PATIENCE)) {
      SocketDeparture stopped = passing.pass(ours);
      owner.carry(stopped);
      refused(
          receiver,
          RefusalReason.NO_OWNER,
          () -> COORDINATOR.move(stopped, "linux", amend, owner, arrival -> {}));
    }
    other[0].close();
    other[1].close();
  }

  @Test
  void aProcessOfAnotherNetworkNamespaceRefuses() throws Exception {
    try (NetworkNamespace elsewhere = NetworkNamespace.create()) {
      FutureTask<SocketChannel> receiver =
          receive(
              new SocketPassing(HostStack.create(HostOptions.defaults().withNamespace(elsewhere))));
      try (PassingOwner owner = PassingOwner.greet(link(), KEY, "other", PATIENCE)) {
        SocketDeparture stopped = passing.pass(ours);
        owner.carry(stopped);
        refused(receiver, RefusalReason.FOREIGN_NAMESPACE, () -> move(owner, stopped));
      }
    }
  }

  /** Sockets go one way only, and only until one was taken. */
  @Test
  void aSocketThatNobodyExpectsIsClosed() throws Exception {
    FutureTask<SocketChannel> receiver = receive(passing);
    PassingWire wire = new PassingWire(link(), PATIENCE, false);
    SocketDeparture stopped = passing.pass(ours);
    try (RemoteOwner owner =
        new RemoteOwner(SecureLink.open(wire, SecureLink.Role.SENDER, KEY), "other")) {
      wire.attach(stopped);
      TransferException told =
          catchThrowableOfType(
              TransferException.class,
              () ->
                  COORDINATOR.move(
                      stopped,
                      "linux",
                      UnaryOperator.identity(),
                      owner,
                      arrival -> {
                        wire.attach(stopped);
                        owner.confirm();
                      }));
      assertThat(told.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
    }
    assertThat(reason(failure(receiver))).isEqualTo(Reason.PROTOCOL);
    assertOnlyOurs();
  }

  /** The receiver ends while the message with the socket is under way. */
  @Test
  void aSocketThatNobodyReceivesIsClosed() throws Exception {
    FutureTask<PassingWire> receiver =
        new FutureTask<>(() -> {
          PassingWire wire =
              new PassingWire(Objects.requireNonNull(server.accept(PATIENCE)), PATIENCE, true);
          SecureLink.open(wire, SecureLink.Role.RECEIVER, KEY);
          return wire;
        });
    Thread.ofPlatform().daemon().start(receiver);
    PassingWire wire = new PassingWire(link(), PATIENCE, false);
    try (SecureLink secure = SecureLink.open(wire, SecureLink.Role.SENDER, KEY);
        SocketDeparture stopped = passing.pass(ours)) {
      wire.attach(stopped);
      secure.send(MessageType.OFFER, ByteBuffer.wrap(stopped.descriptor().toBytes()));
      receiver.get(30, TimeUnit.SECONDS).close();
      assertThat(reason(catchThrowable(secure::receive))).isEqualTo(Reason.CLOSED);
    }
    assertOnlyOurs();
  }

  /** The other one does not answer in time: it is told, so that it does not wait for a death. */
  @Test
  void whoGivesUpSaysSo() throws Exception {
    FutureTask<Integer> receiver =
        new FutureTask<>(() -> {
          PassingLink link = Objects.requireNonNull(server.accept(PATIENCE));
          try (PassingWire wire = new PassingWire(link, PATIENCE, true)) {
            SecureLink secure = SecureLink.open(wire, SecureLink.Role.RECEIVER, KEY);
            assertThat(secure.receive().type()).isEqualTo(MessageType.OFFER);
            return secure.receive().type();
          }
        });
    Thread.ofPlatform().daemon().start(receiver);
    try (PassingOwner owner = PassingOwner.greet(link(), KEY, "other", Duration.ofSeconds(2))) {
      SocketDeparture stopped = passing.pass(ours);
      owner.carry(stopped);
      assertThatThrownBy(() -> move(owner, stopped)).isInstanceOf(TransferException.class);
    }
    assertThat(receiver.get(30, TimeUnit.SECONDS)).isEqualTo(MessageType.ABANDON);
    assertOnlyOurs();
  }

  @Test
  void anUndoneTransferLeavesNothingThere() throws Exception {
    FutureTask<SocketChannel> receiver = receive(passing);
    try (PassingOwner owner = PassingOwner.greet(link(), KEY, "other", PATIENCE)) {
      SocketDeparture stopped = passing.pass(ours);
      owner.carry(stopped);
      assertThatThrownBy(() ->
              COORDINATOR.move(
                  stopped,
                  "linux",
                  UnaryOperator.identity(),
                  owner,
                  arrival -> {
                    throw new IOException("undone");
                  }))
          .isInstanceOf(TransferException.class);
    }
    assertThat(reason(failure(receiver))).isEqualTo(Reason.ABANDONED);
    assertOnlyOurs();
  }
}
