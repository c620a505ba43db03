package dev.offramp.api;

import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.transfer.TransferListener;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apiguardian.api.API;

/**
 * How an {@link Offramp} works.
 *
 * @param rnic which RNIC takes the connections, by the name that {@code offramp drivers} shows
 * @param acceptedLosses fields that a connection may lose at its new owner
 * @param drainTimeout how long a move waits for acknowledgements, where the RNIC needs them all
 * @param settings for drivers and the runtime, each named after its owner: {@code
 *     softiwarp.staging-bytes}
 * @param listener told of every step of every move
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record OfframpOptions(
    String rnic,
    Set<FieldKey<?>> acceptedLosses,
    Duration drainTimeout,
    Map<String, String> settings,
    TransferListener listener) {
  /** The software RNIC on the host's own socket. */
  public static final String HOST_RESIDENT = "softiwarp";

  /** The software RNIC in a network namespace of its own. */
  public static final String DETACHED = "softiwarp-detached";

  private static final Duration DEFAULT_DRAIN_TIMEOUT = Duration.ofSeconds(2);

  public OfframpOptions {
    acceptedLosses = Set.copyOf(acceptedLosses);
    settings = Map.copyOf(settings);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Collects options. */
  public static final class Builder {
    private String rnic = HOST_RESIDENT;
    private final Set<FieldKey<?>> acceptedLosses = new HashSet<>();
    private Duration drainTimeout = DEFAULT_DRAIN_TIMEOUT;
    private final Map<String, String> settings = new HashMap<>();
    private TransferListener listener = TransferListener.NONE;

    private Builder() {}

    public Builder rnic(String name) {
      this.rnic = name;
      return this;
    }

    public Builder acceptLoss(FieldKey<?> field) {
      acceptedLosses.add(field);
      return this;
    }

    public Builder drainTimeout(Duration timeout) {
      this.drainTimeout = timeout;
      return this;
    }

    public Builder setting(String name, String value) {
      settings.put(name, value);
      return this;
    }

    public Builder listener(TransferListener listener) {
      this.listener = listener;
      return this;
    }

    public OfframpOptions build() {
      return new OfframpOptions(rnic, acceptedLosses, drainTimeout, settings, listener);
    }
  }
}
