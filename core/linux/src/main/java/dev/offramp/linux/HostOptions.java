package dev.offramp.linux;

import dev.offramp.api.transfer.TransferListener;
import org.apiguardian.api.API;

/**
 * What a {@link HostStack} works with. Immutable.
 *
 * @param listener told of each step and its time
 * @param namespace where connections live: new sockets are opened there, and a connection of
 *     another namespace is refused
 * @param pathFacts asked for route, neighbour and VLAN
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record HostOptions(
    TransferListener listener, NamespaceRunner namespace, PathFacts pathFacts) {
  private static final HostOptions DEFAULTS =
      new HostOptions(TransferListener.NONE, NamespaceRunner.CURRENT, PathFacts.NONE);

  /** The calling thread's namespace, no listener, no look-up of routes. */
  public static HostOptions defaults() {
    return DEFAULTS;
  }

  public HostOptions withListener(TransferListener newListener) {
    return new HostOptions(newListener, namespace, pathFacts);
  }

  public HostOptions withNamespace(NamespaceRunner newNamespace) {
    return new HostOptions(listener, newNamespace, pathFacts);
  }

  public HostOptions withPathFacts(PathFacts newPathFacts) {
    return new HostOptions(listener, namespace, newPathFacts);
  }
}
