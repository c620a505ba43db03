package dev.offramp.tck.experiment;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.descriptor.Shape;
import dev.offramp.tck.rule.MpaRules;
import dev.offramp.tck.rule.NegotiationRules;
import dev.offramp.tck.rule.RdmapRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import dev.offramp.tck.wire.Ddp;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** IRD and ORD as they are kept on the wire, on both sides of each limit. */
final class DepthsExperiment extends WireExperiment {
  private static final int PEER_STAG = 0x0BAD_CAFE;

  @Override
  public String name() {
    return "depths";
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(
        MpaRules.R058,
        RdmapRules.R104,
        RdmapRules.R111,
        RdmapRules.R113,
        NegotiationRules.L19,
        SpiRules.S14);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    if (!lab.offers(Operation.READ)) {
      String how = "READ is not declared";
      judgement.refused(RdmapRules.R111, how);
      judgement.refused(RdmapRules.R113, how);
      judgement.refused(MpaRules.R058, how);
    }
    int most = lab.capabilities().maxOrd();
    Set<Integer> ords = new TreeSet<>();
    for (int depth : new int[] {1, 2, 5, 8, 16}) {
      ords.add(Math.min(depth, most));
    }
    ords.remove(0);
    if (lab.offers(Operation.READ)) {
      for (int ord : ords) {
        outstanding(lab, ord, judgement);
      }
    }
    for (int ird : new TreeSet<>(List.of(1, Math.min(3, lab.capabilities().maxIrd())))) {
      if (ird > 0 && ird <= lab.capabilities().maxIrd()) {
        inbound(lab, ird, judgement);
      }
    }
  }

  /** More Reads are posted than may be outstanding, and the peer answers none for a while. */
  private static void outstanding(Lab lab, int ord, Judgement judgement) throws Exception {
    Shape shape = lab.shape().role(MpaRole.INITIATOR);
    // An IRD that differs from the ORD, so that nobody can take one for the other.
    int ird = ord == 1 ? Math.min(2, lab.capabilities().maxIrd()) : 1;
    try (Bench bench = lab.open()) {
      Shape deep = shape.depths(Math.min(ird, lab.capabilities().maxIrd()), ord);
      if (!Admissions.takes(lab, bench, deep)) {
        judgement.fail(
            SpiRules.S14,
            "an IRD of %d and an ORD of %d are within the declared limits and refused"
                .formatted(deep.ird(), ord));
        return;
      }
      Conversation talk = lab.arrive(bench, deep, "ord " + ord).activate();
      require(
          talk.connection().mpa().ord() == ord && talk.connection().mpa().ird() == deep.ird(),
          NegotiationRules.L19,
          "IRD %d and ORD %d became %d and %d in mpa()"
              .formatted(
                  deep.ird(), ord, talk.connection().mpa().ird(), talk.connection().mpa().ord()),
          talk,
          judgement);
      talk.peer().breakSilence();
      byte[] memory = talk.peer().memory(PEER_STAG, 4096);
      java.util.Arrays.fill(memory, (byte) 0x77);
      MemoryRegion sink = talk.allocate(4096, Access.REMOTE_WRITE);
      int posted = post(talk, sink, ord + 4);
      talk.run();
      int seen = requests(talk);
      boolean kept = seen <= ord;
      String text = "%d Read Requests are outstanding, the ORD is %d".formatted(seen, ord);
      require(kept, RdmapRules.R113, text, talk, judgement);
      require(kept, MpaRules.R058, text, talk, judgement);
      require(kept, NegotiationRules.L19, text, talk, judgement);
      require(
          seen >= Math.min(ord, posted),
          NegotiationRules.L19,
          "only %d Read Requests are outstanding, the ORD is %d and %d Reads were posted"
              .formatted(seen, ord, posted),
          talk,
          judgement);
      require(
          talk.completions().stream().noneMatch(c -> c.operation() == Operation.READ),
          RdmapRules.R111,
          "a Read completed before its Response came: " + shown(talk),
          talk,
          judgement);
      for (int i = 0; i < posted; i++) {
        talk.peer().serve();
        talk.run();
      }
      require(
          talk.completions().stream()
                  .filter(c -> c.operation() == Operation.READ && c.isSuccess())
                  .count()
              == posted,
          RdmapRules.R111,
          "%d Reads were answered and completed as %s".formatted(posted, shown(talk)),
          talk,
          judgement);
      judgeWire(talk, judgement);
      talk.finish();
    }
  }

  private static int post(Conversation talk, MemoryRegion sink, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      try {
        talk.post(
            new Read(talk.newId(), sink.slice(8L * i, 8), new RemoteBuffer(PEER_STAG, 8L * i, 8)));
      } catch (WorkQueueFullException e) {
        return i;
      }
    }
    return count;
  }

  private static int requests(Conversation talk) {
    return (int) talk.peer().heard().stream().filter(h -> h.opcode() == Ddp.READ_REQUEST).count();
  }

  /** The peer has as many Reads outstanding as it may, and then one more. */
  private static void inbound(Lab lab, int ird, Judgement judgement) throws Exception {
    Shape shape = lab.shape().role(MpaRole.RESPONDER).depths(ird, lab.shape().ord());
    try (Bench bench = lab.open()) {
      if (!Admissions.takes(lab, bench, shape)) {
        judgement.fail(
            SpiRules.S14, "an IRD of %d is within the declared limit and refused".formatted(ird));
        return;
      }
      Conversation talk = lab.arrive(bench, shape, "ird " + ird).activate();
      MemoryRegion region = talk.allocate(1 << 20, Access.REMOTE_READ);
      talk.peer().breakSilence();
      talk.run();
      // The peer's TCP takes nothing, so that no Response can be under way.
      talk.peer().wire().window(0);
      talk.peer().hold();
      for (int i = 0; i < ird; i++) {
        talk.peer().readRequest(1, 0, 1 << 20, region.stag(), region.taggedOffset());
      }
      talk.peer().release();
      talk.run();
      require(
          talk.end().isEmpty(),
          RdmapRules.R104,
          "%d Read Requests at an IRD of %d ended the stream: %s".formatted(ird, ird, talk.end()),
          talk,
          judgement);
      talk.peer().readRequest(1, 0, 8, region.stag(), region.taggedOffset());
      talk.run();
      talk.peer().wire().window(Integer.MAX_VALUE);
      talk.run();
      int triple =
          talk.peer().heard().stream()
              .mapToInt(dev.offramp.tck.wire.Heard::terminateTriple)
              .filter(t -> t >= 0)
              .findFirst()
              .orElse(-1);
      long answers =
          talk.peer().heard().stream().filter(h -> h.opcode() == Ddp.READ_RESPONSE).count();
      // Hardware may be deeper than it has to be: then the Request is served like any other.
      require(
          triple == 0x1202 || (triple < 0 && answers == ird + 1),
          RdmapRules.R104,
          "Read Request %d at an IRD of %d: Terminate [%04x] and %d Responses, expected 1/2/02 or"
                  .formatted(ird + 1, ird, triple, answers)
              + " an answer; end "
              + talk.end(),
          talk,
          judgement);
      judgeWire(talk, judgement);
    }
  }
}
