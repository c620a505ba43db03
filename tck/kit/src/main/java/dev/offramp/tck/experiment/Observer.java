package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Admission;
import dev.offramp.models.Faults;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.oracle.Observation;
import dev.offramp.tck.trace.TraceEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Lets one connection arrive on a fresh device, and keeps all that the driver does with it. */
final class Observer {
  private Observer() {}

  static Observation observe(Lab lab, IwarpConnectionDescriptor d) throws Exception {
    return observe(lab, d, Map.of());
  }

  static Observation observe(Lab lab, IwarpConnectionDescriptor d, Map<String, String> settings)
      throws Exception {
    try (Bench bench = lab.open(settings, Faults.NONE)) {
      return observe(bench, d);
    }
  }

  /** On a device that is up. */
  static Observation observe(Bench bench, IwarpConnectionDescriptor d) throws Exception {
    Admission admission = Admissions.ask(bench, d);
    if (!admission.isAdmitted()) {
      return Observation.refused(
          Admissions.reasons(admission).stream()
              .map(Enum::name)
              .collect(Collectors.toCollection(TreeSet::new)));
    }
    int before = bench.trace().size();
    Conversation talk = Conversation.arrive(bench, d).activate();
    List<TraceEvent> events = bench.trace().since(before);
    List<String> upcalls =
        List.of(
            String.valueOf(bench.call("mpa", () -> talk.connection().mpa())),
            String.valueOf(bench.call("localAddress", () -> talk.connection().localAddress())),
            String.valueOf(bench.call("remoteAddress", () -> talk.connection().remoteAddress())));
    talk.abort();
    Set<String> losses =
        admission.losses().stream()
            .map(loss -> loss.field().path())
            .collect(Collectors.toCollection(TreeSet::new));
    return Observation.of(losses, events, upcalls);
  }
}
