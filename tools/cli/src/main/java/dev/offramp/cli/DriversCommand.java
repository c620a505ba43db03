package dev.offramp.cli;

import dev.offramp.api.DriverReport;
import dev.offramp.api.Offramp;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.AdapterModels;
import dev.offramp.runtime.driver.DriverRegistry;
import dev.offramp.spi.Device;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code offramp drivers}. */
@Command(
    name = "drivers",
    mixinStandardHelpOptions = true,
    description =
        "Lists the RNIC drivers that were found, from where, and whether they are usable.")
final class DriversCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<DriverReport> drivers;
    try (Offramp offramp = Offramp.open()) {
      drivers = offramp.drivers();
    }
    Map<String, List<String>> emulated = emulated();
    if (json) {
      out.println(
          Json.pretty(
              Map.of("drivers", drivers.stream().map(driver -> map(driver, emulated)).toList())));
    } else {
      drivers.forEach(driver -> print(out, driver, emulated));
    }
    out.flush();
    return drivers.stream().anyMatch(DriverReport::isUsable) ? ExitCode.OK : ExitCode.FAILED;
  }

  /** The kinds of adapters that can be emulated here, by the driver that would serve them. */
  private static Map<String, List<String>> emulated() {
    List<Device> kinds = AdapterModels.all().stream().map(AdapterModelFactory::device).toList();
    return new DriverRegistry()
        .reports(kinds, Map.of()).stream()
            .collect(Collectors.toMap(DriverReport::id, DriverReport::rnics));
  }

  private static void print(
      PrintWriter out, DriverReport driver, Map<String, List<String>> emulated) {
    out.println(driver.id() + (driver.isUsable() ? "" : "  NOT USABLE: " + driver.unavailable()));
    out.println("  from          " + driver.origin());
    out.println(
        "  SPI           compiled against "
            + driver.compiledSpiVersion()
            + ", running "
            + driver.runtimeSpiVersion());
    out.println("  RNICs         " + orNone(driver.rnics()));
    List<String> kinds = emulated.getOrDefault(driver.id(), List.of());
    if (!kinds.isEmpty()) {
      out.println("  emulated      " + String.join(", ", kinds) + ": models, not silicon");
    }
    driver.capabilities().stream().sorted().forEach(c -> out.println("  capability    " + c));
  }

  private static String orNone(List<String> names) {
    return names.isEmpty() ? "none here" : String.join(", ", names);
  }

  private static Map<String, Object> map(DriverReport driver, Map<String, List<String>> emulated) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("id", driver.id());
    map.put("origin", driver.origin());
    map.put("compiled_spi", driver.compiledSpiVersion());
    map.put("running_spi", driver.runtimeSpiVersion());
    map.put("rnics", driver.rnics());
    map.put("emulated", emulated.getOrDefault(driver.id(), List.of()));
    map.put("capabilities", driver.capabilities().stream().sorted().toList());
    map.put("usable", driver.isUsable());
    map.put("unavailable", driver.unavailable());
    return map;
  }
}
