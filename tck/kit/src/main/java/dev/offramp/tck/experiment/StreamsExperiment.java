package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.descriptor.Shape;
import dev.offramp.tck.rule.AddressingRules;
import dev.offramp.tck.rule.DdpRules;
import dev.offramp.tck.rule.EventRules;
import dev.offramp.tck.rule.RdmapRules;
import dev.offramp.tck.rule.Rule;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

/** Several connections at one device: they share nothing that a peer could tell. */
final class StreamsExperiment extends WireExperiment {
  @Override
  public String name() {
    return "streams";
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(
        DdpRules.R094,
        RdmapRules.R118,
        AddressingRules.L09,
        AddressingRules.L10,
        EventRules.L52,
        EventRules.L55);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    sameAgain(lab, judgement);
    foreignStag(lab, judgement);
  }

  /** An STag of one connection is worth nothing on another, and an error stays where it is. */
  private static void foreignStag(Lab lab, Judgement judgement) throws Exception {
    try (Bench bench = lab.open()) {
      Shape shape = lab.shape().role(MpaRole.RESPONDER);
      Conversation one = lab.arrive(bench, shape, "stream one").activate();
      Conversation two = lab.arrive(bench, shape, "stream two").activate();
      one.peer().breakSilence();
      two.peer().breakSilence();
      MemoryRegion region = one.allocate(64, Access.REMOTE_WRITE, Access.REMOTE_READ);
      MemoryRegion buffer = one.allocate(64);
      long posted = one.receive(buffer);
      byte[] before = Conversation.octets(region);
      two.peer().write(region.stag(), region.taggedOffset(), new byte[] {1, 2, 3});
      two.run();
      require(
          Arrays.equals(Conversation.octets(region), before),
          DdpRules.R094,
          "a Write through an STag of another connection changed its memory",
          two,
          judgement);
      int triple =
          two.peer().heard().stream()
              .mapToInt(h -> h.terminateTriple())
              .filter(t -> t >= 0)
              .findFirst()
              .orElse(-1);
      require(
          triple == 0x1102 || triple == 0x1100 || triple == 0x0103,
          DdpRules.R094,
          "a Write through an STag of another connection: Terminate [%04x], expected 1/1/02"
              .formatted(triple),
          two,
          judgement);
      one.peer().send(new byte[] {5});
      one.run();
      require(
          one.end().isEmpty() && one.completionOf(posted).map(Completion::isSuccess).orElse(false),
          RdmapRules.R118,
          "an error on one connection has touched another: end %s, completions [%s]"
              .formatted(one.end(), shown(one)),
          one,
          judgement);
      judgeWire(one, judgement);
      judgeWire(two, judgement);
      one.finish();
    }
  }

  /** The same connection again and again on one device: always the same octets, and at once. */
  private static void sameAgain(Lab lab, Judgement judgement) throws Exception {
    IwarpConnectionDescriptor descriptor =
        lab.draw(lab.shape().role(MpaRole.INITIATOR), "same again");
    try (Bench bench = lab.open()) {
      byte[] first = {};
      for (int round = 0; round < 4; round++) {
        long arrived = bench.conductor().now();
        Conversation talk;
        try {
          talk = Conversation.arrive(bench, descriptor).activate();
        } catch (dev.offramp.api.transfer.TransferException e) {
          String text =
              "the same 4-tuple %d ns after its end: %s"
                  .formatted(bench.conductor().now() - arrived, e.getMessage());
          Rule rule = round == 0 ? EventRules.L55 : EventRules.L52;
          judgement.fail(rule, text, Evidences.of(descriptor, bench.trace()));
          if (round > 0) {
            judgement.fail(AddressingRules.L09, text, Evidences.of(descriptor, bench.trace()));
          }
          return;
        }
        talk.send(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        talk.run();
        byte[] octets = talk.peer().octetsHeard().toByteArray();
        if (round == 0) {
          first = octets;
        }
        String text =
            "connection %d of one device sent [%s], the first one [%s]"
                .formatted(
                    round + 1, HexFormat.of().formatHex(octets), HexFormat.of().formatHex(first));
        require(Arrays.equals(octets, first), AddressingRules.L10, text, talk, judgement);
        require(Arrays.equals(octets, first), AddressingRules.L09, text, talk, judgement);
        judgeWire(talk, judgement);
        if (round % 2 == 0) {
          talk.finish();
        } else {
          talk.abort();
        }
      }
    }
  }
}
