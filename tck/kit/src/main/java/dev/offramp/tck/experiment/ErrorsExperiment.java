package dev.offramp.tck.experiment;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.experiment.BadSegment.Scene;
import dev.offramp.tck.rule.DdpRules;
import dev.offramp.tck.rule.ErrorRules;
import dev.offramp.tck.rule.EventRules;
import dev.offramp.tck.rule.ExtensionRules;
import dev.offramp.tck.rule.FrameRules;
import dev.offramp.tck.rule.MpaRules;
import dev.offramp.tck.rule.NegotiationRules;
import dev.offramp.tck.rule.RdmapRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import dev.offramp.tck.trace.TraceEvent;
import dev.offramp.tck.wire.Heard;
import dev.offramp.tck.wire.TerminateCopy;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Everything wrong that a peer can send: each time a Terminate, nothing placed, and an end. */
final class ErrorsExperiment extends WireExperiment {
  private static final int REGION_BYTES = 4096;
  private static final byte FILL = 0x6B;

  @Override
  public String name() {
    return "errors";
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(
        MpaRules.R020,
        MpaRules.R047,
        MpaRules.R048,
        MpaRules.R049,
        DdpRules.R073,
        DdpRules.R076,
        DdpRules.R087,
        DdpRules.R089,
        DdpRules.R090,
        DdpRules.R091,
        DdpRules.R092,
        DdpRules.R093,
        DdpRules.R095,
        RdmapRules.R096,
        RdmapRules.R098,
        RdmapRules.R100,
        RdmapRules.R102,
        RdmapRules.R106,
        RdmapRules.R107,
        RdmapRules.R108,
        RdmapRules.R115,
        RdmapRules.R116,
        RdmapRules.R117,
        ExtensionRules.R127,
        ErrorRules.L63,
        ErrorRules.L64,
        EventRules.L54,
        NegotiationRules.L22,
        FrameRules.L44,
        SpiRules.S19);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    for (BadSegment bad : BadSegments.all()) {
      if (!bad.needsReads() || lab.shape().ird() > 0) {
        try (Bench bench = lab.open()) {
          commit(lab, bench, bad, judgement);
        }
      }
    }
    firstIsBad(lab, judgement);
  }

  /** An Initiator whose peer begins with a bad FPDU, and then neither speaks nor closes. */
  private static void firstIsBad(Lab lab, Judgement judgement) throws Exception {
    try (Bench bench = lab.open()) {
      Conversation talk =
          lab.arrive(bench, lab.shape().role(MpaRole.INITIATOR).crc(true), "first is bad")
              .activate();
      // A peer that is an MPA Responder speaks only when it has heard something.
      talk.send(new byte[] {1});
      talk.run();
      talk.peer().framer().spoilCrc(1);
      talk.peer().send(new byte[4]);
      talk.run();
      bench.conductor().pass(TimeUnit.HOURS.toNanos(1));
      int triple = terminate(talk).map(Heard::terminateTriple).orElse(-1);
      require(
          triple >> 12 == 2 && (triple & 0xFF) == 2,
          MpaRules.R020,
          "the first FPDU has a wrong CRC: Terminate [%04x], expected 2/0/02; end %s"
              .formatted(triple, talk.end()),
          talk,
          judgement);
      judgeWire(talk, judgement);
    }
  }

  private static void commit(Lab lab, Bench bench, BadSegment given, Judgement judgement)
      throws Exception {
    Conversation talk = lab.arrive(bench, lab.shape().role(MpaRole.RESPONDER), "errors").activate();
    Scene scene =
        new Scene(
            talk,
            talk.allocate(REGION_BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE),
            talk.allocate(REGION_BYTES),
            talk.allocate(REGION_BYTES, Access.REMOTE_READ),
            talk.allocate(REGION_BYTES));
    BadSegment bad = given.on(scene);
    talk.peer().breakSilence();
    for (MemoryRegion region :
        List.of(scene.open(), scene.shut(), scene.readOnly(), scene.buffer())) {
      region.segment().fill(FILL);
    }
    // A Send before, so that there is an MSN which was delivered.
    long earlier = talk.newId();
    talk.post(new Receive(earlier, scene.buffer().slice(1024, 64)));
    talk.peer().send(new byte[] {9});
    talk.run();
    long posted = talk.newId();
    talk.post(new Receive(posted, scene.buffer().slice(0, 64)));
    byte[] openBefore = Conversation.octets(scene.open());
    bad.misdeed().commit(scene);
    byte[] segment = talk.peer().lastUlpdu();
    // What follows a bad segment must not be looked at any more.
    talk.peer().write(scene.readOnly().stag(), scene.readOnly().taggedOffset(), new byte[] {1});
    talk.run();
    judge(bad, scene, openBefore, judgement);
    judgeCopy(bad, talk, segment, judgement);
    aftermath(bad, scene, posted, judgement);
    judgeWire(talk, judgement);
  }

