package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.spi.RnicCapabilities;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.descriptor.Shape;
import dev.offramp.tck.rule.NegotiationRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import dev.offramp.tck.trace.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What a driver takes and what it refuses, on both sides of each declared limit. */
final class AdmissionExperiment implements Experiment {
  @Override
  public String name() {
    return "admission";
  }

  @Override
  public Stage stage() {
    return Stage.CONTRACT;
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(
        SpiRules.S04,
        SpiRules.S05,
        SpiRules.S14,
        SpiRules.S22,
        NegotiationRules.L19,
        NegotiationRules.L20);
  }

  /** What the declared limits say. */
  private enum Limit {
    WITHIN,
    BEYOND,
    SILENT;

    static Limit of(boolean within) {
      return within ? WITHIN : BEYOND;
    }
  }

  /** A shape, and what the declared limits say of it. */
  private record Case(String what, Shape shape, Limit limit, RefusalReason reason) {}

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    if (!lab.baseline().taken()) {
      judgement.fail(
          SpiRules.S14,
          "no plain connection is taken; the last refusals are %s"
              .formatted(lab.baseline().refusals()));
    }
    texts(lab.baseline().refusals(), judgement);
    for (Case one : cases(lab)) {
      try (Bench bench = lab.open()) {
        judge(lab, bench, one, judgement);
      }
    }
    ulpManaged(lab, judgement);
  }

  private static List<Case> cases(Lab lab) throws Exception {
    RnicCapabilities can = lab.capabilities();
    Shape plain = lab.shape();
    List<Case> cases = new ArrayList<>();
    cases.add(new Case("a plain connection", plain, Limit.WITHIN, RefusalReason.UNSUPPORTED));
    for (int ird : new int[] {0, 1, 7, 8, 127, 128, 255, 256, 16382}) {
      cases.add(
          new Case(
              "an IRD of " + ird,
              plain.depths(ird, plain.ord()),
              Limit.of(ird <= can.maxIrd()),
              RefusalReason.READ_DEPTH));
    }
    for (int ord : new int[] {0, 1, 7, 8, 127, 128, 255, 256, 16382}) {
      cases.add(
          new Case(
              "an ORD of " + ord,
              plain.depths(plain.ird(), ord),
              Limit.of(ord <= can.maxOrd()),
              RefusalReason.READ_DEPTH));
    }
    cases.add(
        new Case(
            "the largest depths",
            plain.depths(can.maxIrd(), can.maxOrd()),
            Limit.WITHIN,
            RefusalReason.READ_DEPTH));
    for (int bytes : new int[] {0, 56, 57, 255, 256, 508}) {
      cases.add(
          new Case(
              bytes + " octets of private data",
              plain.privateDataBytes(bytes),
              bytes <= can.maxPrivateDataBytes() ? Limit.WITHIN : Limit.SILENT,
              RefusalReason.PRIVATE_DATA));
    }
    cases.add(new Case("IPv6", plain.ipv6(true), Limit.SILENT, RefusalReason.ADDRESS_FAMILY));
    cases.add(
        new Case("timestamps", plain.timestamps(true), Limit.SILENT, RefusalReason.TIMESTAMPS));
    cases.add(new Case("SACK", plain.sack(true), Limit.SILENT, RefusalReason.SACK));
    cases.add(new Case("a VLAN tag", plain.vlan(true), Limit.SILENT, RefusalReason.UNSUPPORTED));
    cases.add(
        new Case("unread bytes", plain.queues(10, 0, 0), Limit.SILENT, RefusalReason.UNREAD_BYTES));
    cases.add(
        new Case(
            "unacknowledged bytes",
            plain.queues(0, 10, 0),
            can.needsDrainedSendQueue() ? Limit.BEYOND : Limit.SILENT,
            RefusalReason.UNACKNOWLEDGED_BYTES));
    return cases;
  }

  private static void judge(Lab lab, Bench bench, Case one, Judgement judgement) throws Exception {
    for (MpaRole role : MpaRole.values()) {
      if (lab.shape().residence() == dev.offramp.api.descriptor.TcpResidence.HOST_STACK
          && (one.shape().unreadBytes() > 0 || one.shape().unacknowledgedBytes() > 0)) {
        return; // TCP's queues stay where they are
      }
      IwarpConnectionDescriptor d = lab.draw(one.shape().role(role), "admission " + one.what());
      bench.conductor().settle(0);
      int before = bench.trace().size();
      Admission admission = Admissions.ask(bench, d);
      Admission again = Admissions.ask(bench, d);
      if (!admission.equals(again)) {
        judgement.fail(
            SpiRules.S04,
            "%s: admits said %s and then %s".formatted(one.what(), admission, again),
            Evidences.of(d));
      }
      if (bench.trace().since(before).stream().anyMatch(TraceEvent::isOutput)) {
        judgement.fail(
            SpiRules.S04, one.what() + ": admits touched a port", Evidences.of(d, bench.trace()));
      }
      texts(admission.refusals(), judgement);
      limits(one, admission, judgement, d);
      arrives(bench, one, d, admission, judgement);
    }
  }

  private static void limits(
      Case one, Admission admission, Judgement judgement, IwarpConnectionDescriptor d) {
    Set<RefusalReason> reasons = Admissions.reasons(admission);
    if (one.limit() == Limit.WITHIN && !admission.isAdmitted()) {
      judgement.fail(
          SpiRules.S14,
          "%s is within the declared limits and refused: %s"
              .formatted(one.what(), admission.refusals()),
          Evidences.of(d));
      if (one.reason() == RefusalReason.READ_DEPTH) {
        judgement.fail(
            NegotiationRules.L19,
            "%s is within the declared limits and refused".formatted(one.what()),
            Evidences.of(d));
      }
    } else if (one.limit() == Limit.BEYOND
        && admission.isAdmitted()
        && lists(admission, one.reason())) {
      judgement.note(one.what() + " is beyond the declared limits; the driver says what is lost");
    } else if (one.limit() == Limit.BEYOND && admission.isAdmitted()) {
      judgement.fail(
          SpiRules.S14,
          "%s is beyond the declared limits and taken".formatted(one.what()),
          Evidences.of(d));
    } else if (one.limit() == Limit.BEYOND && !reasons.contains(one.reason())) {
      judgement.fail(
          SpiRules.S14,
          "%s is refused with %s, expected %s".formatted(one.what(), reasons, one.reason()),
          Evidences.of(d));
    }
  }

  /**
   * Whether the driver says beforehand that it would lower what is beyond its limits. The runtime
   * refuses such a loss unless the caller has accepted it.
   */
  private static boolean lists(Admission admission, RefusalReason reason) {
    Set<FieldKey<?>> fields =
        switch (reason) {
          case READ_DEPTH -> Set.of(DescriptorFields.IRD, DescriptorFields.ORD);
          case UNACKNOWLEDGED_BYTES -> Set.of(DescriptorFields.UNACKNOWLEDGED);
          case PRIVATE_DATA -> Set.of(DescriptorFields.LOCAL_PRIVATE_DATA);
          default -> Set.of();
        };
    return admission.losses().stream().anyMatch(loss -> fields.contains(loss.field()));
  }

  /** What admits says, arrive does. */
  private static void arrives(
      Bench bench, Case one, IwarpConnectionDescriptor d, Admission admission, Judgement judgement)
      throws Exception {
    bench.wire(d);
    String seen = "taken";
    Set<RefusalReason> reasons = Set.of();
    try {
      var arrival = bench.call("arrive", () -> bench.rnic().arrive(d));
      bench.call(
          "abandon",
          () -> {
            arrival.abandon();
            return null;
          });
    } catch (TransferException e) {
      reasons =
          e.refusals().stream().map(Refusal::reason).collect(java.util.stream.Collectors.toSet());
      seen = String.valueOf(e.getMessage());
      text(seen, judgement);
    }
    boolean refused = !seen.equals("taken");
    if (refused == admission.isAdmitted()
        || (refused && !reasons.equals(Admissions.reasons(admission)))) {
      judgement.fail(
          SpiRules.S05,
          "%s: admits says %s, arrive says [%s]"
              .formatted(
                  one.what(), admission.isAdmitted() ? "yes" : Admissions.reasons(admission), seen),
          Evidences.of(d, bench.trace()));
    }
  }

  /** 0x3FFF is no number: either it is kept as it is, or refused with its reason. */
  private static void ulpManaged(Lab lab, Judgement judgement) throws Exception {
    for (boolean inbound : new boolean[] {true, false}) {
      Shape plain = lab.shape();
      IwarpConnectionDescriptor d =
          Descriptors.with(
              lab.draw(plain, "ULP managed"),
              inbound ? DescriptorFields.IRD : DescriptorFields.ORD,
              DescriptorFields.ULP_MANAGED_DEPTH);
      String what = inbound ? "an IRD of 0x3FFF" : "an ORD of 0x3FFF";
      try (Bench bench = lab.open()) {
        Admission admission =
            bench.call("admits", () -> bench.rnic().admits(ConnectionProfile.of(d)));
        if (!admission.isAdmitted()) {
          if (!Admissions.reasons(admission).contains(RefusalReason.READ_DEPTH)) {
            judgement.fail(
                NegotiationRules.L20,
                "%s is refused with %s, expected READ_DEPTH"
                    .formatted(what, Admissions.reasons(admission)),
                Evidences.of(d));
          }
          continue;
        }
        bench.wire(d);
        var arrival = bench.call("arrive", () -> bench.rnic().arrive(d));
        var mpa = bench.call("mpa", () -> arrival.prepared().mpa());
        int seen = inbound ? mpa.ird() : mpa.ord();
        boolean listed =
            admission.losses().stream()
                .anyMatch(loss ->
                    loss.field().equals(inbound ? DescriptorFields.IRD : DescriptorFields.ORD));
        if (seen != DescriptorFields.ULP_MANAGED_DEPTH && !listed) {
          judgement.fail(
              NegotiationRules.L20,
              "%s is taken and became %d in mpa()".formatted(what, seen),
              Evidences.of(d, bench.trace()));
        }
        bench.call(
            "abandon",
            () -> {
              arrival.abandon();
              return null;
            });
      }
    }
  }

  private static void texts(List<Refusal> refusals, Judgement judgement) {
    for (Refusal refusal : refusals) {
      if (refusal.seen().isBlank() || refusal.expected().isBlank() || refusal.remedy().isBlank()) {
        judgement.fail(
            SpiRules.S22,
            "a refusal without seen, expected or remedy: [%s] [%s] [%s]"
                .formatted(refusal.seen(), refusal.expected(), refusal.remedy()));
      }
    }
  }

  private static void text(String message, Judgement judgement) {
    if (message.isBlank()) {
      judgement.fail(SpiRules.S22, "an exception without a message");
    }
  }
}
