package dev.offramp.interop;

import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.transfer.TransferStep;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** An RNIC that connections are moved to, and the steps of the moves. */
final class Owner {
  private final String rnic;
  private final Map<String, String> settings;
  private final List<FieldKey<?>> acceptedLosses;
  private final Map<TransferStep, String> steps = new ConcurrentHashMap<>();

  private Owner(String rnic, Map<String, String> settings, List<FieldKey<?>> acceptedLosses) {
    this.rnic = rnic;
    this.settings = settings;
    this.acceptedLosses = acceptedLosses;
  }

  /** The software RNIC on the host's own socket, as it is out of the box. */
  static Owner hostResident() {
    return new Owner(OfframpOptions.HOST_RESIDENT, Map.of(), List.of());
  }

  /** The software RNIC in a network namespace of its own. */
  static Owner detached(String nicSetting, String nic) {
    return new Owner(OfframpOptions.DETACHED, Map.of(nicSetting, nic), List.of());
  }

  /** An emulated adapter; what it cannot carry on is accepted as lost. */
  static Owner adapter(String name) {
    return new Owner(name, Map.of(), DescriptorFields.all());
  }

  /** The same with one more setting. */
  Owner with(String setting, String value) {
    Map<String, String> more = new LinkedHashMap<>(settings);
    more.put(setting, value);
    return new Owner(rnic, more, acceptedLosses);
  }

  String rnic() {
    return rnic;
  }

  /** A front door to it, whose moves are noted. */
  Offramp open() {
    OfframpOptions.Builder options =
        OfframpOptions.builder()
            .rnic(rnic)
            .listener((step, owner, startNanos, endNanos) -> steps.put(step, owner));
    settings.forEach(options::setting);
    acceptedLosses.forEach(options::acceptLoss);
    return Offramp.open(options.build());
  }

  /**
   * Checks that a whole move has been made, from the kernel to this RNIC.
   *
   * @return in short what was seen, for the table
   */
  String requireMove() throws CaseFailure {
    Set<TransferStep> expected =
        EnumSet.of(TransferStep.PREPARE, TransferStep.RELEASE, TransferStep.ACTIVATE);
    CaseFailure.require(
        steps.keySet().containsAll(expected), steps.toString(), "the steps " + expected);
    CaseFailure.require(
        rnic.equals(steps.get(TransferStep.ACTIVATE)), steps.toString(), "activated at " + rnic);
    return steps.get(TransferStep.RELEASE) + " -> " + steps.get(TransferStep.ACTIVATE);
  }
}
