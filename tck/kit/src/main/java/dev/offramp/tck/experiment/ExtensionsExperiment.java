package dev.offramp.tck.experiment;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompareSwap;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.FetchAdd;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.SendImmediate;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.tck.bench.Atomic;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.rule.ExtensionRules;
import dev.offramp.tck.rule.FrameRules;
import dev.offramp.tck.rule.NamingRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.wire.Ddp;
import dev.offramp.tck.wire.Heard;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** RFC 7306: atomic operations and immediate data, or their refusal. */
final class ExtensionsExperiment extends WireExperiment {
  private static final int PEER_STAG = 0x1234_5600;
  private static final int UNEXPECTED_OPCODE = 0x0206;
  private static final int MISALIGNED = 0x0207;

  @Override
  public String name() {
    return "extensions";
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(
        ExtensionRules.R119,
        ExtensionRules.R120,
        ExtensionRules.R121,
        ExtensionRules.R122,
        ExtensionRules.R123,
        ExtensionRules.R124,
        ExtensionRules.R125,
        ExtensionRules.R126,
        FrameRules.L41,
        FrameRules.L42);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    boolean add = lab.offers(Operation.FETCH_ADD);
    boolean swap = lab.offers(Operation.COMPARE_SWAP);
    boolean immediate = lab.offers(Operation.IMMEDIATE);
    if (add != swap) {
      judgement.fail(
          ExtensionRules.R120,
          "FETCH_ADD is %s and COMPARE_SWAP is %s: both or none"
              .formatted(add ? "declared" : "not declared", swap ? "declared" : "not declared"));
    }
    if (add && swap && lab.shape().ord() > 0) {
      atomicsOut(lab, judgement);
      atomicsIn(lab, judgement);
      misaligned(lab, judgement);
      twoStreams(lab, judgement);
    } else {
      refusedAtomics(lab, judgement);
    }
    if (immediate) {
      immediateOut(lab, judgement);
      immediateIn(lab, judgement);
    } else {
      refusedImmediate(lab, judgement);
    }
  }

  private static Conversation started(Lab lab, Bench bench, String purpose) throws Exception {
    Conversation talk =
        lab.arrive(bench, lab.shape().role(MpaRole.RESPONDER), "extensions " + purpose).activate();
    talk.peer().breakSilence();
    return talk.run();
  }

  private static void atomicsOut(Lab lab, Judgement judgement) throws Exception {
    RandomGenerator random = lab.random("atomics");
    try (Bench bench = lab.open()) {
      Conversation talk = started(lab, bench, "atomics out");
      byte[] memory = talk.peer().memory(PEER_STAG, 64);
      ByteBuffer words = ByteBuffer.wrap(memory).order(java.nio.ByteOrder.nativeOrder());
      MemoryRegion sink = talk.allocate(64, Access.REMOTE_WRITE);
      for (int i = 0; i < 24; i++) {
        boolean isAdd = i % 2 == 0;
        long word = random.nextLong();
        words.putLong(16, word);
        long data = random.nextLong();
        long mask = i % 3 == 0 ? 0 : random.nextLong();
        long compare = i % 4 == 1 ? word : random.nextLong();
        long compareMask = i % 5 == 0 ? -1 : random.nextLong() << 17;
        RemoteBuffer target = new RemoteBuffer(PEER_STAG, 16, 8);
        long id = talk.newId();
        WorkRequest request =
            isAdd
                ? new FetchAdd(id, sink.slice(8, 8), target, data, mask)
                : new CompareSwap(id, sink.slice(8, 8), target, compare, compareMask, data, mask);
        int before = talk.peer().heard().size();
        talk.post(request);
        talk.run();
        requestOf(talk, before, request, judgement);
        talk.peer().serve();
        talk.run();
        long expected =
            isAdd
                ? Atomic.add(word, data, mask)
                : Atomic.swap(word, data, mask, compare, compareMask);
        require(
            words.getLong(16) == expected
                && sink.segment().get(ValueLayout.JAVA_LONG, 8) == word
                && talk.completionOf(id).map(Completion::isSuccess).orElse(false),
            ExtensionRules.R122,
            "%s: before [%016x], after [%016x], expected [%016x], original [%016x], %s"
                .formatted(
                    request,
                    word,
                    words.getLong(16),
                    expected,
                    sink.segment().get(ValueLayout.JAVA_LONG, 8),
                    shown(talk)),
            talk,
            judgement);
      }
      judgeWire(talk, judgement);
      talk.finish();
    }
  }

