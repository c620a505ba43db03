package dev.offramp.tck.experiment;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.LocalInvalidate;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.spi.RnicCapabilities;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.rule.NamingRules;
import dev.offramp.tck.rule.RdmapRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import dev.offramp.tck.wire.Ddp;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** What is declared works, and what is not is refused: operations, queues, pieces, regions. */
final class TruthExperiment extends WireExperiment {
  private static final int MANY = 4096;

  @Override
  public String name() {
    return "truth";
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(NamingRules.L72, SpiRules.S14, SpiRules.S16, SpiRules.S17, RdmapRules.R107);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    operations(lab, judgement);
    queues(lab, judgement);
    pieces(lab, judgement);
    foreignBuffers(lab, judgement);
    regions(lab, judgement);
    invalidations(lab, judgement);
  }

  private static Conversation started(Lab lab, Bench bench, String purpose) throws Exception {
    Conversation talk =
        lab.arrive(bench, lab.shape().role(MpaRole.RESPONDER), "truth " + purpose).activate();
    talk.peer().breakSilence();
    return talk.run();
  }

  private static void operations(Lab lab, Judgement judgement) throws Exception {
    try (Bench bench = lab.open()) {
      Conversation talk = started(lab, bench, "operations");
      Set<Operation> declared = lab.capabilities().operations();
      Set<Operation> said = talk.connection().operations();
      require(
          said.equals(declared),
          NamingRules.L72,
          "the capabilities declare %s, the connection says %s".formatted(declared, said),
          talk,
          judgement);
      for (Operation operation : Set.of(Operation.SEND, Operation.RECEIVE)) {
        require(
            declared.contains(operation),
            NamingRules.L72,
            "%s is not declared; every stream of RFC 5040 has it".formatted(operation),
            talk,
            judgement);
      }
      if (!declared.contains(Operation.WRITE)) {
        MemoryRegion region = talk.allocate(16);
        refused(
            talk,
            new Write(1, region.whole(), new RemoteBuffer(1, 0, 16)),
            UnsupportedOperationException.class,
            NamingRules.L72,
            judgement);
      }
      if (!declared.contains(Operation.LOCAL_INVALIDATE)) {
        refused(
            talk,
            new LocalInvalidate(1, 5),
            UnsupportedOperationException.class,
            NamingRules.L72,
            judgement);
      }
      talk.finish();
    }
  }

  private static void refused(
      Conversation talk,
      WorkRequest request,
      Class<? extends Exception> expected,
      Rule rule,
      Judgement judgement) {
    String seen = "nothing thrown";
    try {
      talk.post(request);
    } catch (Exception e) {
      if (expected.isInstance(e)) {
        return;
      }
      seen = e.toString();
    }
    require(
        false,
        rule,
        "%s: expected %s, seen %s".formatted(request.operation(), expected.getSimpleName(), seen),
        talk,
        judgement);
  }

  /** As many Receives as are declared, and the next one is told that the queue is full. */
  private static void queues(Lab lab, Judgement judgement) throws Exception {
    RnicCapabilities can = lab.capabilities();
    try (Bench bench = lab.open()) {
      Conversation talk = started(lab, bench, "queues");
      MemoryRegion region = talk.allocate(64);
      int entries = Math.min(MANY, can.receiveQueueEntries());
      fill(
          talk,
          entries,
          i -> new Receive(i, region.whole()),
          entries < can.receiveQueueEntries(),
          "receive",
          judgement);
      talk.peer().wire().window(0);
      int sends = Math.min(MANY, can.sendQueueEntries());
      fill(
          talk,
          sends,
          i -> new Send(10_000 + i, region.whole()),
          sends < can.sendQueueEntries(),
          "send",
          judgement);
      talk.peer().wire().window(Integer.MAX_VALUE);
      talk.run();
      require(
          talk.completions().stream().filter(Completion::isSuccess).count() >= sends,
          SpiRules.S14,
          "of %d Sends that fill the queue %d completed"
              .formatted(sends, talk.completions().stream().filter(Completion::isSuccess).count()),
          talk,
          judgement);
      talk.abort();
    }
  }

