package dev.offramp.runtime.driver;

import dev.offramp.api.DriverReport;
import dev.offramp.spi.Device;
import java.io.Serial;
import java.util.List;
import java.util.stream.Collectors;

/** Thrown when no driver serves a device. Lists the drivers that there are. */
public final class NoDriverException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  NoDriverException(Device device, List<DriverReport> present) {
    super(
        "no driver for ["
            + device.name()
            + "]; drivers present: "
            + (present.isEmpty()
                ? "none"
                : present.stream().map(NoDriverException::line).collect(Collectors.joining(", ")))
            + "; put the vendor's jar on the module path");
  }

  private static String line(DriverReport report) {
    return report.id() + (report.isUsable() ? "" : " (not usable: " + report.unavailable() + ")");
  }
}
