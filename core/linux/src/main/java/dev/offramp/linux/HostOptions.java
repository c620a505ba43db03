package dev.offramp.linux;

import dev.offramp.api.transfer.TransferListener;
import java.nio.file.Path;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link HostStack} works with. Immutable.
 *
 * @param listener told of each step and its time
 * @param namespace where connections live: new sockets are opened there, and a connection of
 *     another namespace is refused
 * @param pathFacts asked for route, neighbour and VLAN
 * @param helper the Unix socket of a process with CAP_NET_ADMIN that helps one without; null: none
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record HostOptions(
    TransferListener listener,
    NamespaceRunner namespace,
    PathFacts pathFacts,
    @Nullable Path helper) {
  private static final HostOptions DEFAULTS =
      new HostOptions(TransferListener.NONE, NamespaceRunner.CURRENT, PathFacts.NONE, null);

  /** The calling thread's namespace, no listener, no look-up of routes. */
  public static HostOptions defaults() {
    return DEFAULTS;
  }

  public HostOptions withListener(TransferListener newListener) {
    return new HostOptions(newListener, namespace, pathFacts, helper);
  }

  public HostOptions withNamespace(NamespaceRunner newNamespace) {
    return new HostOptions(listener, newNamespace, pathFacts, helper);
  }

  public HostOptions withPathFacts(PathFacts newPathFacts) {
    return new HostOptions(listener, namespace, newPathFacts, helper);
  }

  /** Asks a helper for what this process may not do: {@code offramp helperd}. */
  public HostOptions withHelper(Path newHelper) {
    return new HostOptions(listener, namespace, pathFacts, newHelper);
  }
}
