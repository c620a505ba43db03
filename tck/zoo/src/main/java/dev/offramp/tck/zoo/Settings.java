package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.spi.DriverContext;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Something changes with a setting. */
final class Settings extends Defect {
  private final List<String> keys;
  private final UnaryOperator<IwarpConnectionDescriptor> change;
  private boolean set;

  private Settings(List<String> keys, UnaryOperator<IwarpConnectionDescriptor> change) {
    this.keys = keys;
    this.change = change;
  }

  /** With any of the settings, whole or as an entry among others, connections are changed. */
  static Supplier<Defect> with(UnaryOperator<IwarpConnectionDescriptor> change, String... keys) {
    return () -> new Settings(List.of(keys), change);
  }

  @Override
  DriverContext context(DriverContext context) {
    // By walking through them, as a driver does that looks for its prefix: no key is asked for.
    for (Map.Entry<String, String> entry : context.settings().entrySet()) {
      set |= keys.contains(entry.getKey());
    }
    return new ContextWith(context, Map.of());
  }

  @Override
  IwarpConnectionDescriptor arriving(IwarpConnectionDescriptor descriptor) {
    return set ? change.apply(descriptor) : descriptor;
  }
}
