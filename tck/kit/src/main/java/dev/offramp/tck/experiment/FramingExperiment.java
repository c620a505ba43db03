package dev.offramp.tck.experiment;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.spi.RnicCapabilities;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.descriptor.Shape;
import dev.offramp.tck.rule.MpaRules;
import dev.offramp.tck.rule.NegotiationRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SequenceRules;
import dev.offramp.tck.rule.SpiRules;
import dev.offramp.tck.wire.Heard;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Markers and CRCs, on and off, in each direction: as agreed, or refused as declared. */
final class FramingExperiment extends WireExperiment {
  private static final Set<Rule> OUT =
      Set.of(
          MpaRules.R009,
          MpaRules.R011,
          MpaRules.R012,
          MpaRules.R013,
          MpaRules.R014,
          MpaRules.R019,
          SequenceRules.L17);
  private static final Set<Rule> IN = Set.of(MpaRules.R010, MpaRules.R015);

  @Override
  public String name() {
    return "framing";
  }

  @Override
  public Set<Rule> decides() {
    Set<Rule> all = new java.util.HashSet<>(OUT);
    all.addAll(IN);
    all.addAll(
        Set.of(
            MpaRules.R005,
            MpaRules.R008,
            MpaRules.R017,
            MpaRules.R018,
            MpaRules.R029,
            MpaRules.R047,
            NegotiationRules.L31,
            SpiRules.S14));
    return all;
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    RnicCapabilities can = lab.capabilities();
    if (!can.sendMarkers()) {
      OUT.forEach(rule -> judgement.refused(rule, "sendMarkers is not declared, and refused"));
    }
    if (!can.receiveMarkers()) {
      IN.forEach(rule -> judgement.refused(rule, "receiveMarkers is not declared, and refused"));
    }
    if (!can.crcCanBeOff()) {
      judgement.refused(MpaRules.R008, "crcCanBeOff is not declared, and refused");
    }
    Map<String, List<Long>> counts = new HashMap<>();
    for (boolean crc : new boolean[] {true, false}) {
      for (boolean send : new boolean[] {false, true}) {
        for (boolean receive : new boolean[] {false, true}) {
          combination(lab, can, lab.shape().crc(crc).markers(send, receive), counts, judgement);
        }
      }
    }
    for (int revision = 1; revision <= 2; revision++) {
      revision(lab, can, revision, judgement);
    }
    if (can.receiveMarkers()) {
      spoiltMarker(lab, judgement);
    }
  }

  private static void combination(
      Lab lab,
      RnicCapabilities can,
      Shape shape,
      Map<String, List<Long>> counts,
      Judgement judgement)
      throws Exception {
    boolean declared =
        (can.sendMarkers() || !shape.sendMarkers())
            && (can.receiveMarkers() || !shape.receiveMarkers())
            && (can.crcCanBeOff() || shape.crc());
    String what =
        "CRC %s, markers out %s, in %s"
            .formatted(shape.crc(), shape.sendMarkers(), shape.receiveMarkers());
    for (MpaRole role : MpaRole.values()) {
      try (Bench bench = lab.open()) {
        Admission admission = Admissions.ask(bench, lab.draw(shape.role(role), "framing"));
        Set<RefusalReason> reasons = Admissions.reasons(admission);
        if (declared != admission.isAdmitted()) {
          judgement.fail(
              SpiRules.S14,
              "%s is %s and %s"
                  .formatted(
                      what,
                      declared ? "declared" : "not declared",
                      admission.isAdmitted() ? "taken" : "refused with " + reasons));
        } else if (!declared) {
          boolean right =
              reasons.contains(RefusalReason.MARKERS)
                  || (!shape.crc() && reasons.contains(RefusalReason.MPA_OPTION));
          if (!right) {
            judgement.fail(
                SpiRules.S14, "%s is refused with %s, expected MARKERS".formatted(what, reasons));
          }
        } else {
          Conversation talk = talk(lab, bench, shape.role(role), what, judgement);
          String others = "%s %s".formatted(role, what.substring(what.indexOf(',')));
          List<Long> told = talk.completions().stream().map(Completion::bytes).toList();
          List<Long> before = counts.putIfAbsent(others, told);
          require(
              before == null || before.equals(told),
              MpaRules.R017,
              "%s: requests complete with %s bytes, with the other choice of CRC with %s"
                  .formatted(what, told, before),
              talk,
              judgement);
        }
      }
    }
  }

