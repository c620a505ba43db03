package dev.offramp.cli.docs;

import dev.offramp.linux.HostStack;
import dev.offramp.linux.PassingLink;
import dev.offramp.linux.PassingServer;
import dev.offramp.linux.SocketPassing;
import dev.offramp.runtime.migrate.PassingOwner;
import dev.offramp.runtime.migrate.PassingReceiver;
import dev.offramp.runtime.migrate.PreSharedKey;
import dev.offramp.runtime.transfer.TransferCoordinator;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The code of docs/migration.md, where a socket is passed. */
final class PassingSnippets {
  private final HostStack stack = HostStack.create();
  private final PreSharedKey key;
  private final Path path;
  private final Duration timeout = Duration.ofSeconds(10);

  PassingSnippets(PreSharedKey key, Path path) {
    this.key = key;
    this.path = path;
  }

  void give(SocketChannel channel, TransferCoordinator coordinator) throws IOException {
    try (PassingOwner other =
        PassingOwner.greet(
            PassingLink.connect(path, Set.of(PassingLink.ownUser()), timeout),
            key,
            "worker 2",
            timeout)) {
      coordinator.move(
          other.carry(new SocketPassing(stack).pass(channel)),
          stack.ownerName(),
          UnaryOperator.identity(),
          other,
          arrival -> other.confirm());
    }
  }

  SocketChannel take() throws IOException {
    PassingReceiver receiver = new PassingReceiver(key, new SocketPassing(stack), timeout);
    try (PassingServer server = PassingServer.open(path, Set.of(PassingLink.ownUser()))) {
      return receiver.receive(Objects.requireNonNull(server.accept(timeout), "nobody came"));
    }
  }
}
