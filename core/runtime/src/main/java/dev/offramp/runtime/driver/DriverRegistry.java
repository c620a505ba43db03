package dev.offramp.runtime.driver;

import dev.offramp.api.DriverReport;
import dev.offramp.spi.Device;
import dev.offramp.spi.RnicDriver;
import dev.offramp.spi.SpiVersion;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds drivers, and keeps those apart that cannot run with this SPI. */
public final class DriverRegistry {
  private static final System.Logger LOG = System.getLogger(DriverRegistry.class.getName());

  /**
   * Declarations without a class; more of them than anybody has, in case the iterator stays put.
   */
  private static final int MAX_BROKEN = 100;

  private final List<Found> found;

  /** One driver, usable or not. */
  private record Found(
      String id,
      String origin,
      String compiledSpi,
      @Nullable RnicDriver driver,
      String unavailable) {}

  /** Looks on the module path. */
  public DriverRegistry() {
    this(ServiceLoader.load(RnicDriver.class).stream().iterator());
  }

  /** Looks at these candidates; a broken one does not hide the others. */
  DriverRegistry(Iterator<ServiceLoader.Provider<RnicDriver>> candidates) {
    found = load(candidates);
  }

  /**
   * The driver for a device.
   *
   * @throws NoDriverException when there is none; the message lists what there is
   */
  public RnicDriver driverFor(Device device) throws NoDriverException {
    return found.stream()
        .map(Found::driver)
        .flatMap(driver -> Optional.ofNullable(driver).stream())
        .filter(driver -> serves(driver, device))
        .findFirst()
        .orElseThrow(() -> new NoDriverException(device, reports(List.of(), Map.of())));
  }

  /** The id of the driver for the device of this name; empty when there is none. */
  public String idFor(String deviceName, List<Device> devices) {
    return devices.stream()
        .filter(device -> device.name().equals(deviceName))
        .flatMap(
            device -> found.stream().filter(f -> f.driver() != null && serves(f.driver(), device)))
        .map(Found::id)
        .findFirst()
        .orElse("");
  }

  /**
   * What was found.
   *
   * @param devices devices to match the drivers with
   * @param capabilities words for people, by driver id
   */
  public List<DriverReport> reports(List<Device> devices, Map<String, Set<String>> capabilities) {
    String running = SpiVersion.running().toString();
    return found.stream()
        .map(f ->
            new DriverReport(
                f.id(),
                f.origin(),
                f.compiledSpi(),
                running,
                matching(f.driver(), devices),
                capabilities.getOrDefault(f.id(), Set.of()),
                f.unavailable()))
        .toList();
  }

  private static List<String> matching(@Nullable RnicDriver driver, List<Device> devices) {
    return driver == null
        ? List.of()
        : devices.stream().filter(device -> serves(driver, device)).map(Device::name).toList();
  }

  private static List<Found> load(Iterator<ServiceLoader.Provider<RnicDriver>> candidates) {
    List<Found> all = new ArrayList<>();
    Map<String, String> originById = new HashMap<>();
    for (Found next : inspected(candidates)) {
      String other = originById.putIfAbsent(next.id(), next.origin());
      all.add(
          other == null
              ? next
              : new Found(
                  next.id(),
                  next.origin(),
                  next.compiledSpi(),
                  null,
                  "the id [" + next.id() + "] is taken by " + other + "; remove one of the two"));
    }
    return List.copyOf(all);
  }

  /** A declaration without a class behind it makes the iterator itself throw, and go on. */
  private static List<Found> inspected(Iterator<ServiceLoader.Provider<RnicDriver>> candidates) {
    List<Found> all = new ArrayList<>();
    for (int broken = 0; broken < MAX_BROKEN; ) {
      try {
        if (!candidates.hasNext()) {
          break;
        }
        all.add(inspect(candidates.next()));
      } catch (ServiceConfigurationError | LinkageError e) {
        broken++;
        String id = "unknown-" + broken;
        all.add(new Found(id, "unknown", "unknown", null, "it does not load: " + e.getMessage()));
      }
    }
    return all;
  }

  /** A driver that throws serves nothing, and does not keep the others from serving. */
  private static boolean serves(RnicDriver driver, Device device) {
    try {
      return driver.matches(device);
    } catch (RuntimeException | LinkageError e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "driver [" + driver.id() + "] threw when asked for device [" + device.name() + "]",
          e);
      return false;
    }
  }

  private static Found inspect(ServiceLoader.Provider<RnicDriver> candidate) {
    String origin = origin(candidate.type());
    String name = candidate.type().getName();
    try {
      RnicDriver driver = candidate.get();
      SpiVersion compiled = driver.compiledSpiVersion();
      SpiVersion running = SpiVersion.running();
      if (!running.runs(compiled)) {
        return new Found(
            driver.id(), origin, compiled.toString(), null, mismatch(driver, compiled));
      }
      return new Found(driver.id(), origin, compiled.toString(), driver, "");
    } catch (ServiceConfigurationError | LinkageError | RuntimeException e) {
      return new Found(name, origin, "unknown", null, "it does not load: " + e);
    }
  }

  private static String mismatch(RnicDriver driver, SpiVersion compiled) {
    SpiVersion running = SpiVersion.running();
    boolean driverIsNewer =
        compiled.major() > running.major()
            || (compiled.major() == running.major() && compiled.minor() > running.minor());
    return "driver ["
        + driver.id()
        + "] was compiled against SPI "
        + compiled
        + ", and SPI "
        + running
        + " is running; "
        + (driverIsNewer ? "use a newer Offramp" : "get a newer release of the driver");
  }

  private static String origin(Class<?> type) {
    Module module = type.getModule();
    CodeSource source = type.getProtectionDomain().getCodeSource();
    String place = source == null ? "" : String.valueOf(source.getLocation());
    return module.isNamed() ? "module " + module.getName() + " at " + place : place;
  }
}
