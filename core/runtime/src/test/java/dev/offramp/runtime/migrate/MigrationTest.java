package dev.offramp.runtime.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.offramp.api.descriptor.DescriptorFields;
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
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.runtime.migrate.MigrationException.Reason;
import dev.offramp.runtime.transfer.TransferCoordinator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What two processes say to each other, and that nobody else can say it: strangers, repeated,
 * truncated and altered exchanges are refused with a type, and leave the connection where it is.
 */
@Timeout(120)
class MigrationTest {
  private static final PreSharedKey KEY = PreSharedKey.of(new byte[32]);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final TransferCoordinator POLICY =
      new TransferCoordinator(Set.of(), TransferListener.NONE);

  private final List<String> log = Collections.synchronizedList(new ArrayList<>());
  private @Nullable Refusal refusal;

  // ---- who is who

  private static IwarpConnectionDescriptor descriptor() {
    InetSocketAddress end = new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);
    return IwarpConnectionDescriptor.builder()
        .present(DescriptorFields.LOCAL_ADDRESS, end, "")
        .present(DescriptorFields.REMOTE_ADDRESS, end, "")
        .build();
  }

  private final class Leaving implements Departure {
    @Override
    public IwarpConnectionDescriptor descriptor() {
      return MigrationTest.descriptor();
    }

    @Override
    public void release() {
      log.add("releases");
    }

    @Override
    public void resume() {
      log.add("resumes");
    }

    @Override
    public void close() {
      if (!log.contains("releases")) {
        resume();
      }
    }
  }

  private final class There implements StateTransfer<String> {
    @Override
    public String ownerName() {
      return "there";
    }

    @Override
    public Admission admits(ConnectionProfile profile) {
      return refusal == null ? Admission.full() : Admission.refused(List.of(refusal));
    }

    @Override
    public Departure depart(String connection) {
      throw new UnsupportedOperationException("it only arrives here");
    }

    @Override
    public Arrival<String> arrive(IwarpConnectionDescriptor descriptor) {
      log.add("arrives");
      return new Arrival<>() {
        @Override
        public String activate() {
          log.add("activates");
          return "running";
        }

        @Override
        public void abandon() {
          log.add("abandons");
        }
      };
    }
  }

  private FutureTask<String> receive(SocketChannel channel, PreSharedKey key) {
    FutureTask<String> task =
        new FutureTask<>(
            () -> new MigrationReceiver(key, POLICY, PATIENCE).receive(channel, new There()));
    Thread.ofVirtual().start(task);
    return task;
  }

  private void send(SocketChannel channel, PreSharedKey key, boolean undo) throws IOException {
    try (RemoteOwner remote = RemoteOwner.greet(channel, key, "remote", PATIENCE)) {
      POLICY.move(
          new Leaving(),
          "here",
          UnaryOperator.identity(),
          remote,
          arrival -> {
            if (undo) {
              throw new IOException("undone");
            }
          });
    }
  }

  private static Throwable failure(FutureTask<String> receiver) throws Exception {
    try {
      receiver.get(30, TimeUnit.SECONDS);
      throw new AssertionError("the receiver took a connection");
    } catch (ExecutionException e) {
      return Objects.requireNonNull(e.getCause());
    }
  }

  private static Reason reason(Throwable failure) {
    assertThat(failure).isInstanceOf(MigrationException.class);
    return ((MigrationException) failure).reason();
  }

  // ---- as it should be

  @Test
  void theOldOwnerLetsGoBeforeTheNewOneSpeaks() throws Exception {
    SocketChannel[] link = Meddler.pair();
    FutureTask<String> receiver = receive(link[1], KEY);
    send(link[0], KEY, false);
    assertThat(receiver.get(30, TimeUnit.SECONDS)).isEqualTo("running");
    assertThat(log).containsExactly("arrives", "releases", "activates");
  }

  @Test
  void aRefusalComesWithItsType() throws Exception {
    refusal = new Refusal(RefusalReason.TIMESTAMPS, "timestamps", "none", "switch them off");
    SocketChannel[] link = Meddler.pair();
    FutureTask<String> receiver = receive(link[1], KEY);
    TransferException e =
        catchThrowableOfType(TransferException.class, () -> send(link[0], KEY, false));
    assertThat(e.refusals()).containsExactly(refusal);
    assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
    assertThat(failure(receiver)).isInstanceOf(TransferException.class);
    assertThat(log).containsExactly("resumes");
  }

  @Test
  void anUndoneTransferLeavesNothingThere() throws Exception {
    SocketChannel[] link = Meddler.pair();
    FutureTask<String> receiver = receive(link[1], KEY);
    assertThatThrownBy(() -> send(link[0], KEY, true)).isInstanceOf(TransferException.class);
    assertThat(reason(failure(receiver))).isEqualTo(Reason.ABANDONED);
    assertThat(log).containsExactlyInAnyOrder("arrives", "abandons", "resumes");
  }

  // ---- as it should not

  @Test
  void aStrangerIsRefused() throws Exception {
    SocketChannel[] link = Meddler.pair();
    FutureTask<String> receiver = receive(link[1], KEY);
    byte[] other = new byte[32];
    other[31] = 1;
    Throwable sender = catchThrowable(() -> send(link[0], PreSharedKey.of(other), false));
    assertThat(reason(failure(receiver))).isEqualTo(Reason.NOT_AUTHENTIC);
    assertThat(reason(sender)).isEqualTo(Reason.CLOSED);
    assertThat(log).isEmpty();
  }

  @Test
  void aStrangerWhoReceivesIsRefusedToo() throws Exception {
    SocketChannel[] link = Meddler.pair();
    FutureTask<Void> stranger =
        new FutureTask<>(() -> {
          // Says hello, and for a proof sends back what it was sent.
          ByteBuffer hello = ByteBuffer.allocate(50);
          while (hello.hasRemaining() && link[1].read(hello) >= 0) {}
          link[1].write(hello.flip());
          ByteBuffer proof = ByteBuffer.allocate(32);
          while (proof.hasRemaining() && link[1].read(proof) >= 0) {}
          link[1].write(proof.flip());
          return null;
        });
    Thread.ofVirtual().start(stranger);
    assertThat(reason(catchThrowable(() -> send(link[0], KEY, false))))
        .isEqualTo(Reason.NOT_AUTHENTIC);
    stranger.get(30, TimeUnit.SECONDS);
    assertThat(log).isEmpty();
  }

  @Test
  void whatWasHeardCannotBeRepeated() throws Exception {
    byte[] heard = heard();
    log.clear();
    SocketChannel[] link = Meddler.pair();
    FutureTask<String> receiver = receive(link[1], KEY);
    link[0].write(ByteBuffer.wrap(heard));
    assertThat(reason(failure(receiver))).isEqualTo(Reason.NOT_AUTHENTIC);
    assertThat(log).isEmpty();
    link[0].close();
  }

  private byte[] heard() throws Exception {
    try (Meddler meddler = new Meddler((at, octet) -> octet)) {
      FutureTask<String> receiver = receive(meddler.receiver(), KEY);
      send(meddler.sender(), KEY, false);
      receiver.get(30, TimeUnit.SECONDS);
      return meddler.heard();
    }
  }

  @Test
  void whatIsTruncatedAnywhereIsRefused() throws Exception {
    int length = heard().length;
    for (int cut = 0; cut < length; cut += cut < 100 ? 1 : 7) {
      int end = cut;
      Reason reason = meddled((at, octet) -> at < end ? octet : -1);
      assertThat(reason).as("cut at %d", cut).isIn(Reason.TRUNCATED, Reason.CLOSED);
    }
  }

  /** In hello, proof and offer; the word that the old owner has let go is tried apart. */
  @Test
  void whatIsAlteredAnywhereIsRefused() throws Exception {
    int length = heard().length;
    for (int octet = 0; octet < length; octet += octet < 90 ? 1 : 5) {
      int at = octet;
      Reason reason = meddled((each, value) -> each == at ? value ^ 0x10 : value);
      assertThat(reason)
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

  /** Why the receiver gave up; it has not spoken, whatever the sender did. */
  private Reason meddled(Meddler.Change change) throws Exception {
    log.clear();
    try (Meddler meddler = new Meddler(change)) {
      FutureTask<String> receiver =
          new FutureTask<>(() ->
              new MigrationReceiver(KEY, POLICY, Duration.ofSeconds(2))
                  .receive(meddler.receiver(), new There()));
      Thread.ofVirtual().start(receiver);
      Throwable sender = catchThrowable(() -> send(meddler.sender(), KEY, false));
      meddler.sender().close();
      Throwable failure = failure(receiver);
      assertThat(sender).isNotNull();
      assertThat(log).doesNotContain("activates");
      if (log.contains("arrives")) {
        assertThat(log).contains("abandons");
      }
      if (log.contains("releases")) {
        assertThat(((TransferException) sender).whereabouts()).isEqualTo(Whereabouts.LOST);
      }
      return reason(failure);
    }
  }

  @Test
  void somethingElseIsRefused() throws Exception {
    SocketChannel[] link = Meddler.pair();
    FutureTask<String> receiver = receive(link[1], KEY);
    byte[] other = new byte[50];
    Arrays.fill(other, (byte) 'G');
    link[0].write(ByteBuffer.wrap(other));
    assertThat(reason(failure(receiver))).isEqualTo(Reason.PROTOCOL);
    link[0].close();
  }

  @Test
  void whoSaysNothingIsNotWaitedForForEver() throws Exception {
    SocketChannel[] link = Meddler.pair();
    assertThatThrownBy(() ->
            new MigrationReceiver(KEY, POLICY, Duration.ofMillis(50)).receive(link[1], new There()))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(Reason.TIMED_OUT));
    link[0].close();
  }

  @Test
  void aKeyIsLongAndItsOwnersOnly(@TempDir Path directory) throws Exception {
    assertThatThrownBy(() -> PreSharedKey.of(new byte[15])).hasMessageContaining("[15] bytes");
    Path file = Files.write(directory.resolve("key"), new byte[16]);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> PreSharedKey.read(file)).hasMessageContaining("chmod 600");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(PreSharedKey.read(file)).hasToString("a key of 16 bytes");
  }
}
