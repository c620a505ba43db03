package dev.offramp.tck.experiment;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.spi.port.StreamPort;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.rule.DdpRules;
import dev.offramp.tck.rule.ErrorRules;
import dev.offramp.tck.rule.EventRules;
import dev.offramp.tck.rule.MpaRules;
import dev.offramp.tck.rule.RdmapRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import dev.offramp.tck.trace.TraceEvent;
import dev.offramp.tck.wire.Triples;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Every way in which a stream can end, and that each stays what it is. */
final class EndingsExperiment extends WireExperiment {
  @Override
  public String name() {
    return "endings";
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(
        MpaRules.R046,
        MpaRules.R047,
        DdpRules.R087,
        DdpRules.R088,
        RdmapRules.R108,
        RdmapRules.R114,
        EventRules.L51,
        EventRules.L54,
        ErrorRules.L60,
        ErrorRules.L61,
        ErrorRules.L65,
        SpiRules.S19);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    losses(lab, judgement);
    peerCloses(lab, judgement);
    for (int triple : Triples.registered()) {
      terminated(lab, triple, judgement);
    }
    disconnect(lab, judgement);
  }

  /** RST and time-out, which nothing may mix up. */
  private static void losses(Lab lab, Judgement judgement) throws Exception {
    for (StreamPort.Failure failure :
        List.of(StreamPort.Failure.RESET, StreamPort.Failure.TIMED_OUT)) {
      try (Bench bench = lab.open()) {
        Conversation talk = started(lab, bench);
        long posted = talk.receive(talk.allocate(64));
        talk.peer().wire().dies(failure);
        talk.run();
        boolean reset = failure == StreamPort.Failure.RESET;
        Class<? extends StreamEnd> expected =
            reset ? StreamEnd.Reset.class : StreamEnd.TimedOut.class;
        Optional<StreamEnd> end = talk.end();
        String text = "TCP %s: end() says %s".formatted(failure, end);
        boolean right = end.isPresent() && expected.isInstance(end.get());
        require(right, reset ? ErrorRules.L60 : ErrorRules.L65, text, talk, judgement);
        require(right, ErrorRules.L65, text, talk, judgement);
        require(right, MpaRules.R047, text, talk, judgement);
        over(talk, posted, judgement);
      }
    }
  }

  private static Conversation started(Lab lab, Bench bench) throws Exception {
    Conversation talk =
        lab.arrive(bench, lab.shape().role(MpaRole.RESPONDER), "endings").activate();
    talk.peer().breakSilence();
    return talk.run();
  }

  /** What was posted is flushed, once; nothing can be posted; the runtime was told, once. */
  private static void over(Conversation talk, long posted, Judgement judgement) throws Exception {
    require(
        talk.completionOf(posted).map(c -> c.status() == CompletionStatus.FLUSHED).orElse(false),
        RdmapRules.R114,
        "a Receive that was posted completed as [%s], expected once and FLUSHED"
            .formatted(shown(talk)),
        talk,
        judgement);
    String seen = "nothing thrown";
    try {
      talk.send(new byte[] {1});
    } catch (ConnectionClosedException e) {
      seen = "";
    } catch (Exception e) {
      seen = e.toString();
    }
    require(
        seen.isEmpty(),
        EventRules.L54,
        "post after the end: expected ConnectionClosedException, seen %s".formatted(seen),
        talk,
        judgement);
    List<StreamEnd> told = talk.bench().events().endsOf(talk.connection());
    require(
        told.size() == 1 && talk.end().map(told.get(0)::equals).orElse(false),
        SpiRules.S19,
        "events().ended told %s, end() says %s".formatted(told, talk.end()),
        talk,
        judgement);
  }

  /** A FIN between FPDUs, and one inside. */
  private static void peerCloses(Lab lab, Judgement judgement) throws Exception {
    for (boolean inside : new boolean[] {false, true}) {
      try (Bench bench = lab.open()) {
        Conversation talk = started(lab, bench);
        long posted = talk.receive(talk.allocate(64));
        if (inside) {
          byte[] fpdu = talk.peer().framer().frame(new byte[40]);
          talk.peer().octets(java.util.Arrays.copyOf(fpdu, 20));
          talk.run();
        }
        talk.peer().wire().peerFinishes();
        talk.run();
        Optional<StreamEnd> end = talk.end();
        Class<? extends StreamEnd> expected =
            inside ? StreamEnd.TruncatedByPeer.class : StreamEnd.ClosedByPeer.class;
        String text =
            "a FIN %s: end() says %s".formatted(inside ? "inside an FPDU" : "between FPDUs", end);
        boolean right = end.isPresent() && expected.isInstance(end.get());
        require(right, ErrorRules.L60, text, talk, judgement);
        require(right, MpaRules.R046, text, talk, judgement);
        require(
            talk.peer().wire().isClosed() || talk.peer().wire().isFinished(),
            RdmapRules.R114,
            text + "; TCP was left open",
            talk,
            judgement);
        over(talk, posted, judgement);
        judgeWire(talk, judgement);
      }
    }
  }

