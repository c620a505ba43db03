package dev.offramp.cli.matrix;

import dev.offramp.models.NthFault;
import dev.offramp.models.RecordedFaults;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the devices of a pair can fail during a move. A move without a fault tells which places its
 * commands pass; each of them fails in a case of its own.
 */
final class FaultPlaces {
  /** The model's value for the usual failure. */
  private static final long USUAL = 1;

  /** Places at which a command is refused; and places at which an answer never comes. */
  private static final List<String> REFUSES =
      List.of("chelsio.request.", "chelsio.command.", "intel.command.", "intel.load");

  private static final String CHELSIO_MESSAGE = "chelsio.message.";
  private static final String LOST = ".lost";
  private static final String IGNORED = "intel.control.ignored";

  private FaultPlaces() {}

  /** All faults of the devices of a rig. */
  static List<Fault> faults(FaultRig rig) throws Exception {
    Map<String, RecordedFaults> records = new LinkedHashMap<>();
    for (String device : rig.devices().names()) {
      records.put(device, new RecordedFaults());
    }
    rig.beforeMove(
        () -> records.forEach((device, record) -> rig.devices().breaking(device).to(record)));
    new FaultCase(rig, FaultInjection.none()).run();
    rig.beforeMove(() -> {});
    List<Fault> faults = new ArrayList<>();
    records.forEach(
        (device, record) -> record.seen().keySet().forEach(place -> add(faults, device, place)));
    return faults;
  }

  private static void add(List<Fault> faults, String device, String place) {
    if (REFUSES.stream().anyMatch(place::startsWith)) {
      faults.add(Fault.of(device, place, false, false));
    } else if (place.startsWith(CHELSIO_MESSAGE) && place.endsWith(LOST) && isReply(place)) {
      faults.add(Fault.of(device, place, false, true));
    } else if (place.equals(IGNORED)) {
      faults.add(Fault.of(device, place, false, true));
      faults.add(Fault.of(device, place, true, true));
    }
  }

  /** A message that the driver waits for by itself, not one of a stream's. */
  private static boolean isReply(String place) {
    return place.contains("-rpl") || place.contains("fw4-ack");
  }

  static NthFault of(Fault fault) {
    return new NthFault(fault.where(), 1, USUAL);
  }
}
