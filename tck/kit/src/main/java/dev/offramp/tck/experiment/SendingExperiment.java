package dev.offramp.tck.experiment;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.Write;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.bench.Peer;
import dev.offramp.tck.descriptor.Shape;
import dev.offramp.tck.rule.DdpRules;
import dev.offramp.tck.rule.FrameRules;
import dev.offramp.tck.rule.MpaRules;
import dev.offramp.tck.rule.RdmapRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SequenceRules;
import dev.offramp.tck.rule.SpiRules;
import dev.offramp.tck.wire.Ddp;
import dev.offramp.tck.wire.Framing;
import dev.offramp.tck.wire.Heard;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Everything that a driver can send, in both roles, read octet by octet. */
final class SendingExperiment extends WireExperiment {
  private static final int PEER_STAG = 0x5A17_0100;
  private static final int PEER_BYTES = 1 << 17;
  private static final int STAG_TO_INVALIDATE = 0x1B2C_3D4E;

  @Override
  public String name() {
    return "sending";
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(
        MpaRules.R001,
        MpaRules.R006,
        MpaRules.R007,
        MpaRules.R016,
        MpaRules.R017,
        DdpRules.R073,
        DdpRules.R074,
        DdpRules.R075,
        DdpRules.R076,
        DdpRules.R077,
        DdpRules.R078,
        DdpRules.R079,
        DdpRules.R080,
        DdpRules.R083,
        DdpRules.R084,
        DdpRules.R085,
        RdmapRules.R096,
        RdmapRules.R097,
        RdmapRules.R099,
        RdmapRules.R102,
        RdmapRules.R105,
        RdmapRules.R109,
        RdmapRules.R112,
        FrameRules.L40,
        FrameRules.L44,
        SequenceRules.L15,
        SpiRules.S15);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    for (MpaRole role : MpaRole.values()) {
      try (Bench bench = lab.open()) {
        RandomGenerator random = lab.random("sending " + role);
        Shape shape = lab.shape().role(role);
        Conversation talk = lab.arrive(bench, shape, "sending " + role).activate();
        talk(lab, talk, random, judgement);
        judgeWire(talk, judgement);
        talk.finish();
      }
    }
  }

  private static void talk(Lab lab, Conversation talk, RandomGenerator random, Judgement judgement)
      throws Exception {
    Peer peer = talk.peer();
    byte[] remote = peer.memory(PEER_STAG, PEER_BYTES);
    random.nextBytes(remote);
    peer.breakSilence();
    talk.settle();
    sends(talk, random, judgement);
    if (lab.offers(Operation.WRITE)) {
      writes(talk, random, remote, judgement);
    }
    if (lab.offers(Operation.READ) && lab.shape().ord() > 0) {
      reads(talk, remote, judgement);
    }
    order(talk, judgement);
  }

  private static void sends(Conversation talk, RandomGenerator random, Judgement judgement)
      throws Exception {
    for (int bytes : new int[] {0, 1, 3, 64, 1000, 5000, 40_000}) {
      byte[] payload = Payload.of(random, bytes);
      int before = talk.peer().heard().size();
      long id = talk.send(payload);
      talk.run();
      requireSuccess(talk, id, Operation.SEND, bytes, judgement);
      long told = talk.completionOf(id).map(Completion::bytes).orElse(-1L);
      require(
          told != bytes + Framing.CRC_BYTES && told != Framing.fpduBytes(bytes),
          MpaRules.R017,
          "a Send of %d octets completed with %d: what frames it is counted".formatted(bytes, told),
          talk,
          judgement);
      List<Heard> news = newsSince(talk, before);
      require(
          news.size() == 1
              && news.get(0).opcode() == Ddp.SEND
              && Arrays.equals(news.get(0).payload().toByteArray(), payload),
          MpaRules.R001,
          "a Send of %d octets came as %s".formatted(bytes, news),
          talk,
          judgement);
    }
    MemoryRegion region = talk.allocate(64);
    variants(talk, region, false, OptionalInt.empty(), Ddp.SEND, judgement);
    variants(talk, region, true, OptionalInt.empty(), Ddp.SEND_SE, judgement);
    OptionalInt stag = OptionalInt.of(STAG_TO_INVALIDATE);
    variants(talk, region, false, stag, Ddp.SEND_INVALIDATE, judgement);
    variants(talk, region, true, stag, Ddp.SEND_SE_INVALIDATE, judgement);
    talk.close(region);
  }

  private static void variants(
      Conversation talk,
      MemoryRegion region,
      boolean solicited,
      OptionalInt invalidate,
      int opcode,
      Judgement judgement)
      throws Exception {
    int before = talk.peer().heard().size();
    talk.post(new Send(talk.newId(), List.of(region.whole()), solicited, invalidate));
    talk.run();
    List<Heard> news = newsSince(talk, before);
    require(
        news.size() == 1
            && news.get(0).opcode() == opcode
            && news.get(0).stag() == invalidate.orElse(0),
        RdmapRules.R097,
        "a %s came as %s".formatted(Ddp.name(opcode), news),
        talk,
        judgement);
  }

