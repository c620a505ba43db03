package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.descriptor.Shape;
import dev.offramp.tck.rule.AddressingRules;
import dev.offramp.tck.rule.EventRules;
import dev.offramp.tck.rule.MpaRules;
import dev.offramp.tck.rule.NegotiationRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import dev.offramp.tck.rule.TransferRules;
import dev.offramp.tck.trace.TraceEvent;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The two phases of an arrival: silent until activated, without a trace when abandoned. */
final class ArrivalExperiment implements Experiment {
  @Override
  public String name() {
    return "arrival";
  }

  @Override
  public Stage stage() {
    return Stage.CONTRACT;
  }

  @Override
  public Set<Rule> decides() {
    Set<Rule> all = new HashSet<>(PassedOn.rules());
    all.addAll(
        Set.of(
            SpiRules.S06,
            SpiRules.S07,
            SpiRules.S09,
            SpiRules.S10,
            SpiRules.S11,
            SpiRules.S12,
            AddressingRules.L01,
            NegotiationRules.L21,
            MpaRules.R057,
            EventRules.L55,
            TransferRules.L74));
    return all;
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    for (MpaRole role : MpaRole.values()) {
      abandoned(lab, role, judgement);
      activated(lab, role, judgement);
    }
    scopes(lab, judgement);
  }

  private static void abandoned(Lab lab, MpaRole role, Judgement judgement) throws Exception {
    IwarpConnectionDescriptor d = lab.draw(lab.shape().role(role), "abandoned");
    byte[] before = d.toBytes();
    try (Bench bench = lab.open()) {
      int held = pieces(bench);
      Conversation talk = Conversation.arrive(bench, d);
      talk.receive(talk.allocate(64));
      talk.settle();
      silent(talk, "between arrive and abandon", SpiRules.S06, judgement);
      abandon(talk);
      abandon(talk);
      talk.settle();
      silent(talk, "after abandon", SpiRules.S07, judgement);
      silent(talk, "after abandon", TransferRules.L74, judgement);
      if (!Arrays.equals(d.toBytes(), before)) {
        judgement.fail(
            TransferRules.L74, "the descriptor has changed meanwhile", Evidences.of(talk));
      }
      if (bench.openStreams() != 0) {
        judgement.fail(
            TransferRules.L74, "after abandon the 4-tuple is still held", Evidences.of(talk));
      }
      String seen = "nothing thrown";
      try {
        bench.call("activate", talk.arrival()::activate);
      } catch (IllegalStateException e) {
        seen = "";
      } catch (Exception e) {
        seen = e.toString();
      }
      if (!seen.isEmpty()) {
        judgement.fail(
            SpiRules.S07,
            "activate after abandon: expected IllegalStateException, seen " + seen,
            Evidences.of(talk));
      }
      if (pieces(bench) > held) {
        judgement.fail(
            TransferRules.L74,
            "after abandon memory is still held:%n%s".formatted(leaks(bench)),
            Evidences.of(talk));
      }
      // The same connection comes again, as after a move that failed elsewhere.
      Conversation again = Conversation.arrive(bench, d).activate();
      again.settle();
      if (bench.target().hasWire() && !again.peer().reader().isPrefixComplete()) {
        judgement.fail(
            TransferRules.L74,
            "the same connection, arrived again after abandon, did not send what was queued",
            Evidences.of(again));
      }
      again.abort();
    }
  }

  private static int pieces(Bench bench) {
    return bench.memory() == null ? 0 : bench.memory().open().size();
  }

  private static String leaks(Bench bench) {
    return bench.memory() == null ? "" : bench.memory().leaks();
  }

  private static void abandon(Conversation talk) throws Exception {
    talk.bench()
        .call(
            "abandon",
            () -> {
              talk.arrival().abandon();
              return null;
            });
  }

