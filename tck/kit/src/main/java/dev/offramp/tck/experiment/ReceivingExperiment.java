package dev.offramp.tck.experiment;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Receive;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.bench.Peer;
import dev.offramp.tck.descriptor.Shape;
import dev.offramp.tck.rule.DdpRules;
import dev.offramp.tck.rule.MpaRules;
import dev.offramp.tck.rule.RdmapRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import dev.offramp.tck.wire.Ddp;
import dev.offramp.tck.wire.Heard;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Everything that is right and that a peer can send, cut by TCP in many ways. */
final class ReceivingExperiment extends WireExperiment {
  /** More than what a driver may look at first. */
  private static final int LATE_FPDUS = 70;

  private static final int RESERVED_DDP_BITS = 0x3C;
  private static final int RESERVED_RDMAP_BITS = 0x30;
  private static final int NO_STAG = 0x7654_3210;

  @Override
  public String name() {
    return "receiving";
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(
        MpaRules.R004,
        MpaRules.R007,
        MpaRules.R018,
        MpaRules.R023,
        MpaRules.R024,
        DdpRules.R075,
        DdpRules.R084,
        DdpRules.R085,
        DdpRules.R086,
        RdmapRules.R101,
        RdmapRules.R102,
        RdmapRules.R103,
        RdmapRules.R104,
        RdmapRules.R105,
        RdmapRules.R110,
        SpiRules.S15);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    for (int cut : new int[] {Integer.MAX_VALUE, 1, 7}) {
      try (Bench bench = lab.open()) {
        RandomGenerator random = lab.random("receiving " + cut);
        Shape shape = lab.shape().role(MpaRole.RESPONDER);
        Conversation talk = lab.arrive(bench, shape, "receiving");
        talk.peer().wire().readLimit(cut);
        talk.activate();
        Rule whole = cut == Integer.MAX_VALUE ? DdpRules.R085 : MpaRules.R023;
        sends(talk, random, cut == 1 ? 3000 : 30_000, whole, judgement);
        details(talk, judgement);
        oddBits(talk, random, judgement);
        inPieces(talk, random, judgement);
        writes(talk, random, whole, judgement);
        reads(lab, talk, random, judgement);
        judgeWire(talk, judgement);
        talk.finish();
      }
    }
    spoiltLate(lab, judgement);
  }

  /** CRCs are looked at to the end, not only where a stream begins. */
  private static void spoiltLate(Lab lab, Judgement judgement) throws Exception {
    Shape shape = lab.shape().role(MpaRole.RESPONDER);
    if (!shape.crc()) {
      return;
    }
    try (Bench bench = lab.open()) {
      Conversation talk = lab.arrive(bench, shape, "spoilt late").activate();
      talk.peer().breakSilence();
      talk.run();
      MemoryRegion region = talk.allocate(4096);
      for (int i = 0; i < LATE_FPDUS; i++) {
        long id = talk.receive(region);
        talk.peer().send(new byte[20 + i]);
        talk.run();
        requireSuccess(talk, id, Operation.RECEIVE, 20 + i, judgement);
      }
      long id = talk.receive(region);
      talk.peer().framer().spoilCrc(1);
      talk.peer().send(new byte[8]);
      talk.run();
      int triple =
          talk.peer().heard().stream()
              .mapToInt(Heard::terminateTriple)
              .filter(t -> t >= 0)
              .findFirst()
              .orElse(-1);
      require(
          triple >> 12 == 2
              && (triple & 0xFF) == 2
              && talk.completionOf(id).map(c -> !c.isSuccess()).orElse(true),
          MpaRules.R018,
          "FPDU %d has a wrong CRC: Terminate [%04x], expected 2/0/02; completions [%s]"
              .formatted(LATE_FPDUS + 2, triple, shown(talk)),
          talk,
          judgement);
    }
  }

  private static void sends(
      Conversation talk, RandomGenerator random, int most, Rule rule, Judgement judgement)
      throws Exception {
    MemoryRegion region = talk.allocate(64 << 10);
    for (int bytes : new int[] {0, 1, 2, 3, 500, 2000, most}) {
      byte[] payload = Payload.of(random, bytes);
      long id = talk.receive(region);
      talk.peer().send(payload);
      talk.run();
      requireSuccess(talk, id, Operation.RECEIVE, -1, judgement);
      long seen = talk.completionOf(id).map(Completion::bytes).orElse(-1L);
      String told = "a Send of %d octets completed a Receive with %d".formatted(bytes, seen);
      require(seen == bytes, bytes == 0 ? RdmapRules.R105 : MpaRules.R004, told, talk, judgement);
      require(seen == bytes, DdpRules.R086, told, talk, judgement);
      require(
          Arrays.equals(Conversation.octets(region), 0, bytes, payload, 0, bytes),
          rule,
          "a Send of %d octets brought others".formatted(bytes),
          talk,
          judgement);
    }
    // Several at once are delivered once each, and in order.
    long[] ids = new long[5];
    MemoryRegion[] regions = new MemoryRegion[ids.length];
    for (int i = 0; i < ids.length; i++) {
      regions[i] = talk.allocate(16);
      ids[i] = talk.receive(regions[i]);
    }
    talk.peer().hold();
    for (int i = 0; i < ids.length; i++) {
      talk.peer().send(new byte[] {(byte) (100 + i)});
    }
    talk.peer().release();
    talk.run();
    for (int i = 0; i < ids.length; i++) {
      requireSuccess(talk, ids[i], Operation.RECEIVE, 1, judgement);
      require(
          Conversation.octets(regions[i])[0] == 100 + i,
          DdpRules.R085,
          "Send %d of 5 is not in the buffer that was posted as %d".formatted(i + 1, i + 1),
          talk,
          judgement);
      talk.close(regions[i]);
    }
    talk.close(region);
  }

