package dev.offramp.runtime.migrate;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.linux.PassingLink;
import dev.offramp.linux.SocketDeparture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Another process of the same host and network namespace as the new owner of one connection, whose
 * socket it is given by SCM_RIGHTS (unix(7)): as {@link RemoteOwner}, in the same order and behind
 * the same proof of the key, but TCP is not stopped and no privilege is needed.
 *
 * <p>This process has its own descriptor of the socket until it is told that the other one has
 * another, and neither reads nor writes meanwhile. When the link breaks before, the connection goes
 * on here. When it breaks after the release, the connection goes on at the other process, or has
 * ended with that process: {@link dev.offramp.api.transfer.Whereabouts#LOST}, as it cannot be told.
 *
 * <p>For one thread at a time, no virtual one, and for one connection.
 */
public final class PassingOwner implements StateTransfer<String>, AutoCloseable {
  private final PassingWire wire;
  private final SecureLink secure;
  private final RemoteOwner remote;
  private @Nullable SocketDeparture carried;

  /** The other process has the socket, or may have it, and has not been told what it is to do. */
  private boolean offered;

  private PassingOwner(PassingWire wire, SecureLink secure, String name) {
    this.wire = wire;
    this.secure = secure;
    this.remote = new RemoteOwner(secure, name);
    wire.beforeClose(this::keep);
  }

  /**
   * Greets the process at the other end of a link.
   *
   * @param link this object's from now on, closed when this throws
   * @param key what both have
   * @param name for messages and the journal
   * @param timeout for each of its answers; the application waits meanwhile
   * @throws MigrationException when it does not prove that it has the key
   */
  public static PassingOwner greet(
      PassingLink link, PreSharedKey key, String name, Duration timeout) throws IOException {
    PassingWire wire = new PassingWire(link, timeout, /* expectsSockets= */ false);
    SecureLink secure = SecureLink.open(wire, SecureLink.Role.SENDER, key);
    return new PassingOwner(wire, secure, name);
  }

  /**
   * Takes the socket along that {@link #arrive} is to pass.
   *
   * @return {@code stopped}, whose release and resume are the caller's, or a coordinator's
   */
  public Departure carry(SocketDeparture stopped) {
    carried = stopped;
    return stopped;
  }

  @Override
  public String ownerName() {
    return remote.ownerName();
  }

  /** The other process is asked with the socket only: it refuses before anything is let go. */
  @Override
  public Admission admits(ConnectionProfile profile) {
    return remote.admits(profile);
  }

  @Override
  public Departure depart(String connection) throws TransferException {
    return remote.depart(connection);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException when no socket was given by {@link #carry}
   */
  @Override
  public Arrival<String> arrive(IwarpConnectionDescriptor descriptor) throws TransferException {
    SocketDeparture socket = carried;
    if (socket == null) {
      throw new IllegalStateException("no socket to pass: call carry() with the departure first");
    }
    carried = null;
    wire.attach(socket);
    offered = true;
    return new Offered(remote.arrive(descriptor));
  }

  /**
   * Says that the connection goes on here. The other process takes the end of the link without this
   * for the end of this process, whose connection it would go on with.
   */
  private void keep() {
    if (offered) {
      offered = false;
      try {
        secure.send(MessageType.ABANDON, ByteBuffer.allocate(0));
      } catch (IOException e) {
        // It has gone, and with it what it had.
      }
    }
  }

  private final class Offered implements Arrival<String> {
    private final Arrival<String> arrival;

    Offered(Arrival<String> arrival) {
      this.arrival = arrival;
    }

    @Override
    public String activate() {
      offered = false;
      return arrival.activate();
    }

    @Override
    public void abandon() {
      offered = false;
      arrival.abandon();
    }
  }

  /**
   * Asks whether the other process still has the socket, as the last thing before it is let go
   * here.
   *
   * @throws TransferException when it does not answer
   */
  public void confirm() throws TransferException {
    remote.confirm();
  }

  @Override
  public void close() throws IOException {
    remote.close();
  }
}