  private static void silent(Conversation talk, String when, Rule rule, Judgement judgement) {
    int octets = talk.peer().octetsHeard().length();
    boolean spoke = octets > 0 || talk.peer().wire().isFinished() || talk.peer().wire().isReset();
    boolean activated =
        talk.bench().trace().events().stream()
            .anyMatch(event -> event.kind() == TraceEvent.Kind.ACTIVATE);
    if (spoke || activated) {
      judgement.fail(
          rule,
          "%s: %d octets, FIN %s, RST %s, stream let go %s"
              .formatted(
                  when,
                  octets,
                  talk.peer().wire().isFinished(),
                  talk.peer().wire().isReset(),
                  activated),
          Evidences.of(talk));
    }
  }

  private static void activated(Lab lab, MpaRole role, Judgement judgement) throws Exception {
    Shape shape = lab.shape().role(role);
    IwarpConnectionDescriptor d = lab.draw(shape, "activated");
    try (Bench bench = lab.open()) {
      Conversation talk = Conversation.arrive(bench, d);
      RdmaConnection prepared = talk.connection();
      MemoryRegion region = talk.allocate(64);
      talk.receive(region);
      talk.settle();
      silent(talk, "with work posted before activate", SpiRules.S06, judgement);
      RdmaConnection active = bench.call("activate", talk.arrival()::activate);
      talk.settle();
      if (!isSame(prepared, active)) {
        judgement.fail(
            SpiRules.S10,
            "activate returned another connection than prepared()",
            Evidences.of(talk));
      }
      String seen = "nothing thrown";
      try {
        bench.call("activate", talk.arrival()::activate);
      } catch (IllegalStateException e) {
        seen = "";
      } catch (Exception e) {
        seen = e.toString();
      }
      if (!seen.isEmpty()) {
        judgement.fail(
            SpiRules.S07,
            "a second activate: expected IllegalStateException, seen " + seen,
            Evidences.of(talk));
      }
      abandon(talk);
      talk.settle();
      if (talk.peer().wire().isReset() || talk.peer().wire().isFinished()) {
        judgement.fail(
            SpiRules.S07, "abandon after activate ended the connection", Evidences.of(talk));
      }
      echo(talk, active, judgement);
      passedOn(talk, judgement);
      talk.abort();
      closed(bench, judgement);
    }
  }

  @SuppressWarnings("ReferenceEquality") // identity is what the contract promises
  private static boolean isSame(RdmaConnection one, RdmaConnection other) {
    return one == other;
  }

  /** What the connection says of itself. */
  private static void echo(Conversation talk, RdmaConnection connection, Judgement judgement)
      throws Exception {
    IwarpConnectionDescriptor d = talk.descriptor();
    MpaResult mpa = talk.bench().call("mpa", connection::mpa);
    MpaResult expected = MpaResult.of(d);
    if (!mpa.equals(expected)) {
      judgement.fail(
          SpiRules.S11,
          "mpa() says [%s], the descriptor says [%s]".formatted(mpa, expected),
          Evidences.of(talk));
    }
    if (mpa.peerIrd() != expected.peerIrd() || mpa.peerOrd() != expected.peerOrd()) {
      String text =
          "the peer announced IRD %d and ORD %d, mpa() says %d and %d"
              .formatted(expected.peerIrd(), expected.peerOrd(), mpa.peerIrd(), mpa.peerOrd());
      judgement.fail(NegotiationRules.L21, text, Evidences.of(talk));
      judgement.fail(MpaRules.R057, text, Evidences.of(talk));
    }
    addresses(talk, connection, judgement);
  }

