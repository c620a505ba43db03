package dev.offramp.linux;

import dev.offramp.api.transfer.TransferListener;
import java.nio.file.Path;
import java.time.Duration;
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
 * @param helperTimeout how long a helper is waited for, when none answers, by what lets a stopped
 *     connection go on again; what stops one never waits
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record HostOptions(
    TransferListener listener,
    NamespaceRunner namespace,
    PathFacts pathFacts,
    @Nullable Path helper,
    Duration helperTimeout) {
  /** Longer than a supervisor takes to start a helper again. */
  private static final Duration DEFAULT_HELPER_TIMEOUT = Duration.ofSeconds(30);

  private static final HostOptions DEFAULTS =
      new HostOptions(
          TransferListener.NONE,
          NamespaceRunner.CURRENT,
          PathFacts.NONE,
          null,
          DEFAULT_HELPER_TIMEOUT);

  public HostOptions {
    if (helperTimeout.isNegative()) {
      throw new IllegalArgumentException(
          "helperTimeout: seen [" + helperTimeout + "], expected zero or more");
    }
  }

  /** The calling thread's namespace, no listener, no look-up of routes. */
  public static HostOptions defaults() {
    return DEFAULTS;
  }

  public HostOptions withListener(TransferListener newListener) {
    return new HostOptions(newListener, namespace, pathFacts, helper, helperTimeout);
  }

  public HostOptions withNamespace(NamespaceRunner newNamespace) {
    return new HostOptions(listener, newNamespace, pathFacts, helper, helperTimeout);
  }

  public HostOptions withPathFacts(PathFacts newPathFacts) {
    return new HostOptions(listener, namespace, newPathFacts, helper, helperTimeout);
  }

  /** Asks a helper for what this process may not do: {@code offramp helperd}. */
  public HostOptions withHelper(Path newHelper) {
    return new HostOptions(listener, namespace, pathFacts, newHelper, helperTimeout);
  }

  /** The time for which a helper is waited for, 0 and more. */
  public HostOptions withHelperTimeout(Duration newTimeout) {
    return new HostOptions(listener, namespace, pathFacts, helper, newTimeout);
  }
}
