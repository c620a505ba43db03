package dev.offramp.runtime.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.linux.net.CommandLine;
import dev.offramp.linux.net.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A connection under a conversation leaves one process for another by its socket: neither has any
 * capability, and either is killed at each step. Needs root or {@code unshare -Urn}, to make the
 * network namespace and to take the capabilities away.
 */
@Timeout(120)
class PassingIT {
  private static final long HEARD_BYTES = 2L * (32 << 10);
  private static final long SENT_BYTES = HEARD_BYTES + PassingSenderMain.UNDER_WAY_BYTES;

  @TempDir private Path directory;

  private NetworkNamespace namespace;
  private Path link;
  private Path keyFile;

  @BeforeEach
  void build() throws Exception {
    namespace = NetworkNamespace.create();
    CommandLine.in(namespace).ip("link", "set", "lo", "up");
    link = directory.resolve("link");
    keyFile = Files.write(directory.resolve("key"), new byte[16]);
    Files.setPosixFilePermissions(keyFile, PosixFilePermissions.fromString("rw-------"));
  }

  @AfterEach
  void dismantle() throws Exception {
    namespace.close();
  }

  /** How far the sender has come. */
  enum Step {
    STOPPED,
    PREPARED,
    CONFIRMED,
    RELEASED;

    String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** The peer, and both processes, at the beginning. */
  private final class Trio implements AutoCloseable {
    final FutureTask<Long> echo;
    final int port;
    final NewOwnerProcess receiver;
    final NewOwnerProcess sender;

    Trio(String address) throws Exception {
      ServerSocketChannel listener =
          namespace.call(() ->
              ServerSocketChannel.open()
                  .bind(new InetSocketAddress(InetAddress.ofLiteral(address), 0)));
      echo =
          new FutureTask<>(() -> {
            try (listener;
                SocketChannel peer = listener.accept()) {
              return Conversation.echo(peer);
            }
          });
      Thread.ofPlatform().name("echo").daemon(true).start(echo);
      port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
      receiver = start(PassingReceiverMain.class);
      sender = start(PassingSenderMain.class, address, Integer.toString(port));
    }

    private NewOwnerProcess start(Class<?> main, String... more) throws IOException {
      String[] arguments =
          Stream.concat(Stream.of(link.toString(), keyFile.toString()), Stream.of(more))
              .toArray(String[]::new);
      return NewOwnerProcess.startWithoutPrivilege(namespace, main, arguments);
    }

    /** Lets the sender come so far. */
    void until(Step last) throws IOException {
      for (Step step : Step.values()) {
        if (step.compareTo(last) <= 0) {
          sender.order("", step.word());
        }
      }
    }

    /** The receiver goes on with what was said, and the peer hears all of it. */
    void goesOnAtTheReceiver(String address) throws Exception {
      receiver.hear("activated");
      long all = SENT_BYTES + 20L * (32 << 10);
      receiver.order(
          SENT_BYTES + " " + HEARD_BYTES,
          "conversed %d with %s"
              .formatted(all, new InetSocketAddress(InetAddress.ofLiteral(address), port)));
      assertThat(echo.get(30, TimeUnit.SECONDS)).isEqualTo(all);
    }

    /** The peer is told of the end. */
    void isOver() throws Exception {
      try {
        assertThat(echo.get(30, TimeUnit.SECONDS)).isLessThanOrEqualTo(SENT_BYTES);
      } catch (ExecutionException reset) {
        assertThat(reset).hasCauseInstanceOf(IOException.class);
      }
    }

    @Override
    public void close() {
      sender.close();
      receiver.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void theConversationGoesOnInTheOtherProcess(String address) throws Exception {
    try (Trio trio = new Trio(address)) {
      trio.until(Step.RELEASED);
      trio.sender.order("", "moved");
      trio.goesOnAtTheReceiver(address);
    }
  }

  /** Then the sender's end is the connection's, and nobody goes on with it. */
  @Test
  void whatTheSenderKeepsIsNotTaken() throws Exception {
    try (Trio trio = new Trio("127.0.0.1")) {
      trio.until(Step.PREPARED);
      trio.sender.order("keep", "failed OLD_OWNER");
      long all = SENT_BYTES + 5L * (32 << 10);
      trio.sender.hear("conversed " + all);
      trio.sender.kill();
      trio.receiver.hear("refused ABANDONED");
      assertThat(trio.echo.get(30, TimeUnit.SECONDS)).isEqualTo(all);
    }
  }

  /** Before the release it goes on at the sender; after it, it ends with the receiver. */
  @ParameterizedTest
  @EnumSource
  void theReceiverDies(Step step) throws Exception {
    try (Trio trio = new Trio("127.0.0.1")) {
      trio.until(step);
      trio.receiver.kill();
      if (step == Step.CONFIRMED) {
        // It lets go before it can notice.
        trio.sender.order("", Step.RELEASED.word());
      }
      boolean lost = step.compareTo(Step.CONFIRMED) >= 0;
      trio.sender.order("", lost ? "failed LOST" : "failed OLD_OWNER");
      if (lost) {
        trio.isOver();
      } else {
        long all = SENT_BYTES + 5L * (32 << 10);
        trio.sender.hear("conversed " + all);
        assertThat(trio.echo.get(30, TimeUnit.SECONDS)).isEqualTo(all);
      }
    }
  }

  /** Who has got the socket goes on with it; nobody else ever will. */
  @ParameterizedTest
  @EnumSource
  void theSenderDies(Step step) throws Exception {
    try (Trio trio = new Trio("127.0.0.1")) {
      trio.until(step);
      trio.sender.kill();
      if (step == Step.STOPPED) {
        trio.receiver.hear("refused CLOSED");
        trio.isOver();
      } else {
        trio.goesOnAtTheReceiver("127.0.0.1");
      }
    }
  }
}
