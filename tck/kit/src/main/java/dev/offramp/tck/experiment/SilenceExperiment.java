package dev.offramp.tck.experiment;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Send;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.descriptor.Shape;
import dev.offramp.tck.rule.EventRules;
import dev.offramp.tck.rule.MpaRules;
import dev.offramp.tck.rule.NegotiationRules;
import dev.offramp.tck.rule.RdmapRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import dev.offramp.tck.wire.Ddp;
import dev.offramp.tck.wire.Heard;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Who speaks first, and what is said when nobody answers. */
final class SilenceExperiment extends WireExperiment {
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  @Override
  public String name() {
    return "silence";
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(
        MpaRules.R026,
        MpaRules.R039,
        MpaRules.R051,
        MpaRules.R066,
        RdmapRules.R112,
        NegotiationRules.L23,
        NegotiationRules.L26,
        EventRules.L45,
        EventRules.L46,
        EventRules.L47,
        EventRules.L48,
        EventRules.L49,
        EventRules.L50,
        SpiRules.S10);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    responder(lab, judgement);
    for (RtrKind rtr : RtrKind.values()) {
      initiator(lab, rtr, judgement);
      peerToPeerResponder(lab, rtr, judgement);
    }
    ports(lab, judgement);
  }

  /** A Responder with work to do says nothing for an hour, and everything after the first FPDU. */
  private static void responder(Lab lab, Judgement judgement) throws Exception {
    try (Bench bench = lab.open()) {
      Conversation talk = lab.arrive(bench, lab.shape().role(MpaRole.RESPONDER), "silence");
      MemoryRegion region = talk.allocate(256);
      long received = talk.receive(region);
      long early = sendOnPrepared(talk, judgement);
      talk.activate();
      long late = talk.send(new byte[] {2});
      talk.run();
      bench.conductor().pass(HOUR);
      int quiet = talk.peer().reader().fpdus();
      require(
          quiet == 0,
          EventRules.L46,
          "a Responder whose peer is silent sent %d FPDUs".formatted(quiet),
          talk,
          judgement);
      judgeRepeats(talk, judgement);
      talk.peer().send(new byte[] {7, 7});
      talk.run();
      List<Heard> heard = withoutEmptyWrites(talk);
      int expected = early < 0 ? 1 : 2;
      require(
          heard.size() == expected && heard.stream().allMatch(h -> h.opcode() == Ddp.SEND),
          EventRules.L45,
          "after the first FPDU a Responder sent %s, expected its %d Sends"
              .formatted(heard, expected),
          talk,
          judgement);
      for (Rule rule : List.of(SpiRules.S10, MpaRules.R026)) {
        require(
            talk.completionOf(received).isPresent(),
            rule,
            "a Receive that was posted before activate was not there for the first FPDU: end "
                + talk.end(),
            talk,
            judgement);
      }
      require(
          talk.completionOf(late).isPresent(),
          EventRules.L45,
          "a Send that had to wait for the first FPDU never completed: " + shown(talk),
          talk,
          judgement);
      judgeWire(talk, judgement);
      talk.finish();
    }
  }

  /** Work that is posted before activate; -1 when the driver does not take it, as it may. */
  private static long sendOnPrepared(Conversation talk, Judgement judgement) throws Exception {
    MemoryRegion region = talk.allocate(4);
    long id = talk.newId();
    try {
      talk.post(new Send(id, region.whole()));
      return id;
    } catch (IllegalStateException e) {
      judgement.note("work that is posted before activate is refused: " + e.getMessage());
      return -1;
    }
  }

  /** An Initiator in each mode: the indication first, then its own work. */
  private static void initiator(Lab lab, RtrKind rtr, Judgement judgement) throws Exception {
    if (rtr != RtrKind.NONE && !lab.capabilities().mpaRevisions().contains(2)) {
      return;
    }
    Shape shape =
        lab.shape()
            .role(MpaRole.INITIATOR)
            .rtr(rtr)
            .revision(rtr == RtrKind.NONE ? lab.shape().revision() : 2);
    try (Bench bench = lab.open()) {
      if (!Admissions.takes(lab, bench, shape)) {
        return;
      }
      Conversation talk = lab.arrive(bench, shape, "rtr " + rtr);
      sendOnPrepared(talk, judgement);
      talk.activate();
      talk.send(new byte[] {1});
      talk.run();
      List<Heard> heard = talk.peer().heard();
      boolean indicated = rtr == RtrKind.NONE || !heard.isEmpty();
      require(
          indicated,
          MpaRules.R066,
          "an Initiator that agreed on %s sent no indication".formatted(rtr),
          talk,
          judgement);
      if (rtr == RtrKind.READ) {
        talk.peer().serve(1);
      } else {
        talk.peer().breakSilence();
      }
      talk.run();
      bench.conductor().pass(HOUR);
      judgeRepeats(talk, judgement);
      require(
          talk.peer().heard().stream().anyMatch(h -> h.payload().length() == 1),
          EventRules.L45,
          "an Initiator with indication %s never sent its own work: %s"
              .formatted(rtr, talk.peer().heard()),
          talk,
          judgement);
      judgeWire(talk, judgement);
      talk.finish();
    }
  }

