package dev.offramp.cli;

import dev.offramp.api.transfer.TransferListener;
import dev.offramp.linux.HostStack;
import dev.offramp.linux.PassingLink;
import dev.offramp.linux.PassingServer;
import dev.offramp.linux.SocketPassing;
import dev.offramp.runtime.journal.TransferJournal;
import dev.offramp.runtime.migrate.PassingOwner;
import dev.offramp.runtime.migrate.PassingReceiver;
import dev.offramp.runtime.migrate.PreSharedKey;
import dev.offramp.runtime.transfer.TransferCoordinator;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What {@link TransferCommand} does where both processes share kernel and network namespace. */
final class PassedTransfer {
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);

  private final PreSharedKey key;
  private final Duration timeout;
  private final HostStack stack = HostStack.create();

  PassedTransfer(PreSharedKey key, Duration timeout) {
    this.key = key;
    this.timeout = timeout;
  }

  /** Waits at {@code at} for a connection. */
  SocketChannel receive(Path at) throws IOException {
    try (PassingServer server = PassingServer.open(at, Set.of(PassingLink.ownUser()))) {
      @Nullable PassingLink link = null;
      while (link == null) {
        link = server.accept(LOOK_AGAIN);
      }
      return new PassingReceiver(key, new SocketPassing(stack), timeout).receive(link);
    }
  }

  /** Gives a connection to the process that waits at {@code to}. */
  void send(SocketChannel connection, Path to, TransferJournal journal) throws IOException {
    try (PassingOwner other =
        PassingOwner.greet(
            PassingLink.connect(to, Set.of(PassingLink.ownUser()), timeout),
            key,
            to.toString(),
            timeout)) {
      TransferCoordinator coordinator =
          new TransferCoordinator(Set.of(), TransferListener.NONE, journal);
      coordinator.move(
          coordinator.depart(
              stack.profile(connection),
              stack.ownerName(),
              other,
              () -> other.carry(new SocketPassing(stack).pass(connection))),
          stack.ownerName(),
          UnaryOperator.identity(),
          other,
          arrival -> other.confirm());
    }
  }
}