  private static void requestOf(
      Conversation talk, int before, WorkRequest request, Judgement judgement) {
    List<Heard> news = SendingExperiment.newsSince(talk, before);
    boolean right =
        news.size() == 1
            && news.get(0).opcode() == Ddp.ATOMIC_REQUEST
            && news.get(0).queue() == Ddp.REQUEST_QUEUE
            && news.get(0).payload().length() == Ddp.ATOMIC_REQUEST_BYTES
            && news.get(0).word(0) == (request instanceof FetchAdd ? 0 : 2)
            && news.get(0).word(8) == PEER_STAG
            && news.get(0).doubleWord(12) == 16
            && operandsMatch(news.get(0), request);
    String text = "%s came as %s".formatted(request.operation(), news);
    require(right, ExtensionRules.R123, text, talk, judgement);
    require(right, FrameRules.L42, text, talk, judgement);
  }

  /** RFC 7306, section 5.2.1: data, mask, compare data, compare mask, in this order. */
  private static boolean operandsMatch(Heard heard, WorkRequest request) {
    return switch (request) {
      case FetchAdd add ->
          heard.doubleWord(20) == add.add() && heard.doubleWord(28) == add.addMask();
      case CompareSwap swap ->
          heard.doubleWord(20) == swap.swap()
              && heard.doubleWord(28) == swap.swapMask()
              && heard.doubleWord(36) == swap.compare()
              && heard.doubleWord(44) == swap.compareMask();
      default -> true;
    };
  }

  private static void atomicsIn(Lab lab, Judgement judgement) throws Exception {
    RandomGenerator random = lab.random("atomics in");
    try (Bench bench = lab.open()) {
      Conversation talk = started(lab, bench, "atomics in");
      MemoryRegion region = talk.allocate(64, Access.REMOTE_ATOMIC, Access.REMOTE_READ);
      for (int i = 0; i < 24; i++) {
        boolean isAdd = i % 2 == 0;
        long word = random.nextLong();
        region.segment().set(ValueLayout.JAVA_LONG, 24, word);
        long data = random.nextLong();
        long mask = i % 3 == 0 ? 0 : random.nextLong();
        long compare = i % 4 == 1 ? word : random.nextLong();
        long compareMask = i % 5 == 0 ? -1 : random.nextLong() << 17;
        int before = talk.peer().heard().size();
        int identifier = random.nextInt();
        talk.peer()
            .untagged(
                Ddp.ATOMIC_REQUEST,
                0,
                Ddp.atomicRequest(
                    isAdd ? 0 : 2,
                    identifier,
                    region.stag(),
                    region.taggedOffset() + 24,
                    data,
                    mask,
                    isAdd ? 0 : compare,
                    isAdd ? 0 : compareMask));
        talk.run();
        long expected =
            isAdd
                ? Atomic.add(word, data, mask)
                : Atomic.swap(word, data, mask, compare, compareMask);
        long after = region.segment().get(ValueLayout.JAVA_LONG, 24);
        List<Heard> news = SendingExperiment.newsSince(talk, before);
        require(
            after == expected,
            ExtensionRules.R122,
            "an atomic of the peer: before [%016x], after [%016x], expected [%016x]"
                .formatted(word, after, expected),
            talk,
            judgement);
        boolean answered =
            news.size() == 1
                && news.get(0).opcode() == Ddp.ATOMIC_RESPONSE
                && news.get(0).queue() == Ddp.ATOMIC_RESPONSE_QUEUE
                && news.get(0).payload().length() == Ddp.ATOMIC_RESPONSE_BYTES
                && news.get(0).word(0) == identifier
                && news.get(0).doubleWord(4) == word;
        String text =
            "an atomic of the peer on [%016x] with identifier %08x was answered with %s"
                .formatted(word, identifier, news);
        require(answered, ExtensionRules.R123, text, talk, judgement);
        require(answered, FrameRules.L42, text, talk, judgement);
      }
      mixed(talk, region, judgement);
      judgeWire(talk, judgement);
      talk.finish();
    }
  }

