package dev.offramp.runtime;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.linux.HostStack;
import dev.offramp.runtime.move.MovableConnection;
import dev.offramp.runtime.move.MoveEvents;
import dev.offramp.runtime.paths.PathUpdates;
import java.io.IOException;

/** What else is to be done when a connection has moved, or is lost. */
record Moves(PathUpdates paths, HostStack hostStack) implements MoveEvents {
  private static final System.Logger LOG = System.getLogger(Moves.class.getName());

  @Override
  public void arrived(MovableConnection connection, IwarpConnectionDescriptor descriptor) {
    paths.arrived(connection, descriptor);
  }

  /** The peer's segments come to the host again, so that its stack is the one to answer. */
  @Override
  public void lost(MovableConnection connection) {
    try {
      hostStack.resetPeer(connection.localAddress(), connection.remoteAddress());
    } catch (IOException | RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the peer of " + connection + " hears only when it speaks that the connection is lost",
          e);
    }
  }
}
