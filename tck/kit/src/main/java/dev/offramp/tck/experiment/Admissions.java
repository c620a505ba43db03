package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.descriptor.Shape;
import java.util.Set;
import java.util.stream.Collectors;

/** Asks a driver whether it would take a connection. */
final class Admissions {
  private Admissions() {}

  static Admission ask(Bench bench, IwarpConnectionDescriptor descriptor) throws Exception {
    return bench.call("admits", () -> bench.rnic().admits(ConnectionProfile.of(descriptor)));
  }

  static boolean takes(Lab lab, Bench bench, Shape shape) throws Exception {
    return ask(bench, lab.draw(shape, "admission")).isAdmitted();
  }

  static Set<RefusalReason> reasons(Admission admission) {
    return admission.refusals().stream().map(Refusal::reason).collect(Collectors.toSet());
  }
}