  /** Reads and atomics share a queue and are answered in its order. */
  private static void mixed(Conversation talk, MemoryRegion region, Judgement judgement)
      throws Exception {
    int before = talk.peer().heard().size();
    talk.peer().hold();
    talk.peer().readRequest(1, 0, 8, region.stag(), region.taggedOffset());
    talk.peer()
        .untagged(
            Ddp.ATOMIC_REQUEST,
            0,
            Ddp.atomicRequest(0, 5, region.stag(), region.taggedOffset(), 1, 0, 0, 0));
    talk.peer().readRequest(1, 0, 8, region.stag(), region.taggedOffset());
    talk.peer().release();
    talk.run();
    List<Integer> kinds =
        SendingExperiment.newsSince(talk, before).stream().map(Heard::opcode).toList();
    require(
        kinds.equals(List.of(Ddp.READ_RESPONSE, Ddp.ATOMIC_RESPONSE, Ddp.READ_RESPONSE)),
        ExtensionRules.R123,
        "a Read, an atomic and a Read were answered with opcodes " + kinds,
        talk,
        judgement);
  }

  private static void misaligned(Lab lab, Judgement judgement) throws Exception {
    for (int by = 1; by < 8; by++) {
      try (Bench bench = lab.open()) {
        Conversation talk = started(lab, bench, "misaligned");
        MemoryRegion region = talk.allocate(64, Access.REMOTE_ATOMIC);
        talk.peer()
            .untagged(
                Ddp.ATOMIC_REQUEST,
                0,
                Ddp.atomicRequest(
                    0, 1, region.stag(), region.taggedOffset() + by, 0x0101, 0, 0, 0));
        talk.run();
        require(
            triple(talk) == MISALIGNED && region.segment().get(ValueLayout.JAVA_LONG, 0) == 0,
            ExtensionRules.R121,
            "an atomic %d octets off: Terminate [%04x], expected 0/2/07; the word is [%016x]"
                .formatted(by, triple(talk), region.segment().get(ValueLayout.JAVA_LONG, 0)),
            talk,
            judgement);
        judgeWire(talk, judgement);
      }
    }
  }

  private static int triple(Conversation talk) {
    return talk.peer().heard().stream()
        .mapToInt(Heard::terminateTriple)
        .filter(t -> t >= 0)
        .findFirst()
        .orElse(-1);
  }

  /** Regions belong to a connection, so two peers meet in the memory under two regions. */
  private static void twoStreams(Lab lab, Judgement judgement) throws Exception {
    try (Bench bench = lab.open()) {
      Conversation one = started(lab, bench, "atomic one");
      Conversation two = started(lab, bench, "atomic two");
      MemoryRegion first = one.allocate(64, Access.REMOTE_ATOMIC);
      MemoryRegion second =
          bench.call(
              "register", () -> two.connection().register(first.segment(), Access.REMOTE_ATOMIC));
      int rounds = 20;
      for (int i = 0; i < rounds; i++) {
        add(one, first);
        add(two, second);
      }
      one.run();
      two.run();
      long sum = first.segment().get(ValueLayout.JAVA_LONG, 0);
      require(
          sum == 2L * rounds,
          ExtensionRules.R124,
          "two connections added 1 to one word %d times each, it is %d".formatted(rounds, sum),
          one,
          judgement);
      two.close(second);
      one.finish();
      two.finish();
    }
  }

  private static void add(Conversation talk, MemoryRegion region) {
    talk.peer()
        .untagged(
            Ddp.ATOMIC_REQUEST,
            0,
            Ddp.atomicRequest(0, 1, region.stag(), region.taggedOffset(), 1, 0, 0, 0));
    talk.settle();
  }

  private static void refusedAtomics(Lab lab, Judgement judgement) throws Exception {
    try (Bench bench = lab.open()) {
      Conversation talk = started(lab, bench, "no atomics");
      MemoryRegion region = talk.allocate(64, Access.REMOTE_READ, Access.REMOTE_WRITE);
      if (!lab.offers(Operation.FETCH_ADD)) {
        requireUnsupported(
            talk, new FetchAdd(1, region.slice(0, 8), new RemoteBuffer(1, 0, 8), 1, 0), judgement);
        talk.peer()
            .untagged(
                Ddp.ATOMIC_REQUEST,
                0,
                Ddp.atomicRequest(0, 1, region.stag(), region.taggedOffset(), 1, 0, 0, 0));
        talk.run();
        require(
            triple(talk) == UNEXPECTED_OPCODE,
            ExtensionRules.R126,
            "an Atomic Request, which is not offered: Terminate [%04x], expected 0/2/06"
                .formatted(triple(talk)),
            talk,
            judgement);
      }
    }
    for (Rule rule :
        List.of(
            ExtensionRules.R121,
            ExtensionRules.R122,
            ExtensionRules.R123,
            ExtensionRules.R124,
            FrameRules.L42)) {
      judgement.refused(rule, "atomics are not declared, and refused");
    }
  }

