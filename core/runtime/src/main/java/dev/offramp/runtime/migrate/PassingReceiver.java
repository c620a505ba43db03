package dev.offramp.runtime.migrate;

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
import dev.offramp.linux.PassedSocket;
import dev.offramp.linux.PassingLink;
import dev.offramp.linux.SocketPassing;
import dev.offramp.runtime.migrate.MigrationException.Reason;
import dev.offramp.runtime.transfer.TransferCoordinator;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes over connections whose sockets another process of the same host and network namespace
 * passes: {@link PassingOwner}'s counterpart. Nothing is looked at before the sender has proven
 * that it has the key. Until the sender says that it has let go the socket is neither read nor
 * written here. Safe for use by several threads, none of them virtual.
 */
public final class PassingReceiver {
  /** A connection that stays in its kernel loses nothing. */
  private static final TransferCoordinator POLICY =
      new TransferCoordinator(Set.of(), TransferListener.NONE);

  private final PreSharedKey key;
  private final SocketPassing passing;
  private final Duration timeout;

  /**
   * A receiver.
   *
   * @param key what both processes have
   * @param passing makes connections of sockets
   * @param timeout for each message of the sender
   */
  public PassingReceiver(PreSharedKey key, SocketPassing passing, Duration timeout) {
    this.key = key;
    this.passing = passing;
    this.timeout = timeout;
  }

  /**
   * Takes one connection over.
   *
   * <p>A sender that dies when it has given the socket, and has not said that it keeps it, leaves
   * the connection to this process: it had stopped using it, and nobody else has it. It goes on
   * here then.
   *
   * @param link connected to the sender; closed when this returns
   * @return the connection, running and blocking
   * @throws MigrationException when the sender is none, or gives up; nothing is left here
   * @throws TransferException when what came is not one socket, of the connection that was
   *     described; the sender has been told, and it goes on there
   */
  public SocketChannel receive(PassingLink link) throws IOException {
    try (PassingWire wire = new PassingWire(link, timeout, /* expectsSockets= */ true);
        Adopter owner = new Adopter(wire)) {
      return receive(link, wire, owner);
    }
  }

  private SocketChannel receive(PassingLink link, PassingWire wire, Adopter owner)
      throws IOException {
    SecureLink secure = SecureLink.open(wire, SecureLink.Role.RECEIVER, key);
    try {
      MigrationReceiver receiver = new MigrationReceiver(key, POLICY, timeout);
      return MigrationReceiver.takeOver(secure, receiver.prepare(secure, owner), connection -> {});
    } catch (MigrationException e) {
      Kept kept = owner.kept;
      if (kept == null || !isGone(e) || isTakenBack(secure) || !link.awaitDeath(timeout)) {
        throw e;
      }
      System.getLogger(PassingReceiver.class.getName())
          .log(System.Logger.Level.INFO, "the sender has died; its connection goes on here");
      return kept.activate();
    }
  }

  /** A sender that goes on with the connection says so before it closes the link. */
  private static boolean isTakenBack(SecureLink secure) {
    try {
      boolean abandoned = false;
      while (!abandoned) {
        abandoned = secure.receive().type() == MessageType.ABANDON;
      }
      return true;
    } catch (MigrationException e) {
      return e.reason() != Reason.CLOSED;
    } catch (IOException e) {
      return true;
    }
  }

  private static boolean isGone(MigrationException e) {
    return e.reason() == Reason.CLOSED;
  }

  /** Where the sockets go. */
  private final class Adopter implements StateTransfer<SocketChannel>, AutoCloseable {
    private final PassingWire wire;
    private @Nullable Kept kept;

    Adopter(PassingWire wire) {
      this.wire = wire;
    }

    @Override
    public String ownerName() {
      return "linux";
    }

    @Override
    public Admission admits(ConnectionProfile profile) {
      return Admission.full();
    }

    @Override
    public Departure depart(SocketChannel connection) {
      throw new UnsupportedOperationException("it only arrives here");
    }

    @Override
    public Arrival<SocketChannel> arrive(IwarpConnectionDescriptor descriptor)
        throws TransferException {
      List<PassedSocket> sockets = wire.takeSockets();
      if (sockets.size() != 1) {
        sockets.forEach(PassedSocket::close);
        throw TransferException.refused(
            TransferStep.PREPARE,
            List.of(
                new Refusal(
                    RefusalReason.UNSUPPORTED,
                    "[" + sockets.size() + "] descriptors",
                    "one, of the connection that is described",
                    "pass each connection by an exchange of its own")));
      }
      Kept arrival = new Kept(passing.adopt(sockets.getFirst(), descriptor));
      kept = arrival;
      return arrival;
    }

    @Override
    public void close() {
      Kept known = kept;
      if (known != null) {
        known.forget();
      }
    }
  }

  /** Is not forgotten before it is known why: a sender that has died cannot take it back. */
  private static final class Kept implements Arrival<SocketChannel> {
    private final Arrival<SocketChannel> arrival;

    Kept(Arrival<SocketChannel> arrival) {
      this.arrival = arrival;
    }

    @Override
    public SocketChannel activate() {
      return arrival.activate();
    }

    @Override
    public void abandon() {}

    /** Without effect on a connection that runs. */
    void forget() {
      arrival.abandon();
    }
  }
}
