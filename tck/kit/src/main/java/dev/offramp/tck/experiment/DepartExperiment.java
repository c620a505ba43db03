package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.Ownership;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.rule.NamingRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import java.util.Set;

/** A connection is asked back: it is described as it stands, or refused and goes on. */
final class DepartExperiment extends WireExperiment {
  private static final long UINT32 = 0xFFFF_FFFFL;

  @Override
  public String name() {
    return "depart";
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(SpiRules.S18, NamingRules.L69);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    for (MpaRole role : MpaRole.values()) {
      try (Bench bench = lab.open()) {
        Conversation talk = lab.arrive(bench, lab.shape().role(role), "depart").activate();
        talk.peer().breakSilence();
        talk.run();
        talk.send(new byte[100]);
        long received = talk.receive(talk.allocate(256));
        talk.peer().send(new byte[50]);
        talk.run();
        Departure departure;
        try {
          departure = bench.call("depart", () -> bench.rnic().depart(talk.connection()));
        } catch (TransferException e) {
          refused(talk, e, judgement);
          continue;
        }
        described(talk, departure.descriptor(), judgement);
        bench.call(
            "resume",
            () -> {
              departure.resume();
              departure.close();
              return null;
            });
        require(
            talk.completionOf(received).isPresent(),
            SpiRules.S18,
            "a Receive was lost on the way: " + shown(talk),
            talk,
            judgement);
        goesOn(talk, "after resume", judgement);
        talk.abort();
      }
    }
  }

  private static void refused(Conversation talk, TransferException e, Judgement judgement)
      throws Exception {
    boolean typed =
        e.refusals().stream()
            .anyMatch(refusal ->
                refusal.reason() == RefusalReason.UNSUPPORTED
                    || refusal.reason() == RefusalReason.NOT_QUIET);
    require(
        typed && e.whereabouts() == Whereabouts.OLD_OWNER,
        SpiRules.S18,
        "depart: expected a descriptor, or a refusal with UNSUPPORTED or NOT_QUIET, seen "
            + e.getMessage(),
        talk,
        judgement);
    goesOn(talk, "after the refusal", judgement);
    judgement.refused(NamingRules.L69, "depart is refused: " + e.getMessage());
    judgement.refused(SpiRules.S18, "depart is refused, and the connection goes on");
    talk.abort();
  }

  private static void goesOn(Conversation talk, String when, Judgement judgement) throws Exception {
    int before = talk.peer().heard().size();
    long id;
    try {
      id = talk.send(new byte[] {1, 2, 3});
    } catch (ConnectionClosedException | IllegalStateException e) {
      judgement.fail(
          SpiRules.S18, "%s a Send is refused: %s".formatted(when, e), Evidences.of(talk));
      return;
    }
    talk.run();
    require(
        talk.peer().heard().size() == before + 1 && talk.completionOf(id).isPresent(),
        SpiRules.S18,
        "%s a Send came as %s; end %s"
            .formatted(when, SendingExperiment.newsSince(talk, before), talk.end()),
        talk,
        judgement);
    judgeWire(talk, judgement);
  }

  /** What never changes is what it was, and the numbers are where the stream stands. */
  private static void described(
      Conversation talk, IwarpConnectionDescriptor seen, Judgement judgement) {
    IwarpConnectionDescriptor given = talk.descriptor();
    for (FieldKey<?> key : DescriptorFields.all()) {
      boolean fixed =
          key.ownership() == Ownership.CONSTANT || key.equals(DescriptorFields.MPA_ROLE);
      if (fixed && given.isKnown(key) && seen.isKnown(key)) {
        require(
            given.value(key).equals(seen.value(key)),
            NamingRules.L69,
            "%s was [%s] and is described as [%s]"
                .formatted(key, given.value(key), seen.value(key)),
            talk,
            judgement);
      }
    }
    moved(talk, seen, DescriptorFields.SND_NXT, talk.peer().octetsHeard().length(), judgement);
    number(talk, seen, DescriptorFields.SEND_MSN, 2, judgement);
    number(talk, seen, DescriptorFields.RECEIVE_MSN, 2, judgement);
    require(
        seen.get(DescriptorFields.UNREAD).orElse(Octets.empty()).isEmpty(),
        NamingRules.L69,
        "bytes of FPDUs are described as unread",
        talk,
        judgement);
  }

  private static void moved(
      Conversation talk,
      IwarpConnectionDescriptor seen,
      FieldKey<Long> key,
      long by,
      Judgement judgement) {
    IwarpConnectionDescriptor given = talk.descriptor();
    if (given.isKnown(key) && seen.isKnown(key)) {
      long expected = given.value(key) + by & UINT32;
      require(
          seen.value(key) == expected,
          NamingRules.L69,
          "%s is described as [%d], after %d octets it is [%d]"
              .formatted(key, seen.value(key), by, expected),
          talk,
          judgement);
    }
  }

  private static void number(
      Conversation talk,
      IwarpConnectionDescriptor seen,
      FieldKey<Long> key,
      long expected,
      Judgement judgement) {
    if (seen.isKnown(key)) {
      require(
          seen.value(key) == expected,
          NamingRules.L69,
          "%s is described as [%d], after one message it is [%d]"
              .formatted(key, seen.value(key), expected),
          talk,
          judgement);
    }
  }
}
