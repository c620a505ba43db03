package dev.offramp.runtime.migrate;

import dev.offramp.api.descriptor.DescriptorFormatException;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.runtime.migrate.MigrationException.Reason;
import dev.offramp.runtime.transfer.TransferCoordinator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Takes over connections that another process gives. Nothing is looked at before the sender has
 * proven that it has the key. Until the sender says that the old owner has let go the connection is
 * silent here, and it is forgotten when the channel ends before. Safe for use by several threads.
 * For connections in RDMA mode there is {@link RdmaMigration}.
 */
public final class MigrationReceiver {
  private final PreSharedKey key;
  private final TransferCoordinator policy;
  private final Duration timeout;

  /**
   * A receiver.
   *
   * @param key what both processes have
   * @param policy says which losses are accepted here
   * @param timeout for each message of the sender
   */
  public MigrationReceiver(PreSharedKey key, TransferCoordinator policy, Duration timeout) {
    this.key = key;
    this.policy = policy;
    this.timeout = timeout;
  }

  /**
   * Takes one connection over.
   *
   * @param channel connected to the sender; closed when this returns
   * @param owner where the connection goes
   * @return the connection, running
   * @throws MigrationException when the sender is none, or gives up; nothing is left here
   * @throws TransferException when {@code owner} refuses the connection; the sender has been told,
   *     and it goes on there
   */
  public <C> C receive(SocketChannel channel, StateTransfer<C> owner) throws IOException {
    try (SecureLink link = SecureLink.open(channel, SecureLink.Role.RECEIVER, key, timeout)) {
      return takeOver(link, prepare(link, owner), connection -> {});
    }
  }

  /**
   * Does with what is prepared as the sender says.
   *
   * @param beforeTelling called with the connection as soon as it runs
   */
  static <C> C takeOver(SecureLink link, Arrival<C> arrival, Consumer<C> beforeTelling)
      throws IOException {
    boolean released = false;
    try {
      link.send(MessageType.PREPARED, ByteBuffer.allocate(0));
      SecureLink.Message word = link.receive();
      while (word.type() == MessageType.CONFIRM) {
        link.send(MessageType.CONFIRMED, ByteBuffer.allocate(0));
        word = link.receive();
      }
      if (word.type() == MessageType.ABANDON) {
        throw new MigrationException(Reason.ABANDONED, "the sender keeps the connection");
      }
      require(MessageType.RELEASED, word);
      released = true;
    } finally {
      if (!released) {
        arrival.abandon();
      }
    }
    C connection = activate(arrival);
    beforeTelling.accept(connection);
    tell(link);
    return connection;
  }

  /** By contract it cannot fail; where it does, nobody but its owner can still tell the peer. */
  private static <C> C activate(Arrival<C> arrival) throws TransferException {
    try {
      return arrival.activate();
    } catch (RuntimeException | Error broken) {
      try {
        arrival.abandon();
      } catch (RuntimeException | Error notAbandoned) {
        broken.addSuppressed(notAbandoned);
      }
      throw new TransferException(
          TransferStep.ACTIVATE,
          Whereabouts.LOST,
          "the owner here could not activate what it had prepared: " + broken,
          broken);
    }
  }

  /** It runs here, whether the sender hears of it or not. */
  private static void tell(SecureLink link) {
    try {
      link.send(MessageType.ACTIVE, ByteBuffer.allocate(0));
    } catch (IOException e) {
      System.getLogger(MigrationReceiver.class.getName())
          .log(System.Logger.Level.INFO, "the sender has gone after it had let go", e);
    }
  }

  /** Takes an offer and lets it arrive; a refusal is told. */
  <C> Arrival<C> prepare(SecureLink link, StateTransfer<C> owner) throws IOException {
    SecureLink.Message offer = link.receive();
    require(MessageType.OFFER, offer);
    try {
      IwarpConnectionDescriptor descriptor = IwarpConnectionDescriptor.fromBytes(offer.payload());
      policy.requireAdmission(ConnectionProfile.of(descriptor), owner);
      return owner.arrive(descriptor);
    } catch (TransferException | DescriptorFormatException | RuntimeException e) {
      link.send(MessageType.REFUSED, RefusalForm.encode(e));
      throw e;
    }
  }

  static void require(int type, SecureLink.Message message) throws MigrationException {
    if (message.type() != type) {
      throw new MigrationException(
          Reason.PROTOCOL, "seen message [" + message.type() + "], expected [" + type + "]");
    }
  }
}
