package dev.offramp.api;

import org.apiguardian.api.API;

/**
 * How {@link Offramp#open()} finds its implementation. Implemented by {@code dev.offramp.runtime};
 * not for applications.
 */
@API(status = API.Status.INTERNAL, since = "0.1")
public interface OfframpBootstrap {
  /** A new instance with these options. */
  Offramp open(OfframpOptions options);
}
