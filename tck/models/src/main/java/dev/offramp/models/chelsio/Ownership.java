package dev.offramp.models.chelsio;

import dev.offramp.api.descriptor.InvalidDescriptorException;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.models.Link;
import dev.offramp.spi.port.PreparedStream;
import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** What of the {@link Link} belongs to a connection. For the model's thread. */
final class Ownership {
  private final Link link;
  private Link.@Nullable Claim claim;
  private @Nullable PreparedStream prepared;
  private @Nullable Departure departure;

  Ownership(Link link) {
    this.link = link;
  }

  boolean isOwner() {
    return claim != null;
  }

  /** Takes the 4-tuple; nothing when it is taken already. */
  void claim(InetSocketAddress local, InetSocketAddress peer) throws IOException {
    if (claim == null) {
      claim = link.claim(local, peer);
    }
  }

  boolean isInstalled() {
    return prepared != null;
  }

  /** Puts a connection into TCP, silent; null when that is done, else what is wrong with it. */
  @Nullable String install(IwarpConnectionDescriptor connection) {
    Link.Claim owner = claim;
    if (owner == null) {
      return "the 4-tuple belongs to the host: NON_OFFLOAD is set";
    }
    try {
      prepared = owner.install(connection);
      return null;
    } catch (InvalidDescriptorException | TransferException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Takes out what was put in and has not spoken. */
  void withdraw() {
    PreparedStream old = prepared;
    prepared = null;
    if (old != null) {
      old.abandon();
    }
  }

  /** What was put in speaks from now on; null when nothing was. */
  @Nullable StreamPort activate() {
    PreparedStream ready = prepared;
    prepared = null;
    return ready == null ? null : ready.activate();
  }

  boolean isStopped() {
    return departure != null;
  }

  /** The state of a stopped connection; null when it is not stopped. */
  @Nullable IwarpConnectionDescriptor stoppedState() {
    Departure stopped = departure;
    return stopped == null ? null : stopped.descriptor();
  }

  void stop() throws TransferException {
    Link.Claim owner = claim;
    if (owner != null && departure == null) {
      departure = owner.stop();
    }
  }

  void resume() throws TransferException {
    Departure stopped = departure;
    departure = null;
    if (stopped != null) {
      stopped.resume();
    }
  }

  /** A stopped connection is gone, without a segment; whether there was one. */
  boolean release() {
    Departure stopped = departure;
    departure = null;
    if (stopped != null) {
      stopped.release();
    }
    return stopped != null;
  }

  /** Gives the 4-tuple up. */
  void close() {
    withdraw();
    Link.Claim owner = claim;
    claim = null;
    if (owner != null) {
      owner.close();
    }
  }
}