  private static void terminated(Lab lab, int triple, Judgement judgement) throws Exception {
    try (Bench bench = lab.open()) {
      Conversation talk = started(lab, bench);
      long posted = talk.receive(talk.allocate(64));
      int layer = triple >> 12;
      int type = triple >> 8 & 15;
      int code = triple & 0xFF;
      talk.peer().terminate(layer, type, code);
      talk.run();
      talk.peer().wire().peerFinishes();
      talk.run();
      Optional<StreamEnd> end = talk.end();
      boolean right =
          end.isPresent()
              && end.get() instanceof StreamEnd.TerminatedByPeer told
              && isSame(told.terminate(), layer, type, code);
      String text = "a Terminate %d/%d/%02x: end() says %s".formatted(layer, type, code, end);
      require(right, ErrorRules.L61, text, talk, judgement);
      require(right, RdmapRules.R108, text, talk, judgement);
      over(talk, posted, judgement);
      require(
          talk.peer().heard().stream().noneMatch(h -> h.terminateTriple() >= 0),
          RdmapRules.R108,
          text + "; it was answered with a Terminate",
          talk,
          judgement);
      judgeWire(talk, judgement);
    }
  }

  private static boolean isSame(Terminate seen, int layer, int type, int code) {
    return seen.layer() == layer && seen.type() == type && seen.code() == code;
  }

  /** This end closes: what was posted, then a FIN and nothing else; the peer may still send. */
  private static void disconnect(Lab lab, Judgement judgement) throws Exception {
    try (Bench bench = lab.open()) {
      Conversation talk = started(lab, bench);
      MemoryRegion region = talk.allocate(64);
      long posted = talk.receive(region);
      talk.post(new Send(talk.newId(), region.slice(0, 8)));
      int before = talk.peer().heard().size();
      StreamEnd[] ended = new StreamEnd[1];
      bench
          .conductor()
          .kitLoop()
          .schedule(
              bench.conductor().now() + Conversation.SETTLE_NANOS,
              () -> {
                judgeHalfClosed(talk, before, judgement);
                talk.peer().send(new byte[] {4, 2});
                talk.peer().wire().peerFinishes();
              });
      bench.call(
          "disconnect",
          () -> {
            ended[0] = talk.connection().disconnect();
            return null;
          });
      talk.run();
      require(
          ended[0] instanceof StreamEnd.ClosedLocally,
          ErrorRules.L60,
          "disconnect() returned %s".formatted(ended[0]),
          talk,
          judgement);
      require(
          talk.completionOf(posted).map(Completion::isSuccess).orElse(false),
          EventRules.L51,
          "a Send of the peer that came after the own FIN was not received: " + shown(talk),
          talk,
          judgement);
      String seen = "nothing thrown";
      try {
        talk.send(new byte[] {1});
      } catch (ConnectionClosedException e) {
        seen = "";
      } catch (Exception e) {
        seen = e.toString();
      }
      require(
          seen.isEmpty(),
          DdpRules.R088,
          "post after disconnect: expected ConnectionClosedException, seen " + seen,
          talk,
          judgement);
      judgeWire(talk, judgement);
    }
  }

  private static void judgeHalfClosed(Conversation talk, int before, Judgement judgement) {
    int said = SendingExperiment.newsSince(talk, before).size();
    require(
        said == 0 || (said == 1 && talk.peer().last().payload().length() == 8),
        EventRules.L51,
        "between disconnect and the FIN came %s".formatted(talk.peer().heard()),
        talk,
        judgement);
    require(
        talk.peer().wire().isFinished() && !talk.peer().wire().isReset(),
        EventRules.L51,
        "disconnect did not send a FIN",
        talk,
        judgement);
    require(
        !talk.peer().reader().isTerminated(),
        DdpRules.R087,
        "an orderly end began with a Terminate",
        talk,
        judgement);
    if (ErrorsExperiment.first(talk, TraceEvent.Kind.FIN) == Integer.MAX_VALUE) {
      judgement.fail(EventRules.L51, "no FIN in the trace", Evidences.of(talk));
    }
  }
}
