package dev.offramp.api;

import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Finds the one implementation, once. */
final class OfframpLoader {
  private static final @Nullable OfframpBootstrap BOOTSTRAP;
  private static final @Nullable Throwable FAILURE;

  static {
    OfframpBootstrap found = null;
    Throwable failure = null;
    try {
      found = ServiceLoader.load(OfframpBootstrap.class).findFirst().orElse(null);
      if (found == null) {
        failure =
            new ClassNotFoundException(
                "no implementation of "
                    + OfframpBootstrap.class.getName()
                    + " found; add the module dev.offramp.runtime to the module path");
      }
    } catch (ServiceConfigurationError | LinkageError e) {
      failure = e;
    }
    BOOTSTRAP = found;
    FAILURE = failure;
  }

  private OfframpLoader() {}

  static Optional<Throwable> unavailabilityCause() {
    return Optional.ofNullable(FAILURE);
  }

  static OfframpBootstrap load() {
    OfframpBootstrap found = BOOTSTRAP;
    if (found == null) {
      String why = FAILURE == null ? "" : ": " + FAILURE.getMessage();
      throw new UnsupportedOperationException("Offramp is not available" + why, FAILURE);
    }
    return found;
  }
}