  private static void judge(BadSegment bad, Scene scene, byte[] openBefore, Judgement judgement)
      throws Exception {
    Conversation talk = scene.talk();
    int triple = terminate(talk).map(Heard::terminateTriple).orElse(-1);
    String expected =
        bad.triples().stream()
            .sorted()
            .map(t -> "%d/%d/%02x".formatted(t >> 12, t >> 8 & 15, t & 0xFF))
            .collect(Collectors.joining(" or "));
    if (triple < 0) {
      String text =
          "%s: no Terminate came, expected %s; end %s".formatted(bad.name(), expected, talk.end());
      bad.rules().forEach(rule -> judgement.fail(rule, text, Evidences.of(talk)));
      judgement.fail(ErrorRules.L63, text, Evidences.of(talk));
      judgement.fail(DdpRules.R089, text, Evidences.of(talk));
      if (bad.triples().stream().allMatch(t -> t >> 12 == 2) && talk.peer().wire().isReset()) {
        judgement.fail(
            MpaRules.R049,
            bad.name() + ": TCP was reset and no Terminate came",
            Evidences.of(talk));
      }
    } else if (!bad.triples().contains(triple)) {
      String text =
          "%s: Terminate %d/%d/%02x, expected %s"
              .formatted(bad.name(), triple >> 12, triple >> 8 & 15, triple & 0xFF, expected);
      if (!bad.names(triple)) {
        bad.rules().forEach(rule -> judgement.fail(rule, text, Evidences.of(talk)));
      }
      judgement.fail(DdpRules.R093, text, Evidences.of(talk));
    }
    if (scene.open().isValid()) {
      require(
          Arrays.equals(Conversation.octets(scene.open()), openBefore),
          DdpRules.R092,
          bad.name() + ": memory of the region has changed",
          talk,
          judgement);
    }
    byte[] buffer = Conversation.octets(scene.buffer());
    require(
        isFilled(buffer, 64, 1024),
        RdmapRules.R106,
        "%s: octets behind the buffer have changed: [%s]"
            .formatted(bad.name(), HexFormat.of().formatHex(buffer, 64, 80)),
        talk,
        judgement);
    require(
        isFilled(Conversation.octets(scene.readOnly()), 0, REGION_BYTES)
            && isFilled(Conversation.octets(scene.shut()), 0, REGION_BYTES),
        DdpRules.R092,
        bad.name() + ": memory that may not be written has changed",
        talk,
        judgement);
  }

  /** What a Terminate has of a segment is the first bad one's: its length and its DDP header. */
  private static void judgeCopy(
      BadSegment bad, Conversation talk, byte[] segment, Judgement judgement) {
    Heard terminate = terminate(talk).orElse(null);
    if (terminate == null || !TerminateCopy.isThere(terminate)) {
      return;
    }
    TerminateCopy copy = TerminateCopy.of(terminate);
    require(
        copy.isOf(segment),
        RdmapRules.R116,
        "%s: the Terminate copies %s, the segment of %d octets begins [%s]"
            .formatted(
                bad.name(),
                copy,
                segment.length,
                HexFormat.of()
                    .formatHex(segment, 0, Math.min(segment.length, copy.header().length()))),
        talk,
        judgement);
  }

  private static Optional<Heard> terminate(Conversation talk) {
    return talk.peer().heard().stream().filter(heard -> heard.terminateTriple() >= 0).findFirst();
  }

  private static boolean isFilled(byte[] octets, int from, int to) {
    for (int i = from; i < to; i++) {
      if (octets[i] != FILL) {
        return false;
      }
    }
    return true;
  }

