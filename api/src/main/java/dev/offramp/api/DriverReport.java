package dev.offramp.api;

import java.util.List;
import java.util.Set;
import org.apiguardian.api.API;

/**
 * What is known of one RNIC driver, usable or not.
 *
 * @param id the driver's name
 * @param origin where its code is: a jar's or module's location
 * @param compiledSpiVersion the SPI version it was compiled against
 * @param runtimeSpiVersion the SPI version that is running
 * @param rnics the RNICs that it serves here, by the names that {@link OfframpOptions#rnic} takes
 * @param capabilities words for people, in iWARP terms
 * @param unavailable why it is not usable; empty when it is
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record DriverReport(
    String id,
    String origin,
    String compiledSpiVersion,
    String runtimeSpiVersion,
    List<String> rnics,
    Set<String> capabilities,
    String unavailable) {
  public DriverReport {
    rnics = List.copyOf(rnics);
    capabilities = Set.copyOf(capabilities);
  }

  public boolean isUsable() {
    return unavailable.isEmpty();
  }
}