  /** Makes the nth request. */
  @FunctionalInterface
  private interface Requests {
    WorkRequest of(int i);
  }

  private static void fill(
      Conversation talk,
      int entries,
      Requests requests,
      boolean moreFit,
      String queue,
      Judgement judgement)
      throws Exception {
    int queued = 0;
    try {
      for (; queued < entries; queued++) {
        talk.post(requests.of(queued));
      }
    } catch (WorkQueueFullException e) {
      require(
          false,
          SpiRules.S14,
          "the %s queue is full after %d requests, %d entries are declared"
              .formatted(queue, queued, entries),
          talk,
          judgement);
      return;
    }
    if (!moreFit) {
      refused(talk, requests.of(entries), WorkQueueFullException.class, SpiRules.S16, judgement);
    }
  }

  private static void pieces(Lab lab, Judgement judgement) throws Exception {
    RnicCapabilities can = lab.capabilities();
    try (Bench bench = lab.open()) {
      Conversation talk = started(lab, bench, "pieces");
      MemoryRegion region = talk.allocate(4096);
      byte[] content = Payload.of(lab.random("pieces"), 4096);
      Conversation.fill(region, content);
      List<LocalBuffer> most = new ArrayList<>();
      for (int i = 0; i < can.maxGatherEntries(); i++) {
        most.add(region.slice(7L * i, 5));
      }
      int before = talk.peer().heard().size();
      long id = talk.newId();
      talk.post(new Send(id, most, false, OptionalInt.empty()));
      talk.run();
      boolean right = talk.peer().heard().size() == before + 1;
      byte[] seen = right ? talk.peer().last().payload().toByteArray() : new byte[0];
      right &= seen.length == 5 * most.size();
      for (int i = 0; right && i < seen.length; i++) {
        right = seen[i] == content[7 * (i / 5) + i % 5];
      }
      require(
          right,
          SpiRules.S14,
          "a Send of %d pieces, as many as are declared, came as %d octets"
              .formatted(most.size(), seen.length),
          talk,
          judgement);
      List<LocalBuffer> tooMany =
          new ArrayList<>(Collections.nCopies(can.maxGatherEntries() + 1, region.slice(0, 1)));
      refused(
          talk,
          new Send(1, tooMany, false, OptionalInt.empty()),
          IllegalArgumentException.class,
          SpiRules.S16,
          judgement);
      List<LocalBuffer> scatter = new ArrayList<>();
      MemoryRegion target = talk.allocate(4096);
      for (int i = 0; i < can.maxScatterEntries(); i++) {
        scatter.add(target.slice(10L * i, 3));
      }
      long received = talk.newId();
      talk.post(new Receive(received, scatter));
      byte[] payload = Payload.of(lab.random("scatter"), 3 * scatter.size());
      talk.peer().send(payload);
      talk.run();
      byte[] placed = Conversation.octets(target);
      boolean scattered = talk.completionOf(received).isPresent();
      for (int i = 0; scattered && i < payload.length; i++) {
        scattered = placed[10 * (i / 3) + i % 3] == payload[i];
      }
      require(
          scattered,
          SpiRules.S14,
          "a Receive of %d pieces, as many as are declared: %s"
              .formatted(scatter.size(), shown(talk)),
          talk,
          judgement);
      refused(
          talk,
          new Receive(
              2,
              new ArrayList<>(
                  Collections.nCopies(can.maxScatterEntries() + 1, target.slice(0, 1)))),
          IllegalArgumentException.class,
          SpiRules.S16,
          judgement);
      judgeWire(talk, judgement);
      talk.finish();
    }
  }

