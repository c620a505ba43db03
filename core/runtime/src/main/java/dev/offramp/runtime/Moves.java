package dev.offramp.runtime;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.linux.HostStack;
import dev.offramp.runtime.move.MovableConnection;
import dev.offramp.runtime.move.MoveEvents;
import dev.offramp.runtime.paths.PathUpdates;
import java.io.IOException;
import java.net.InetSocketAddress;

/** What else is to be done when a connection has moved, or is lost. */
record Moves(PathUpdates paths, HostStack hostStack) implements MoveEvents {
  private static final System.Logger LOG = System.getLogger(Moves.class.getName());

  @Override
  public void arrived(MovableConnection connection, IwarpConnectionDescriptor descriptor) {
    paths.arrived(connection, descriptor);
  }

  @Override
  public void lost(MovableConnection connection) {
    resetPeer(connection.localAddress(), connection.remoteAddress());
  }

  /** The same for one that its application has never had. */
  void lost(IwarpConnectionDescriptor connection) {
    resetPeer(
        connection.value(DescriptorFields.LOCAL_ADDRESS),
        connection.value(DescriptorFields.REMOTE_ADDRESS));
  }

  /** The peer's segments come to the host again, so that its stack is the one to answer. */
  private void resetPeer(InetSocketAddress local, InetSocketAddress remote) {
    try {
      hostStack.resetPeer(local, remote);
    } catch (IOException | RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the peer of %s to %s hears only when it speaks that the connection is lost"
              .formatted(local, remote),
          e);
    }
  }
}