  private static void addresses(Conversation talk, RdmaConnection connection, Judgement judgement) {
    for (Map.Entry<FieldKey<InetSocketAddress>, InetSocketAddress> end :
        Map.of(
                DescriptorFields.LOCAL_ADDRESS,
                connection.localAddress(),
                DescriptorFields.REMOTE_ADDRESS,
                connection.remoteAddress())
            .entrySet()) {
      InetSocketAddress expected = talk.descriptor().value(end.getKey());
      InetSocketAddress seen = end.getValue();
      boolean same =
          expected.getPort() == seen.getPort()
              && Arrays.equals(expected.getAddress().getAddress(), seen.getAddress().getAddress())
              && scope(expected) == scope(seen);
      if (!same) {
        String text =
            "%s is [%s], the connection says [%s]".formatted(end.getKey(), expected, seen);
        judgement.fail(SpiRules.S11, text, Evidences.of(talk));
        judgement.fail(AddressingRules.L01, text, Evidences.of(talk));
      }
    }
  }

  private static int scope(InetSocketAddress address) {
    return address.getAddress() instanceof Inet6Address v6 ? v6.getScopeId() : 0;
  }

  /** What a software RNIC asked of its stream port: the descriptor, as it came. */
  private static void passedOn(Conversation talk, Judgement judgement) {
    if (talk.bench().target().isAdapter()) {
      return;
    }
    for (IwarpConnectionDescriptor asked : talk.bench().installed()) {
      if (!asked.equals(talk.descriptor())) {
        judgement.fail(
            SpiRules.S12,
            "the stream port got another descriptor: %s"
                .formatted(Evidences.differences(talk.descriptor(), asked)),
            Evidences.of(talk));
        PassedOn.judge(talk, asked, judgement);
      }
    }
  }

  /** After close nothing is held; a second close does nothing. */
  private static void closed(Bench bench, Judgement judgement) throws Exception {
    for (int i = 0; i < 2; i++) {
      bench.call(
          "rnic.close",
          () -> {
            bench.rnic().close();
            return null;
          });
    }
    bench.conductor().settle(0);
    if (!leaks(bench).isEmpty()) {
      judgement.fail(
          SpiRules.S09,
          "after close is held:%n%s".formatted(leaks(bench)),
          Evidences.of(bench.trace()));
    }
    if (bench.openStreams() != 0) {
      judgement.fail(SpiRules.S09, "after close a stream is held", Evidences.of(bench.trace()));
    }
    // Timers may run out on their own, but not set themselves again for ever.
    bench.conductor().pass(java.util.concurrent.TimeUnit.HOURS.toNanos(1));
    if (bench.conductor().timerCount() > 0) {
      judgement.fail(
          SpiRules.S09,
          "an hour after close %d timers are set".formatted(bench.conductor().timerCount()));
    }
  }

  /** Link-local addresses of two interfaces are two addresses. */
  private static void scopes(Lab lab, Judgement judgement) throws Exception {
    byte[] local = {(byte) 0xfe, (byte) 0x80, 0, 0, 0, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7};
    byte[] remote = {(byte) 0xfe, (byte) 0x80, 0, 0, 0, 0, 0, 0, 2, 9, 8, 7, 6, 5, 4, 3};
    IwarpConnectionDescriptor base = lab.draw(lab.shape().ipv6(true), "scopes");
    for (int scope : new int[] {3, 9}) {
      IwarpConnectionDescriptor d =
          base.toBuilder()
              .present(
                  DescriptorFields.LOCAL_ADDRESS,
                  new InetSocketAddress(scoped(local, scope), 4000),
                  Descriptors.SOURCE)
              .present(
                  DescriptorFields.REMOTE_ADDRESS,
                  new InetSocketAddress(scoped(remote, scope), 5000),
                  Descriptors.SOURCE)
              .build();
      try (Bench bench = lab.open()) {
        if (!Admissions.ask(bench, d).isAdmitted()) {
          return; // refused before anything is stopped: nothing can be confused
        }
        Conversation talk = Conversation.arrive(bench, d).activate();
        addresses(talk, talk.connection(), judgement);
        passedOn(talk, judgement);
        talk.abort();
      }
    }
  }

  @SuppressWarnings("nullness:argument") // the JDK takes null for "no name"
  private static InetAddress scoped(byte[] address, int scope) throws Exception {
    return Inet6Address.getByAddress(null, address, scope);
  }
}