  private static Conversation talk(
      Lab lab, Bench bench, Shape shape, String what, Judgement judgement) throws Exception {
    RandomGenerator random = lab.random("framing " + what);
    Conversation talk = lab.arrive(bench, shape, "framing " + what).activate();
    talk.peer().framer().markerBits(0xBEEF, 3);
    talk.peer().breakSilence();
    talk.run();
    MemoryRegion region = talk.allocate(16 << 10);
    // Sizes that move the place of markers through all places of an FPDU.
    int size = 0;
    int rounds = shape.sendMarkers() || shape.receiveMarkers() ? 70 : 10;
    for (int i = 0; i < rounds; i++) {
      size = (size + 137) % 1300;
      byte[] payload = Payload.of(random, size);
      int before = talk.peer().heard().size();
      talk.send(payload);
      talk.run();
      require(
          SendingExperiment.newsSince(talk, before).stream()
              .anyMatch(h -> Arrays.equals(h.payload().toByteArray(), payload)),
          shape.sendMarkers() ? MpaRules.R011 : MpaRules.R029,
          "%s: a Send of %d octets did not come as it was posted".formatted(what, size),
          talk,
          judgement);
      if (!shape.crc()) {
        talk.peer().framer().spoilCrc(random.nextInt());
      }
      long id = talk.receive(region);
      talk.peer().send(payload);
      talk.run();
      boolean received =
          talk.completionOf(id).isPresent()
              && Arrays.equals(
                  Conversation.octets(region), 0, payload.length, payload, 0, payload.length);
      require(
          received,
          shape.receiveMarkers() ? MpaRules.R015 : MpaRules.R029,
          "%s: a Send of %d octets was not received as it was sent; end %s"
              .formatted(what, size, talk.end()),
          talk,
          judgement);
      if (!received) {
        break;
      }
    }
    if (!shape.crc()) {
      for (Rule rule : List.of(MpaRules.R008, MpaRules.R018)) {
        require(
            talk.end().isEmpty(),
            rule,
            what + ": a CRC that is not to be looked at ended the stream: " + talk.end(),
            talk,
            judgement);
      }
    }
    long big = talk.send(new byte[9000]);
    talk.run();
    require(
        talk.completionOf(big).isPresent(), MpaRules.R029, what + ": a long Send", talk, judgement);
    require(
        talk.connection().mpa().crc() == shape.crc()
            && talk.connection().mpa().sendMarkers() == shape.sendMarkers()
            && talk.connection().mpa().receiveMarkers() == shape.receiveMarkers(),
        NegotiationRules.L31,
        "%s: mpa() says %s".formatted(what, talk.connection().mpa()),
        talk,
        judgement);
    wire(talk, shape, judgement);
    talk.finish();
    return talk;
  }

  /** Deviations, and for markers the class of leaks that they are. */
  private static void wire(Conversation talk, Shape shape, Judgement judgement) {
    judgeWire(talk, judgement);
    if (shape.sendMarkers()) {
      talk.peer().deviations().stream()
          .filter(d -> OUT.contains(d.rule()) && !d.rule().equals(MpaRules.R019))
          .findFirst()
          .ifPresent(d -> judgement.fail(SequenceRules.L17, d.text(), Evidences.of(talk)));
    }
    talk.peer().deviations().stream()
        .filter(d -> d.text().startsWith("FPDU"))
        .findFirst()
        .ifPresent(d -> judgement.fail(NegotiationRules.L31, d.text(), Evidences.of(talk)));
    for (Heard heard : talk.peer().heard()) {
      if (heard.longestUlpduBytes() > 64768) {
        judgement.fail(MpaRules.R003, "a ULPDU of more than 64768 octets", Evidences.of(talk));
      }
    }
  }

  private static void revision(Lab lab, RnicCapabilities can, int revision, Judgement judgement)
      throws Exception {
    Shape shape = lab.shape().revision(revision);
    try (Bench bench = lab.open()) {
      Admission admission = Admissions.ask(bench, lab.draw(shape, "revision " + revision));
      boolean declared = can.mpaRevisions().contains(revision);
      if (declared != admission.isAdmitted()) {
        judgement.fail(
            SpiRules.S14,
            "MPA revision %d is %s and %s"
                .formatted(
                    revision,
                    declared ? "declared" : "not declared",
                    admission.isAdmitted() ? "taken" : "refused with " + admission.refusals()));
        return;
      }
      if (declared) {
        Conversation talk = lab.arrive(bench, shape, "revision " + revision).activate();
        require(
            talk.connection().mpa().revision() == revision,
            MpaRules.R005,
            "revision %d became %d in mpa()"
                .formatted(revision, talk.connection().mpa().revision()),
            talk,
            judgement);
        talk.finish();
      }
    }
  }

  private static void spoiltMarker(Lab lab, Judgement judgement) throws Exception {
    try (Bench bench = lab.open()) {
      Shape shape = lab.shape().role(MpaRole.RESPONDER).markers(false, true);
      Conversation talk = lab.arrive(bench, shape, "spoilt marker").activate();
      // A Responder that has heard nothing yet may not even send a Terminate.
      talk.peer().breakSilence();
      talk.run();
      talk.receive(talk.allocate(2048));
      talk.peer().framer().spoilMarkers();
      talk.peer().send(new byte[1000]);
      talk.run();
      int triple =
          talk.peer().heard().stream()
              .mapToInt(Heard::terminateTriple)
              .filter(t -> t >= 0)
              .findFirst()
              .orElse(-1);
      require(
          // The number itself is R127's: here it counts that it is no other of MPA's errors.
          triple >> 12 == 2 && (triple & 0xFF) == 3,
          MpaRules.R047,
          "a marker that does not match: Terminate [%04x], expected 2/0/03; end %s"
              .formatted(triple, talk.end()),
          talk,
          judgement);
    }
  }
}