  private static void foreignBuffers(Lab lab, Judgement judgement) throws Exception {
    try (Bench bench = lab.open()) {
      Conversation one = started(lab, bench, "one");
      Conversation two = started(lab, bench, "two");
      MemoryRegion foreign = two.allocate(64);
      refused(
          one,
          new Send(1, foreign.whole()),
          IllegalArgumentException.class,
          SpiRules.S16,
          judgement);
      MemoryRegion own = one.allocate(64);
      if (lab.offers(Operation.WRITE)) {
        refused(
            one,
            new Write(2, own.whole(), new RemoteBuffer(1, 0, 8)),
            IllegalArgumentException.class,
            SpiRules.S16,
            judgement);
      }
      String seen = "nothing thrown";
      try {
        bench.call("register", () -> one.connection().register(MemorySegment.ofArray(new byte[8])));
      } catch (IllegalArgumentException e) {
        seen = "";
      } catch (Exception e) {
        seen = e.toString();
      }
      require(
          seen.isEmpty(),
          SpiRules.S16,
          "register of a segment on the heap: expected IllegalArgumentException, seen " + seen,
          one,
          judgement);
      one.finish();
      two.finish();
    }
  }

  private static void regions(Lab lab, Judgement judgement) throws Exception {
    try (Bench bench = lab.open()) {
      Conversation talk = started(lab, bench, "regions");
      MemoryRegion region = talk.allocate(64, Access.REMOTE_WRITE);
      MemoryRegion other = talk.allocate(64, Access.REMOTE_WRITE);
      require(
          region.isValid() && region.sizeBytes() == 64 && region.stag() != other.stag(),
          SpiRules.S17,
          "two new regions: valid %s, %d bytes, STags %08x and %08x"
              .formatted(region.isValid(), region.sizeBytes(), region.stag(), other.stag()),
          talk,
          judgement);
      LocalBuffer stale = region.whole();
      bench.call(
          "region.close",
          () -> {
            region.close();
            region.close();
            return null;
          });
      require(!region.isValid(), SpiRules.S17, "a region is valid after close", talk, judgement);
      long id = talk.newId();
      String seen = "it was taken and never completed";
      try {
        talk.post(new Send(id, stale));
        talk.run();
        seen =
            talk.completionOf(id)
                .map(c -> c.status() == CompletionStatus.INVALID_REGION ? "" : shown(c))
                .orElse(seen);
      } catch (IllegalArgumentException e) {
        seen = "";
      }
      require(
          seen.isEmpty(),
          SpiRules.S17,
          "a Send from a closed region: expected INVALID_REGION or IllegalArgumentException, seen "
              + seen,
          talk,
          judgement);
      int registered = bench.events().registered();
      talk.finish();
      require(
          bench.events().deregistered() == registered,
          SpiRules.S17,
          "events(): %d regions came and %d went with their connection"
              .formatted(registered, bench.events().deregistered()),
          talk,
          judgement);
    }
  }

  /** By the peer, and by the own end. */
  private static void invalidations(Lab lab, Judgement judgement) throws Exception {
    try (Bench bench = lab.open()) {
      Conversation talk = started(lab, bench, "invalidations");
      MemoryRegion region = talk.allocate(64, Access.REMOTE_WRITE, Access.REMOTE_INVALIDATE);
      long id = talk.receive(talk.allocate(64));
      talk.peer().untagged(Ddp.SEND_INVALIDATE, region.stag(), new byte[] {1});
      talk.run();
      boolean told =
          talk.completionOf(id)
              .map(c -> c.invalidatedStag().equals(OptionalInt.of(region.stag())))
              .orElse(false);
      require(
          told && !region.isValid(),
          RdmapRules.R107,
          "a Send with Invalidate of a valid STag: valid %s, completions %s"
              .formatted(region.isValid(), talk.completions()),
          talk,
          judgement);
      if (lab.offers(Operation.LOCAL_INVALIDATE)) {
        MemoryRegion own = talk.allocate(64, Access.REMOTE_WRITE);
        long local = talk.newId();
        talk.post(new LocalInvalidate(local, own.stag()));
        talk.run();
        requireSuccess(talk, local, Operation.LOCAL_INVALIDATE, -1, judgement);
        require(
            !own.isValid(),
            SpiRules.S17,
            "a region is valid after LOCAL_INVALIDATE",
            talk,
            judgement);
      }
      judgeWire(talk, judgement);
      talk.finish();
    }
  }
}