  /** The Terminate before the FIN, the ULP told, and nothing posted any more. */
  private static void aftermath(BadSegment bad, Scene scene, long posted, Judgement judgement)
      throws Exception {
    Conversation talk = scene.talk();
    int fin = first(talk, TraceEvent.Kind.FIN);
    int rst = first(talk, TraceEvent.Kind.RST);
    int lastSent = last(talk, TraceEvent.Kind.SENT);
    boolean spoke = talk.peer().reader().isTerminated();
    if (spoke) {
      boolean before = lastSent < Math.min(fin, rst);
      require(
          before,
          MpaRules.R049,
          bad.name() + ": TCP was closed before the Terminate was sent",
          talk,
          judgement);
      require(
          before && (rst == Integer.MAX_VALUE || !bad.rules().contains(ErrorRules.L64)),
          ErrorRules.L64,
          bad.name() + ": RST, where a Terminate and a FIN are due",
          talk,
          judgement);
      require(
          fin < Integer.MAX_VALUE || rst < Integer.MAX_VALUE,
          RdmapRules.R115,
          bad.name() + ": TCP was left open after the Terminate",
          talk,
          judgement);
    }
    Optional<StreamEnd> end = talk.end();
    int local =
        end.isPresent() && end.get() instanceof StreamEnd.TerminatedLocally terminated
            ? terminated.terminate().layer() << 12
                | terminated.terminate().type() << 8
                | terminated.terminate().code()
            : -1;
    // Whether it is the right one, the wire shows; here it counts that the ULP is told the same.
    boolean told =
        bad.triples().contains(local)
            || (local >= 0 && terminate(talk).map(h -> h.terminateTriple() == local).orElse(false));
    require(told, RdmapRules.R116, "%s: end() says %s".formatted(bad.name(), end), talk, judgement);
    List<StreamEnd> events = talk.bench().events().endsOf(talk.connection());
    require(
        events.size() == 1 && end.isPresent() && events.get(0).equals(end.get()),
        SpiRules.S19,
        "%s: events().ended told %s, end() says %s".formatted(bad.name(), events, end),
        talk,
        judgement);
    require(
        talk.completions().stream().noneMatch(c -> c.id() == posted && c.isSuccess())
            || bad.name().contains("no buffer")
            || bad.name().contains("delivered"),
        MpaRules.R048,
        bad.name() + ": something was delivered: " + shown(talk),
        talk,
        judgement);
    talk.peer().wire().peerFinishes();
    talk.run();
    flushed(bad, talk, posted, judgement);
    refusal(bad, talk, scene, judgement);
  }

  private static void flushed(BadSegment bad, Conversation talk, long posted, Judgement judgement) {
    require(
        talk.completionOf(posted)
            .map(c ->
                c.status() == CompletionStatus.FLUSHED
                    || c.status() == CompletionStatus.SUCCESS
                    || c.status() == CompletionStatus.MESSAGE_TOO_LONG
                    || c.status() == CompletionStatus.DEVICE_ERROR)
            .orElse(false),
        EventRules.L54,
        "%s: the Receive that was posted completed as [%s], expected once and FLUSHED"
            .formatted(bad.name(), shown(talk)),
        talk,
        judgement);
  }

  private static void refusal(BadSegment bad, Conversation talk, Scene scene, Judgement judgement) {
    String seen = "nothing thrown";
    try {
      talk.post(new Receive(talk.newId(), scene.buffer().slice(0, 64)));
    } catch (ConnectionClosedException e) {
      return;
    } catch (Exception e) {
      seen = e.toString();
    }
    require(
        false,
        EventRules.L54,
        "%s: post after it, expected ConnectionClosedException, seen %s"
            .formatted(bad.name(), seen),
        talk,
        judgement);
  }

  static int first(Conversation talk, TraceEvent.Kind kind) {
    return talk.bench().trace().events().stream()
        .filter(event -> event.kind() == kind)
        .mapToInt(TraceEvent::number)
        .findFirst()
        .orElse(Integer.MAX_VALUE);
  }

  static int last(Conversation talk, TraceEvent.Kind kind) {
    return talk.bench().trace().events().stream()
        .filter(event -> event.kind() == kind)
        .mapToInt(TraceEvent::number)
        .reduce((a, b) -> b)
        .orElse(-1);
  }
}
