package dev.offramp.runtime.transfer;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.linux.HostOptions;
import dev.offramp.linux.HostStack;
import dev.offramp.runtime.journal.TransferJournal;
import dev.offramp.runtime.migrate.PreSharedKey;
import dev.offramp.runtime.migrate.RemoteOwner;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The process from which a connection migrates. Arguments: address and port of the echo, socket of
 * the new owner, key file, journal's directory. Says each place that it comes to, and waits there
 * for a line.
 */
final class OldOwnerMain {
  /** Said and heard before the move. */
  static final int ROUNDS = 2;

  /** Places in their order. */
  enum Place {
    STOPPED,
    PREPARED,
    CONFIRMED,
    RELEASED,
    ACTIVE
  }

  private final BufferedReader commands =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));

  private OldOwnerMain() {}

  public static void main(String[] args) throws Exception {
    new OldOwnerMain().run(args);
  }

  private void run(String[] args) throws Exception {
    SocketChannel connection = SocketChannel.open(StandardProtocolFamily.INET);
    connection.connect(new InetSocketAddress(args[0], Integer.parseInt(args[1])));
    new Conversation(0, 0).goOn(connection, ROUNDS);
    HostStack stack = HostStack.create(HostOptions.defaults());
    say("ready");
    await();
    try (TransferJournal journal =
            TransferJournal.open(Path.of(args[4]), TransferJournal.Durability.PROCESS);
        RemoteOwner remote =
            RemoteOwner.greet(
                SocketChannel.open(UnixDomainSocketAddress.of(args[2])),
                PreSharedKey.read(Path.of(args[3])),
                "another process",
                Duration.ofSeconds(20))) {
      Departure departure = new Watched(stack.depart(connection));
      at(Place.STOPPED);
      new TransferCoordinator(Set.of(), TransferListener.NONE, journal)
          .move(
              departure,
              "linux",
              UnaryOperator.identity(),
              remote,
              arrival -> {
                at(Place.PREPARED);
                remote.confirm();
                at(Place.CONFIRMED);
              });
      at(Place.ACTIVE);
    }
  }

  private void at(Place place) throws IOException {
    say(place.name());
    await();
  }

  private static void say(String what) {
    System.out.println(what);
    System.out.flush();
  }

  private void await() throws IOException {
    if (commands.readLine() == null) {
      throw new IOException("nobody says how to go on");
    }
  }

  /** Stands still between the release and the word of it. */
  private final class Watched implements Departure {
    private final Departure inner;

    Watched(Departure inner) {
      this.inner = inner;
    }

    @Override
    public IwarpConnectionDescriptor descriptor() {
      return inner.descriptor();
    }

    @Override
    public void release() {
      inner.release();
      try {
        at(Place.RELEASED);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public void resume() throws TransferException {
      inner.resume();
    }

    @Override
    public void close() throws TransferException {
      inner.close();
    }
  }
}