  private static void writes(
      Conversation talk, RandomGenerator random, byte[] remote, Judgement judgement)
      throws Exception {
    for (int bytes : new int[] {0, 1, 999, 30_000}) {
      byte[] payload = Payload.of(random, bytes);
      MemoryRegion source = talk.allocate(Math.max(1, bytes));
      Conversation.fill(source, payload);
      int at = 4096 + bytes;
      long id = talk.newId();
      int before = talk.peer().heard().size();
      talk.post(new Write(id, source.slice(0, bytes), new RemoteBuffer(PEER_STAG, at, bytes)));
      talk.run();
      talk.peer().serve();
      requireSuccess(talk, id, Operation.WRITE, bytes, judgement);
      List<Heard> news = newsSince(talk, before);
      boolean right =
          news.size() == 1
              && news.get(0).opcode() == Ddp.WRITE
              && (bytes == 0
                  || (news.get(0).stag() == PEER_STAG && news.get(0).taggedOffset() == at));
      require(
          right,
          DdpRules.R083,
          "a Write of %d octets to %08x+%#x came as %s".formatted(bytes, PEER_STAG, at, news),
          talk,
          judgement);
      require(
          Arrays.equals(remote, at, at + bytes, payload, 0, bytes),
          DdpRules.R085,
          "a Write of %d octets placed other octets".formatted(bytes),
          talk,
          judgement);
      talk.close(source);
    }
  }

  private static void reads(Conversation talk, byte[] remote, Judgement judgement)
      throws Exception {
    for (int bytes : new int[] {0, 1, 1460, 20_000}) {
      MemoryRegion sink = talk.allocate(Math.max(1, bytes), Access.REMOTE_WRITE);
      long id = talk.newId();
      int before = talk.peer().heard().size();
      talk.post(new Read(id, sink.slice(0, bytes), new RemoteBuffer(PEER_STAG, 77, bytes)));
      talk.run();
      List<Heard> news = newsSince(talk, before);
      boolean one = news.size() == 1 && news.get(0).opcode() == Ddp.READ_REQUEST;
      require(one, RdmapRules.R102, "a Read came as %s".formatted(news), talk, judgement);
      if (one) {
        Heard request = news.get(0);
        boolean right =
            request.payload().length() == Ddp.READ_REQUEST_BYTES
                && request.word(12) == bytes
                && (bytes == 0
                    || (request.word(0) == sink.stag()
                        && request.doubleWord(4) == sink.taggedOffset()
                        && request.word(16) == PEER_STAG
                        && request.doubleWord(20) == 77));
        require(
            right,
            RdmapRules.R099,
            "a Read of %d octets from %08x+77 to %08x+%#x came as [%s]"
                .formatted(bytes, PEER_STAG, sink.stag(), sink.taggedOffset(), request.payload()),
            talk,
            judgement);
        require(
            bytes == 0 || request.word(0) == sink.stag(),
            FrameRules.L44,
            "the sink of a Read is STag %08x on the wire, the region's is %08x"
                .formatted(request.word(0), sink.stag()),
            talk,
            judgement);
      }
      talk.peer().serve();
      talk.run();
      requireSuccess(talk, id, Operation.READ, bytes, judgement);
      require(
          Arrays.equals(Conversation.octets(sink), 0, bytes, remote, 77, 77 + bytes),
          DdpRules.R085,
          "a Read of %d octets brought others".formatted(bytes),
          talk,
          judgement);
      talk.close(sink);
    }
  }

  /** Messages leave, and complete, in the order in which they were posted. */
  private static void order(Conversation talk, Judgement judgement) throws Exception {
    int before = talk.peer().heard().size();
    int completed = talk.completions().size();
    int count = 12;
    MemoryRegion[] regions = new MemoryRegion[count];
    long[] ids = new long[count];
    for (int i = 0; i < count; i++) {
      regions[i] = talk.allocate(8 + 500L * (i % 3));
      Conversation.fill(regions[i], new byte[] {(byte) i});
      ids[i] = talk.newId();
      talk.post(new Send(ids[i], regions[i].whole()));
    }
    talk.run();
    List<Heard> news = newsSince(talk, before);
    boolean inOrder = news.size() == count;
    for (int i = 0; inOrder && i < count; i++) {
      inOrder = news.get(i).payload().asByteBuffer().get(0) == i;
    }
    require(inOrder, DdpRules.R085, "12 Sends came as %s".formatted(news), talk, judgement);
    long[] seen = talk.completions().stream().skip(completed).mapToLong(c -> c.id()).toArray();
    require(
        Arrays.equals(seen, ids),
        RdmapRules.R109,
        "requests %s completed as %s".formatted(Arrays.toString(ids), Arrays.toString(seen)),
        talk,
        judgement);
    for (MemoryRegion region : regions) {
      talk.close(region);
    }
  }

  /** Messages since then; a Write of no octets is a driver's own affair. */
  static List<Heard> newsSince(Conversation talk, int before) {
    List<Heard> all = talk.peer().heard();
    List<Heard> news = all.subList(before, all.size());
    if (news.size() > 1) {
      return news.stream()
          .filter(heard -> heard.opcode() != Ddp.WRITE || heard.payload().length() > 0)
          .toList();
    }
    return news;
  }
}