  /** The indication of the peer sets a Responder free, whatever its kind. */
  private static void peerToPeerResponder(Lab lab, RtrKind rtr, Judgement judgement)
      throws Exception {
    if (rtr == RtrKind.NONE || !lab.capabilities().mpaRevisions().contains(2)) {
      return;
    }
    Shape shape = lab.shape().role(MpaRole.RESPONDER).rtr(rtr).revision(2);
    try (Bench bench = lab.open()) {
      if (!Admissions.takes(lab, bench, shape)) {
        return;
      }
      Conversation talk = lab.arrive(bench, shape, "rtr responder " + rtr);
      MemoryRegion region = talk.allocate(64);
      long received = talk.receive(region);
      talk.activate();
      long id = talk.send(new byte[] {5});
      talk.run();
      switch (rtr) {
        case SEND -> talk.peer().send(new byte[0]);
        case WRITE -> talk.peer().breakSilence();
        case READ -> talk.peer().readRequest(1, 0, 0, 1, 0);
        case NONE -> throw new IllegalStateException("not tried");
      }
      talk.run();
      require(
          talk.completionOf(id).isPresent(),
          EventRules.L45,
          "a Responder was not set free by the indication %s: %s; end %s"
              .formatted(rtr, talk.peer().heard(), talk.end()),
          talk,
          judgement);
      if (rtr == RtrKind.SEND && talk.completionOf(received).isPresent()) {
        judgement.note("the indication SEND uses up a Receive of the ULP");
      }
      judgeWire(talk, judgement);
      talk.finish();
    }
  }

  /** The same with the ports exchanged: who opened the TCP connection is nobody's business. */
  private static void ports(Lab lab, Judgement judgement) throws Exception {
    for (MpaRole role : MpaRole.values()) {
      for (boolean localIsHigh : new boolean[] {true, false}) {
        try (Bench bench = lab.open()) {
          Conversation talk =
              Conversation.arrive(
                      bench,
                      Descriptors.withPorts(
                          lab.draw(lab.shape().role(role), "ports"),
                          localIsHigh ? 61_000 : 80,
                          localIsHigh ? 80 : 61_000))
                  .activate();
          talk.send(new byte[] {3});
          talk.run();
          boolean spoke = talk.peer().reader().fpdus() > 0;
          require(
              spoke == (role == MpaRole.INITIATOR),
              EventRules.L48,
              "an MPA %s with local port %s the remote one %s"
                  .formatted(
                      role,
                      localIsHigh ? "above" : "below",
                      spoke ? "spoke first" : "did not speak"),
              talk,
              judgement);
          judgeWire(talk, judgement);
        }
      }
    }
  }

  /** After an hour: nothing of start-up again, nothing that nobody asked for. */
  private static void judgeRepeats(Conversation talk, Judgement judgement) throws Exception {
    long sends =
        talk.peer().heard().stream()
            .filter(h -> Ddp.isSend(h.opcode()) && h.payload().length() > 0)
            .count();
    List<Heard> odd =
        talk.peer().heard().stream()
            .filter(h -> h.payload().isEmpty() && h.opcode() != Ddp.WRITE)
            .skip(1)
            .toList();
    require(
        odd.isEmpty(),
        NegotiationRules.L23,
        "messages without content that nobody asked for: " + odd,
        talk,
        judgement);
    long asked =
        talk.bench().trace().events().stream()
            .filter(e ->
                e.kind() == dev.offramp.tck.trace.TraceEvent.Kind.CALL
                    && e.place().startsWith("post SEND"))
            .count();
    require(
        sends <= asked,
        NegotiationRules.L26,
        "after an hour %d messages with content came, %d were posted".formatted(sends, asked),
        talk,
        judgement);
  }

  private static List<Heard> withoutEmptyWrites(Conversation talk) {
    return talk.peer().heard().stream()
        .filter(h -> h.opcode() != Ddp.WRITE || h.payload().length() > 0)
        .toList();
  }
}
