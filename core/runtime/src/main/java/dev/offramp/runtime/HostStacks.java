package dev.offramp.runtime;

import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.linux.HostOptions;
import dev.offramp.linux.HostStack;
import dev.offramp.linux.PathFacts;
import dev.offramp.linux.net.NetworkNamespace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The kernel's TCP stacks, each with all that this runtime knows to ask of it. */
final class HostStacks {
  /** What the coordinator reports of the old owner; once is enough. */
  private static final Set<TransferStep> REPORTED_ABOVE =
      EnumSet.of(TransferStep.RELEASE, TransferStep.RESUME);

  private HostStacks() {}

  /** The setting that names the Unix socket of a helper: {@code offramp helperd}. */
  private static final String HELPER = "linux.helper";

  /** How long one is waited for, in ms, by what lets a stopped connection go on. */
  private static final String HELPER_TIMEOUT = "linux.helper-timeout-millis";

  /** The stack of this process's namespace. */
  static HostStack create(TransferListener listener, Map<String, String> settings) {
    HostOptions options =
        options((step, owner, startNanos, endNanos) -> {
          if (!REPORTED_ABOVE.contains(step)) {
            listener.step(step, owner, startNanos, endNanos);
          }
        });
    String helper = settings.get(HELPER);
    return HostStack.create(
        helper == null
            ? options
            : withTimeout(options, settings.get(HELPER_TIMEOUT)).withHelper(Path.of(helper)));
  }

  private static HostOptions withTimeout(HostOptions options, @Nullable String millis) {
    if (millis == null) {
      return options;
    }
    try {
      return options.withHelperTimeout(Duration.ofMillis(Integer.parseUnsignedInt(millis)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "setting ["
              + HELPER_TIMEOUT
              + "]: seen ["
              + millis
              + "], expected a number of milliseconds",
          e);
    }
  }

  /** The stack of another namespace, for connections that arrive there. */
  static HostStack inside(NetworkNamespace namespace, TransferListener listener) {
    return HostStack.create(options(listener).withNamespace(namespace));
  }

  private static HostOptions options(TransferListener listener) {
    return HostOptions.defaults().withListener(listener).withPathFacts(PathFacts.netlink());
  }
}