  /** Solicited events, and a message that is scattered over several buffers. */
  private static void details(Conversation talk, Judgement judgement) throws Exception {
    MemoryRegion region = talk.allocate(64);
    long id = talk.newId();
    talk.post(new Receive(id, region.whole()));
    talk.peer().untagged(Ddp.SEND_SE, 0, new byte[] {1, 2, 3});
    talk.run();
    require(
        talk.completionOf(id).map(Completion::solicited).orElse(false),
        RdmapRules.R105,
        "a Send with a solicited event completed a Receive as [%s]".formatted(shown(talk)),
        talk,
        judgement);
    talk.close(region);
  }

  private static void oddBits(Conversation talk, RandomGenerator random, Judgement judgement)
      throws Exception {
    MemoryRegion region = talk.allocate(64);
    talk.peer().framer().pad(0xA5);
    expect(
        talk, region, Payload.of(random, 5), MpaRules.R007, "pad octets that are not 0", judgement);
    talk.peer().framer().pad(0);
    byte[] payload = Payload.of(random, 8);
    long id = talk.receive(region);
    Peer peer = talk.peer();
    peer.ulpdu(
        Ddp.untagged(
            Ddp.DDP_VERSION | Ddp.LAST | RESERVED_DDP_BITS,
            Ddp.RDMAP_VERSION | RESERVED_RDMAP_BITS | Ddp.SEND,
            0,
            Ddp.SEND_QUEUE,
            peer.nextMsn(Ddp.SEND_QUEUE),
            0,
            payload));
    peer.skipMsn(Ddp.SEND_QUEUE, 1);
    talk.run();
    require(
        talk.completionOf(id).isPresent() && Arrays.equals(octets(region, 8), payload),
        DdpRules.R075,
        "a Send with reserved bits set was not taken; completions [%s]".formatted(shown(talk)),
        talk,
        judgement);
    talk.close(region);
  }

  private static void expect(
      Conversation talk,
      MemoryRegion region,
      byte[] payload,
      Rule rule,
      String what,
      Judgement judgement)
      throws Exception {
    long id = talk.receive(region);
    talk.peer().send(payload);
    talk.run();
    require(
        talk.completionOf(id).isPresent() && Arrays.equals(octets(region, payload.length), payload),
        rule,
        "a Send with %s was not taken; completions [%s]".formatted(what, shown(talk)),
        talk,
        judgement);
  }

  private static byte[] octets(MemoryRegion region, int count) {
    return Arrays.copyOf(Conversation.octets(region), count);
  }

  /** Nothing is delivered before all of it is there. */
  private static void inPieces(Conversation talk, RandomGenerator random, Judgement judgement)
      throws Exception {
    MemoryRegion region = talk.allocate(8192);
    Peer peer = talk.peer();
    byte[] payload = Payload.of(random, 40);
    long id = talk.receive(region);
    int msn = peer.nextMsn(Ddp.SEND_QUEUE);
    byte[] fpdu =
        peer.framer()
            .frame(
                Ddp.untagged(
                    Ddp.DDP_VERSION | Ddp.LAST,
                    Ddp.RDMAP_VERSION | Ddp.SEND,
                    0,
                    0,
                    msn,
                    0,
                    payload));
    peer.skipMsn(Ddp.SEND_QUEUE, 1);
    peer.octets(Arrays.copyOf(fpdu, fpdu.length - 1));
    talk.run();
    require(
        talk.completionOf(id).isEmpty(),
        MpaRules.R024,
        "a Receive completed although the last octet of the CRC was missing",
        talk,
        judgement);
    peer.octets(new byte[] {fpdu[fpdu.length - 1]});
    talk.run();
    requireSuccess(talk, id, Operation.RECEIVE, payload.length, judgement);

    long two = talk.receive(region);
    int next = peer.nextMsn(Ddp.SEND_QUEUE);
    peer.skipMsn(Ddp.SEND_QUEUE, 1);
    peer.ulpdu(
        Ddp.untagged(
            Ddp.DDP_VERSION,
            Ddp.RDMAP_VERSION | Ddp.SEND,
            0,
            0,
            next,
            0,
            Arrays.copyOf(payload, 25)));
    talk.run();
    require(
        talk.completionOf(two).isEmpty(),
        DdpRules.R086,
        "a Receive completed before the last segment of its message came",
        talk,
        judgement);
    peer.ulpdu(
        Ddp.untagged(
            Ddp.DDP_VERSION | Ddp.LAST,
            Ddp.RDMAP_VERSION | Ddp.SEND,
            0,
            0,
            next,
            25,
            Arrays.copyOfRange(payload, 25, 40)));
    talk.run();
    require(
        talk.completionOf(two).map(c -> c.bytes() == 40).orElse(false)
            && Arrays.equals(octets(region, 40), payload),
        DdpRules.R086,
        "a message of two segments was delivered as [%s]".formatted(shown(talk)),
        talk,
        judgement);
    talk.close(region);
  }

