package dev.offramp.tck.experiment;

import dev.offramp.spi.Device;
import dev.offramp.spi.RnicCapabilities;
import dev.offramp.spi.RnicDriver;
import dev.offramp.spi.SpiVersion;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.rule.FrameRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import dev.offramp.tck.trace.TraceEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What a driver says of itself: id, version, devices, capabilities. */
final class ContractExperiment implements Experiment {
  private static final Pattern ID = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");
  private static final int MAX_DEPTH = 16382;
  private static final int MAX_PRIVATE_DATA = 512;

  /** Sizes of private data that other transports and their libraries have, never MPA. */
  private static final Set<Integer> FOREIGN_SIZES =
      Set.of(56, 92, 148, 184, 192, 196, 204, 208, 212, 216, 220, 224);

  @Override
  public String name() {
    return "contract";
  }

  @Override
  public Stage stage() {
    return Stage.CONTRACT;
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(SpiRules.S01, SpiRules.S02, SpiRules.S03, FrameRules.L33);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    try (Bench bench = lab.closed(Map.of(), dev.offramp.models.Faults.NONE)) {
      driver(lab, bench, judgement);
      if (bench.trace().events().stream().anyMatch(TraceEvent::isOutput)) {
        judgement.fail(
            SpiRules.S01,
            "the driver touched a port before it was opened",
            Evidences.of(bench.trace()));
      }
      bench.open();
      RnicCapabilities can = bench.call("capabilities", () -> bench.rnic().capabilities());
      capabilities(can, judgement);
      RnicCapabilities again = bench.call("capabilities", () -> bench.rnic().capabilities());
      if (!can.equals(again)) {
        judgement.fail(
            SpiRules.S03, "capabilities() said [%s] and then [%s]".formatted(can, again));
      }
      String owner = bench.call("ownerName", () -> bench.rnic().ownerName());
      if (owner.isBlank()) {
        judgement.fail(SpiRules.S03, "ownerName() is empty");
      }
    }
  }

  private static void driver(Lab lab, Bench bench, Judgement judgement) throws Exception {
    RnicDriver driver = bench.driver();
    String id = bench.call("id", driver::id);
    if (!ID.matcher(id).matches() || !id.equals(driver.id())) {
      judgement.fail(
          SpiRules.S01,
          "id [%s]: expected lower-case letters, digits and hyphens, and always the same"
              .formatted(id));
    }
    SpiVersion compiled = bench.call("compiledSpiVersion", driver::compiledSpiVersion);
    if (!SpiVersion.running().runs(compiled)) {
      judgement.fail(
          SpiRules.S01,
          "compiled against SPI %s, %s is running".formatted(compiled, SpiVersion.running()));
    }
    if (bench.call("description", driver::description).isBlank()) {
      judgement.fail(SpiRules.S01, "description() is empty");
    }
    for (Device device :
        List.of(
            lab.target().device(),
            new Device("nobody's", Device.Kind.ADAPTER, 0xFFFF, 0xFFFF),
            new Device("", Device.Kind.ADAPTER, 0, 0))) {
      boolean first = bench.call("matches", () -> driver.matches(device));
      boolean second = bench.call("matches", () -> driver.matches(device));
      if (first != second) {
        judgement.fail(
            SpiRules.S02, "matches(%s) said %s and then %s".formatted(device, first, second));
      }
      if (first && device.vendorId() == 0xFFFF) {
        judgement.fail(
            SpiRules.S02,
            "matches(%s): an absent PCI device is not served by anybody".formatted(device));
      }
    }
  }

  private static void capabilities(RnicCapabilities can, Judgement judgement) {
    range("maxIrd", can.maxIrd(), 0, MAX_DEPTH, judgement);
    range("maxOrd", can.maxOrd(), 0, MAX_DEPTH, judgement);
    range("maxPrivateDataBytes", can.maxPrivateDataBytes(), 0, MAX_PRIVATE_DATA, judgement);
    range("maxGatherEntries", can.maxGatherEntries(), 1, Integer.MAX_VALUE, judgement);
    range("maxScatterEntries", can.maxScatterEntries(), 1, Integer.MAX_VALUE, judgement);
    range("sendQueueEntries", can.sendQueueEntries(), 1, Integer.MAX_VALUE, judgement);
    range("receiveQueueEntries", can.receiveQueueEntries(), 1, Integer.MAX_VALUE, judgement);
    if (can.mpaRevisions().isEmpty() || !Set.of(1, 2).containsAll(can.mpaRevisions())) {
      judgement.fail(
          SpiRules.S03, "mpaRevisions [%s]: expected 1, 2 or both".formatted(can.mpaRevisions()));
    }
    if (!can.consumes().containsAll(can.defaults().keySet())) {
      judgement.fail(
          SpiRules.S03, "defaults has fields that consumes does not have: " + can.defaults());
    }
    can.defaults()
        .forEach((field, value) -> {
          if (value.isBlank()) {
            judgement.fail(SpiRules.S03, "the default of " + field + " is empty");
          }
        });
    if (FOREIGN_SIZES.contains(can.maxPrivateDataBytes())) {
      judgement.fail(
          FrameRules.L33,
          "maxPrivateDataBytes is %d: that is another transport's limit, MPA has 512"
              .formatted(can.maxPrivateDataBytes()));
    }
  }

  private static void range(String what, int seen, int least, int most, Judgement judgement) {
    if (seen < least || seen > most) {
      judgement.fail(
          SpiRules.S03,
          "%s is %d, expected %d..%s"
              .formatted(what, seen, least, most == Integer.MAX_VALUE ? "" : most));
    }
  }
}
