package dev.offramp.tck.run;

import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.AdapterModels;
import dev.offramp.spi.Device;
import dev.offramp.spi.RnicDriver;
import dev.offramp.tck.bench.Target;
import dev.offramp.tck.scan.JarContents;
import java.lang.module.Configuration;
import java.lang.module.FindException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.lang.module.ResolutionException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A vendor's driver in a module layer of its own, which sees the API and the SPI and has no native
 * access, and the devices of the kit that it serves.
 */
final class Plugin {
  private final ServiceLoader.Provider<RnicDriver> provider;
  private final List<AdapterModelFactory> models;
  private final JarContents jar;

  private Plugin(
      ServiceLoader.Provider<RnicDriver> provider,
      List<AdapterModelFactory> models,
      JarContents jar) {
    this.provider = provider;
    this.models = models;
    this.jar = jar;
  }

  /**
   * Loads a driver.
   *
   * @param jar the jar that provides it, or a directory with its classes
   * @param libraries jars that it needs besides
   * @param models jars with models of its devices
   */
  static Plugin load(Path jar, List<Path> libraries, List<Path> models, JarContents contents)
      throws PluginException {
    ModuleFinder own = ModuleFinder.of(jar);
    Set<String> roots = names(own);
    if (roots.isEmpty()) {
      throw new PluginException("no module in [%s]; expected a jar with a driver".formatted(jar));
    }
    List<Path> all = new ArrayList<>(List.of(jar));
    all.addAll(libraries);
    all.addAll(models);
    ModuleFinder finder = ModuleFinder.of(all.toArray(Path[]::new));
    roots.addAll(names(ModuleFinder.of(models.toArray(Path[]::new))));
    ModuleLayer layer = layer(finder, roots, jar);
    Set<String> ownNames = names(own);
    List<ServiceLoader.Provider<RnicDriver>> providers;
    try {
      providers =
          ServiceLoader.load(layer, RnicDriver.class).stream()
              .filter(p -> ownNames.contains(p.type().getModule().getName()))
              .toList();
    } catch (ServiceConfigurationError e) {
      throw new PluginException("the driver in [%s] does not load: %s".formatted(jar, e), e);
    }
    if (providers.size() != 1) {
      throw new PluginException(
          "[%s] provides %d drivers (dev.offramp.spi.RnicDriver), expected one"
              .formatted(jar, providers.size()));
    }
    List<AdapterModelFactory> known = new ArrayList<>(AdapterModels.all(layer));
    return new Plugin(providers.get(0), known, contents);
  }

  private static ModuleLayer layer(ModuleFinder finder, Set<String> roots, Path jar)
      throws PluginException {
    ModuleLayer boot = ModuleLayer.boot();
    try {
      Configuration configuration =
          boot.configuration().resolveAndBind(finder, ModuleFinder.of(), roots);
      return boot.defineModulesWithOneLoader(configuration, ClassLoader.getPlatformClassLoader());
    } catch (FindException | ResolutionException | LayerInstantiationException e) {
      throw new PluginException(
          "[%s] does not resolve: %s; a driver requires dev.offramp.spi, and brings everything else"
              .formatted(jar, e.getMessage()),
          e);
    }
  }

  private static Set<String> names(ModuleFinder finder) throws PluginException {
    try {
      return finder.findAll().stream()
          .map(ModuleReference::descriptor)
          .map(descriptor -> descriptor.name())
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (FindException e) {
      throw new PluginException("not a module: " + e.getMessage(), e);
    }
  }

  /** A driver, anew. */
  RnicDriver driver() {
    return provider.get();
  }

  /** The class of the driver. */
  Class<? extends RnicDriver> type() {
    return provider.type();
  }

  /** The devices of the kit that the driver serves: those with a model, streams, then others. */
  List<Target> targets() {
    RnicDriver driver = driver();
    List<Target> targets = new ArrayList<>();
    for (Device stream :
        List.of(
            new Device("host-stream", Device.Kind.HOST_STREAM, 0, 0),
            new Device("detached-stream", Device.Kind.DETACHED_STREAM, 0, 0))) {
      if (driver.matches(stream)) {
        targets.add(new Target(stream, Optional.empty(), this::driver));
      }
    }
    for (AdapterModelFactory model : models) {
      if (driver.matches(model.device())) {
        targets.add(new Target(model.device(), Optional.of(model), this::driver));
      }
    }
    if (targets.isEmpty()) {
      UnknownDevices.of(jar).stream()
          .filter(driver::matches)
          .limit(1)
          .forEach(device -> targets.add(new Target(device, Optional.empty(), this::driver)));
    }
    return targets;
  }
}