  private static void writes(
      Conversation talk, RandomGenerator random, Rule rule, Judgement judgement) throws Exception {
    MemoryRegion region = talk.allocate(8192, Access.REMOTE_WRITE);
    byte[] expected = Conversation.octets(region);
    int before = talk.completions().size();
    for (int bytes : new int[] {1, 17, 3000}) {
      byte[] payload = Payload.of(random, bytes);
      int at = 100 + bytes;
      System.arraycopy(payload, 0, expected, at, bytes);
      talk.peer().write(region.stag(), region.taggedOffset() + at, payload);
      talk.run();
      require(
          Arrays.equals(Conversation.octets(region), expected),
          rule.equals(MpaRules.R023) ? rule : RdmapRules.R101,
          "a Write of %d octets at %d changed other octets".formatted(bytes, at),
          talk,
          judgement);
    }
    talk.peer().write(NO_STAG, -1, new byte[0]);
    talk.run();
    require(
        talk.end().isEmpty(),
        DdpRules.R084,
        "a Write of no octets to an STag that does not exist ended the stream: %s"
            .formatted(talk.end()),
        talk,
        judgement);
    require(
        talk.completions().size() == before,
        RdmapRules.R101,
        "Writes of the peer completed something: [%s]".formatted(shown(talk)),
        talk,
        judgement);
    talk.close(region);
  }

  private static void reads(Lab lab, Conversation talk, RandomGenerator random, Judgement judgement)
      throws Exception {
    if (lab.shape().ird() == 0) {
      return;
    }
    MemoryRegion region = talk.allocate(16 << 10, Access.REMOTE_READ, Access.REMOTE_WRITE);
    byte[] content = Payload.of(random, 16 << 10);
    Conversation.fill(region, content);
    int before = talk.peer().heard().size();
    int depth = Math.min(3, lab.shape().ird());
    talk.peer().hold();
    for (int i = 0; i < depth; i++) {
      talk.peer().readRequest(500 + i, 40 + i, 2000 + i, region.stag(), region.taggedOffset() + i);
    }
    talk.peer().release();
    talk.run();
    List<Heard> answers = SendingExperiment.newsSince(talk, before);
    boolean right = answers.size() == depth;
    for (int i = 0; right && i < depth; i++) {
      Heard answer = answers.get(i);
      right =
          answer.opcode() == Ddp.READ_RESPONSE
              && answer.stag() == 500 + i
              && answer.taggedOffset() == 40 + i
              && Arrays.equals(
                  answer.payload().toByteArray(), Arrays.copyOfRange(content, i, 2000 + 2 * i));
    }
    require(
        right,
        RdmapRules.R104,
        "%d Read Requests were answered with %s".formatted(depth, answers),
        talk,
        judgement);
    emptyRead(talk, judgement);
    readAfterWrite(talk, region, judgement);
    talk.close(region);
  }

  private static void emptyRead(Conversation talk, Judgement judgement) throws Exception {
    int before = talk.peer().heard().size();
    talk.peer().readRequest(9, 9, 0, NO_STAG, -5);
    talk.run();
    List<Heard> answers = SendingExperiment.newsSince(talk, before);
    require(
        answers.size() == 1
            && answers.get(0).opcode() == Ddp.READ_RESPONSE
            && answers.get(0).payload().isEmpty(),
        RdmapRules.R103,
        "a Read of no octets from an STag that does not exist was answered with %s, end %s"
            .formatted(answers, talk.end()),
        talk,
        judgement);
  }

  /** A Read sees the Write before it, in the same segment of TCP. */
  private static void readAfterWrite(Conversation talk, MemoryRegion region, Judgement judgement)
      throws Exception {
    int before = talk.peer().heard().size();
    byte[] fresh = {11, 22, 33, 44};
    talk.peer().hold();
    talk.peer().write(region.stag(), region.taggedOffset() + 8, fresh);
    talk.peer().readRequest(1, 0, 4, region.stag(), region.taggedOffset() + 8);
    talk.peer().release();
    talk.run();
    List<Heard> answers = SendingExperiment.newsSince(talk, before);
    require(
        answers.size() == 1 && Arrays.equals(answers.get(0).payload().toByteArray(), fresh),
        RdmapRules.R110,
        "a Read right behind a Write of the same memory was answered with %s".formatted(answers),
        talk,
        judgement);
  }
}
