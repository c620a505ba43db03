package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MemorySlice;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.Quiet;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.spi.ConnectionMovedException;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A connection departs with work at it: all of it is described, and none of it is gone. */
final class WorkTravelsExperiment extends WireExperiment {
  private static final int RECEIVES = 3;
  private static final int SLOT_BYTES = 64;
  private static final int MESSAGE_BYTES = 50;
  private static final DepartureNeeds AT_REST =
      new DepartureNeeds(TcpResidence.NEW_OWNER, EnumSet.allOf(Quiet.class), Duration.ofSeconds(2));

  @Override
  public String name() {
    return "work-travels";
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(SpiRules.S24);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    for (MpaRole role : MpaRole.values()) {
      try (Bench bench = lab.open()) {
        Conversation talk = lab.arrive(bench, lab.shape().role(role), "work " + role).activate();
        if (role == MpaRole.RESPONDER) {
          talk.peer().breakSilence();
        } else {
          talk.send(new byte[1]);
        }
        talk.run();
        talk.completions().clear();
        new Case(bench, talk, judgement).run();
      }
    }
  }

  /** One connection. */
  private static final class Case {
    private final Bench bench;
    private final Conversation talk;
    private final Judgement judgement;
    private final MemoryRegion inbox;
    private final long[] receives = new long[RECEIVES];

    Case(Bench bench, Conversation talk, Judgement judgement) throws Exception {
      this.bench = bench;
      this.talk = talk;
      this.judgement = judgement;
      this.inbox = talk.allocate((long) RECEIVES * SLOT_BYTES, Access.REMOTE_WRITE);
    }

    void run() throws Exception {
      for (int i = 0; i < RECEIVES; i++) {
        receives[i] = talk.newId();
        talk.post(new Receive(receives[i], inbox.slice((long) i * SLOT_BYTES, SLOT_BYTES)));
      }
      talk.peer().send(new byte[MESSAGE_BYTES]);
      talk.settle();
      Departure departure = depart();
      if (departure == null) {
        goesOn("after the refusal");
        talk.abort();
        return;
      }
      described(departure.descriptor());
      bench.call(
          "resume",
          () -> {
            departure.resume();
            departure.close();
            return null;
          });
      goesOn("after resume");
      released();
    }

    private @Nullable Departure depart() throws Exception {
      RdmaConnection connection = talk.connection();
      try {
        return bench.call("depart", () -> bench.rnic().depart(connection, AT_REST));
      } catch (TransferException e) {
        require(
            !e.refusals().isEmpty(),
            SpiRules.S24,
            "a departure with work failed without a refusal: " + e.getMessage(),
            talk,
            judgement);
        judgement.refused(SpiRules.S24, "depart is refused: " + e.getMessage());
        return null;
      }
    }

    private void described(IwarpConnectionDescriptor d) {
      List<Completion> completions = list(d, DescriptorFields.COMPLETIONS);
      require(
          completions.size() == 1 && isFirst(completions.getFirst()),
          SpiRules.S24,
          "completions are described as %s, expected that of Receive %d, which nobody has taken"
              .formatted(completions, receives[0]),
          talk,
          judgement);
      List<Long> posted =
          list(d, DescriptorFields.POSTED_RECEIVES).stream().map(PostedWork::id).toList();
      require(
          posted.equals(List.of(receives[1], receives[2])),
          SpiRules.S24,
          "Receives are described as %s, expected [%d, %d]"
              .formatted(posted, receives[1], receives[2]),
          talk,
          judgement);
      int stag = inbox.stag();
      Optional<RegisteredMemory> region =
          list(d, DescriptorFields.REGIONS).stream().filter(r -> r.stag() == stag).findFirst();
      require(
          region
              .filter(r ->
                  r.valid()
                      && r.sizeBytes() == (long) RECEIVES * SLOT_BYTES
                      && r.access().equals(Set.of(Access.REMOTE_WRITE)))
              .isPresent(),
          SpiRules.S24,
          "STag [%08x] is described as %s".formatted(stag, region),
          talk,
          judgement);
      List<MemorySlice> slices =
          list(d, DescriptorFields.POSTED_RECEIVES).stream()
              .flatMap(work -> work.buffers().stream())
              .toList();
      require(
          slices.equals(
              List.of(
                  new MemorySlice(stag, SLOT_BYTES, SLOT_BYTES),
                  new MemorySlice(stag, 2 * SLOT_BYTES, SLOT_BYTES))),
          SpiRules.S24,
          "the buffers of the Receives are described as %s".formatted(slices),
          talk,
          judgement);
    }

    private static <T extends Object> List<T> list(
        IwarpConnectionDescriptor d, FieldKey<List<T>> key) {
      return d.get(key).orElse(List.of());
    }

    private boolean isFirst(Completion completion) {
      return completion.id() == receives[0]
          && completion.operation() == Operation.RECEIVE
          && completion.status() == CompletionStatus.SUCCESS
          && completion.bytes() == MESSAGE_BYTES;
    }

    private void goesOn(String when) throws Exception {
      talk.run();
      talk.peer().send(new byte[MESSAGE_BYTES]);
      talk.run();
      require(
          talk.completionOf(receives[0]).filter(this::isFirst).isPresent()
              && talk.completionOf(receives[1]).isPresent()
              && talk.completions().size() == 2,
          SpiRules.S24,
          "%s completions are [%s], expected those of Receives %d and %d; end %s"
              .formatted(when, shown(talk), receives[0], receives[1], talk.end()),
          talk,
          judgement);
    }

    /** Once more, for good. */
    private void released() throws Exception {
      int before = talk.peer().octetsHeard().length();
      Departure departure = depart();
      if (departure == null) {
        return;
      }
      bench.call(
          "release",
          () -> {
            departure.release();
            return null;
          });
      talk.settle();
      require(
          talk.peer().octetsHeard().length() == before
              && !talk.peer().wire().isFinished()
              && !talk.peer().wire().isReset(),
          SpiRules.S24,
          "after release the connection was not silent: %d octets more, %s%s"
              .formatted(
                  talk.peer().octetsHeard().length() - before,
                  talk.peer().wire().isFinished() ? "FIN" : "",
                  talk.peer().wire().isReset() ? "RST" : ""),
          talk,
          judgement);
      try {
        talk.post(new Receive(talk.newId(), inbox.slice(0, 1)));
        judgement.fail(SpiRules.S24, "after release a Receive could be posted", Evidences.of(talk));
      } catch (ConnectionMovedException expected) {
        judgement.pass(SpiRules.S24);
      } catch (RuntimeException e) {
        judgement.fail(
            SpiRules.S24,
            "after release post threw [%s], expected ConnectionMovedException".formatted(e),
            Evidences.of(talk));
      }
    }
  }
}
