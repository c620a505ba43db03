package dev.offramp.models;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/** The kinds of models that there are. Safe for any thread. */
public final class AdapterModels {
  private AdapterModels() {}

  /** Those that the calling thread's context class loader sees, by name. */
  public static List<AdapterModelFactory> all() {
    return of(ServiceLoader.load(AdapterModelFactory.class));
  }

  /** Those of a layer, for models that come in a jar of their own. */
  public static List<AdapterModelFactory> all(ModuleLayer layer) {
    return of(ServiceLoader.load(layer, AdapterModelFactory.class));
  }

  /** The kind whose device has that name. */
  public static Optional<AdapterModelFactory> find(String name) {
    return all().stream().filter(kind -> kind.device().name().equals(name)).findFirst();
  }

  private static List<AdapterModelFactory> of(ServiceLoader<AdapterModelFactory> loader) {
    return loader.stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparing(kind -> kind.device().name()))
        .toList();
  }
}
