package dev.offramp.cli;

import dev.offramp.api.DriverReport;
import dev.offramp.api.Offramp;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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
    if (json) {
      out.println(
          Json.pretty(Map.of("drivers", drivers.stream().map(DriversCommand::map).toList())));
    } else {
      drivers.forEach(driver -> print(out, driver));
    }
    out.flush();
    return drivers.stream().anyMatch(DriverReport::isUsable) ? ExitCode.OK : ExitCode.FAILED;
  }

  private static void print(PrintWriter out, DriverReport driver) {
    out.println(driver.id() + (driver.isUsable() ? "" : "  NOT USABLE: " + driver.unavailable()));
    out.println("  from          " + driver.origin());
    out.println(
        "  SPI           compiled against "
            + driver.compiledSpiVersion()
            + ", running "
            + driver.runtimeSpiVersion());
    out.println("  RNICs         " + String.join(", ", driver.rnics()));
    driver.capabilities().stream().sorted().forEach(c -> out.println("  capability    " + c));
  }

  private static Map<String, Object> map(DriverReport driver) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("id", driver.id());
    map.put("origin", driver.origin());
    map.put("compiled_spi", driver.compiledSpiVersion());
    map.put("running_spi", driver.runtimeSpiVersion());
    map.put("rnics", driver.rnics());
    map.put("capabilities", driver.capabilities().stream().sorted().toList());
    map.put("usable", driver.isUsable());
    map.put("unavailable", driver.unavailable());
    return map;
  }
}