  private static void refusedImmediate(Lab lab, Judgement judgement) throws Exception {
    try (Bench bench = lab.open()) {
      Conversation talk = started(lab, bench, "no immediate");
      requireUnsupported(talk, new SendImmediate(1, 5, false), judgement);
      talk.receive(talk.allocate(64));
      talk.peer().untagged(Ddp.IMMEDIATE, 0, new byte[8]);
      talk.run();
      require(
          triple(talk) == UNEXPECTED_OPCODE,
          ExtensionRules.R126,
          "immediate data, which is not offered: Terminate [%04x], expected 0/2/06"
              .formatted(triple(talk)),
          talk,
          judgement);
    }
    judgement.refused(ExtensionRules.R125, "immediate data is not declared, and refused");
    judgement.refused(FrameRules.L41, "immediate data is not declared, and refused");
  }

  private static void requireUnsupported(
      Conversation talk, WorkRequest request, Judgement judgement) {
    String seen = "nothing thrown";
    try {
      talk.post(request);
    } catch (UnsupportedOperationException e) {
      return;
    } catch (Exception e) {
      seen = e.toString();
    }
    require(
        false,
        NamingRules.L72,
        "%s is not declared: expected UnsupportedOperationException, seen %s"
            .formatted(request.operation(), seen),
        talk,
        judgement);
  }

  private static void immediateOut(Lab lab, Judgement judgement) throws Exception {
    try (Bench bench = lab.open()) {
      Conversation talk = started(lab, bench, "immediate out");
      for (boolean solicited : new boolean[] {false, true}) {
        long data = lab.random("immediate " + solicited).nextLong();
        int before = talk.peer().heard().size();
        long id = talk.newId();
        talk.post(new SendImmediate(id, data, solicited));
        talk.run();
        List<Heard> news = SendingExperiment.newsSince(talk, before);
        boolean right =
            news.size() == 1
                && news.get(0).opcode() == (solicited ? Ddp.IMMEDIATE_SE : Ddp.IMMEDIATE)
                && news.get(0).payload().length() == 8
                && news.get(0).doubleWord(0) == data;
        String text = "immediate data [%016x] came as %s".formatted(data, news);
        require(right, ExtensionRules.R125, text, talk, judgement);
        require(right, FrameRules.L41, text, talk, judgement);
        requireSuccess(talk, id, Operation.IMMEDIATE, -1, judgement);
      }
      judgeWire(talk, judgement);
      talk.finish();
    }
  }

  private static void immediateIn(Lab lab, Judgement judgement) throws Exception {
    try (Bench bench = lab.open()) {
      Conversation talk = started(lab, bench, "immediate in");
      MemoryRegion region = talk.allocate(64);
      long id = talk.receive(region);
      long data = 0x0123_4567_89AB_CDEFL;
      talk.peer().untagged(Ddp.IMMEDIATE, 0, ByteBuffer.allocate(8).putLong(data).array());
      talk.run();
      require(
          talk.completionOf(id)
              .map(c -> c.immediate().isPresent() && c.immediate().getAsLong() == data)
              .orElse(false),
          ExtensionRules.R125,
          "immediate data [%016x] completed a Receive as %s".formatted(data, talk.completions()),
          talk,
          judgement);
      judgeWire(talk, judgement);
      talk.finish();
    }
    for (int bytes : new int[] {0, 7, 9}) {
      try (Bench bench = lab.open()) {
        Conversation talk = started(lab, bench, "immediate of " + bytes);
        long id = talk.receive(talk.allocate(64));
        talk.peer().untagged(Ddp.IMMEDIATE, 0, new byte[bytes]);
        talk.run();
        require(
            triple(talk) >= 0 && !talk.completionOf(id).map(Completion::isSuccess).orElse(false),
            ExtensionRules.R125,
            "immediate data of %d octets: Terminate [%04x], completions [%s]"
                .formatted(bytes, triple(talk), shown(talk)),
            talk,
            judgement);
        judgeWire(talk, judgement);
      }
    }
  }
}
