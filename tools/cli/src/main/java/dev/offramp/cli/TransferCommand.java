package dev.offramp.cli;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.linux.HostStack;
import dev.offramp.runtime.journal.TransferJournal;
import dev.offramp.runtime.migrate.MigrationReceiver;
import dev.offramp.runtime.migrate.PreSharedKey;
import dev.offramp.runtime.migrate.RemoteOwner;
import dev.offramp.runtime.transfer.TransferCoordinator;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code offramp transfer}. */
@Command(
    name = "transfer",
    mixinStandardHelpOptions = true,
    description =
        "Begins a conversation over TCP in one process and goes on with it in another: sends its"
            + " standard input to --connect and then moves the connection to the process that"
            + " waits at --at, which hears the rest.")
final class TransferCommand implements Callable<Integer> {
  private static final int BUFFER_BYTES = 1 << 16;

  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Side side;

  /** Which end this is. */
  static final class Side {
    @Option(
        names = "--at",
        paramLabel = "SOCKET",
        description = "Receive: wait at this Unix socket for a connection, and go on with it.")
    private @Nullable Path at;

    @Option(
        names = "--to",
        paramLabel = "SOCKET",
        description = "Send: the Unix socket at which the other process waits.")
    private @Nullable Path to;
  }

  @Option(names = "--connect", paramLabel = "ADDRESS:PORT", description = "Send: whom to talk to.")
  private @Nullable String connect;

  @Option(
      names = "--key-file",
      required = true,
      paramLabel = "FILE",
      description = "What both processes have and nobody else: 16 random bytes or more.")
  private Path keyFile;

  @Option(
      names = "--takeover",
      paramLabel = "COMMAND",
      description =
          "Send: run by sh when the other process is ready and silent, to lead the peer's packets"
              + " there. When it fails the connection stays here.")
  private @Nullable String takeover;

  @Option(
      names = "--pass-socket",
      description =
          "Pass the socket itself: for two processes of one user in one network namespace, both"
              + " with this option. Nothing is stopped, and no privilege needed.")
  private boolean passSocket;

  @Option(
      names = "--accept-losses",
      description = "Receive: take connections that lose something here.")
  private boolean acceptLosses;

  @Option(
      names = "--journal",
      paramLabel = "DIRECTORY",
      description = "Send: record the transfer there.")
  private @Nullable Path journal;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "How long the other process may take for an answer (default ${DEFAULT-VALUE}).")
  private int timeoutSeconds;

  @Override
  public Integer call() throws Exception {
    if (passSocket && takeover != null) {
      throw new ParameterException(
          spec.commandLine(), "--takeover: with --pass-socket nothing is taken over; leave it out");
    }
    PreSharedKey key = PreSharedKey.read(keyFile);
    Path at = side.at;
    if (at != null) {
      receive(at, key);
    } else {
      send(Objects.requireNonNull(side.to), key);
    }
    return ExitCode.OK;
  }

  private Duration timeout() {
    if (timeoutSeconds < 1) {
      throw new ParameterException(
          spec.commandLine(), "--timeout: seen [" + timeoutSeconds + "], expected at least 1");
    }
    return Duration.ofSeconds(timeoutSeconds);
  }

  // ---- receiving

  private void receive(Path at, PreSharedKey key) throws IOException {
    if (passSocket) {
      goOn(new PassedTransfer(key, timeout()).receive(at));
      return;
    }
    Set<FieldKey<?>> losses =
        acceptLosses
            ? Set.copyOf(DescriptorFields.all())
            // These TCP learns anew (RFC 5681, section 4.1; RFC 6298).
            : Set.of(DescriptorFields.CWND_BYTES, DescriptorFields.SRTT_MICROS);
    MigrationReceiver receiver =
        new MigrationReceiver(
            key, new TransferCoordinator(losses, TransferListener.NONE), timeout());
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(at));
      goOn(receiver.receive(server.accept(), HostStack.create()));
    } finally {
      Files.deleteIfExists(at);
    }
  }

  private void goOn(SocketChannel received) throws IOException {
    try (SocketChannel connection = received) {
      say("received " + connection.getLocalAddress() + " to " + connection.getRemoteAddress());
      connection.configureBlocking(true);
      converse(connection);
    }
  }

  /** Both ways at once; the end of the input is told the peer, whose end is the end. */
  private static void converse(SocketChannel connection) throws IOException {
    Thread.ofPlatform()
        .daemon(true)
        .name("offramp-stdin")
        .start(() -> {
          try {
            sendInput(connection);
            connection.shutdownOutput();
          } catch (IOException e) {
            // The connection has ended: whoever reads from it says so.
          }
        });
    OutputStream out = System.out;
    ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);
    byte[] heard = new byte[BUFFER_BYTES];
    while (connection.read(bytes.clear()) >= 0) {
      int count = bytes.flip().remaining();
      bytes.get(heard, 0, count);
      out.write(heard, 0, count);
      out.flush();
    }
  }

  private static void sendInput(SocketChannel connection) throws IOException {
    byte[] read = new byte[BUFFER_BYTES];
    for (int count = System.in.read(read); count >= 0; count = System.in.read(read)) {
      ByteBuffer bytes = ByteBuffer.wrap(read, 0, count);
      while (bytes.hasRemaining()) {
        connection.write(bytes);
      }
    }
  }

  // ---- sending

  private void send(Path to, PreSharedKey key) throws IOException {
    String address = connect;
    if (address == null) {
      throw new ParameterException(spec.commandLine(), "--to needs --connect");
    }
    try (SocketChannel connection = SocketChannel.open(parsed(address));
        TransferJournal records = journal()) {
      say(connection.getLocalAddress() + " to " + connection.getRemoteAddress());
      sendInput(connection);
      if (passSocket) {
        new PassedTransfer(key, timeout()).send(connection, to, records);
      } else {
        migrate(connection, to, key, records);
      }
      say("moved");
    }
  }

  private void migrate(SocketChannel connection, Path to, PreSharedKey key, TransferJournal records)
      throws IOException {
    HostStack stack = HostStack.create();
    try (RemoteOwner remote =
        RemoteOwner.greet(
            SocketChannel.open(UnixDomainSocketAddress.of(to)), key, to.toString(), timeout())) {
      TransferCoordinator coordinator =
          new TransferCoordinator(Set.of(), TransferListener.NONE, records);
      coordinator.move(
          coordinator.depart(
              stack.profile(connection), stack.ownerName(), remote, () -> stack.depart(connection)),
          stack.ownerName(),
          UnaryOperator.identity(),
          remote,
          arrival -> {
            takeOver();
            remote.confirm();
          });
    }
  }

  private InetSocketAddress parsed(String address) {
    try {
      return AddressText.parse(address);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--connect: " + e.getMessage(), e);
    }
  }

  private TransferJournal journal() throws IOException {
    Path directory = journal;
    return directory == null
        ? TransferJournal.none()
        : TransferJournal.open(directory, TransferJournal.Durability.PROCESS);
  }

  private void takeOver() throws IOException {
    if (takeover == null) {
      return;
    }
    Process process =
        new ProcessBuilder("sh", "-c", takeover)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      int status = process.waitFor();
      if (status != 0) {
        throw new IOException("--takeover ended with status [" + status + "], expected 0");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted during --takeover");
    } finally {
      process.destroy();
    }
  }

  /** Standard output is the conversation's. */
  private void say(String what) {
    spec.commandLine().getErr().println("offramp transfer: " + what);
    spec.commandLine().getErr().flush();
  }
}
