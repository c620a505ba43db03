package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.descriptor.Shape;
import dev.offramp.tck.rule.FrameRules;
import dev.offramp.tck.rule.MpaRules;
import dev.offramp.tck.rule.NegotiationRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SequenceRules;
import dev.offramp.tck.wire.Ddp;
import dev.offramp.tck.wire.FpduFramer;
import java.util.Arrays;
import java.util.Set;

/** Bytes that were exchanged before MPA, and that are still on their way. */
final class PrefixExperiment extends WireExperiment {
  private static final int FIRST_BYTES = 41;

  @Override
  public String name() {
    return "prefix";
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(
        MpaRules.R025,
        MpaRules.R044,
        MpaRules.R072,
        SequenceRules.L16,
        SequenceRules.L18,
        FrameRules.L38,
        NegotiationRules.L28);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    boolean tcpMoves = lab.shape().residence() == TcpResidence.NEW_OWNER;
    for (MpaRole role : MpaRole.values()) {
      for (int[] queues :
          tcpMoves
              ? new int[][] {
                {0, 0, 0}, {0, 0, 1}, {0, 0, 511}, {0, 777, 0}, {0, 100, 200}, {33, 0, 0}, {9, 9, 9}
              }
              : new int[][] {{0, 0, 0}}) {
        queues(lab, role, queues, judgement);
      }
    }
  }

  private static void queues(Lab lab, MpaRole role, int[] queues, Judgement judgement)
      throws Exception {
    int unread = queues[0];
    int unacknowledged = queues[1];
    int unsent = queues[2];
    Shape shape = lab.shape().role(role).queues(unread, unacknowledged, unsent);
    String what =
        "%d unread, %d unacknowledged, %d unsent bytes".formatted(unread, unacknowledged, unsent);
    IwarpConnectionDescriptor drawn = lab.draw(shape, "prefix " + role + what);
    byte[] first = firstFpdu(drawn);
    IwarpConnectionDescriptor descriptor =
        Descriptors.with(
            drawn, DescriptorFields.UNREAD, Octets.copyOf(Arrays.copyOf(first, unread)));
    try (Bench bench = lab.open()) {
      Admission admission = Admissions.ask(bench, descriptor);
      if (!admission.isAdmitted()) {
        judgeRefusal(lab, admission, queues, what, judgement);
        return;
      }
      if (unacknowledged > 0 && lab.capabilities().needsDrainedSendQueue()) {
        judgement.fail(
            MpaRules.R072,
            "needsDrainedSendQueue is declared, and %s are taken".formatted(what),
            Evidences.of(descriptor));
      }
      Conversation talk = Conversation.arrive(bench, descriptor);
      MemoryRegion region = talk.allocate(4096);
      long received = talk.receive(region);
      talk.activate();
      talk.run();
      byte[] prefix =
          descriptor
              .get(DescriptorFields.UNACKNOWLEDGED)
              .orElse(dev.offramp.api.descriptor.Octets.empty())
              .concat(
                  descriptor
                      .get(DescriptorFields.UNSENT)
                      .orElse(dev.offramp.api.descriptor.Octets.empty()))
              .toByteArray();
      require(
          talk.peer().reader().isPrefixComplete(),
          SequenceRules.L18,
          "%s: of %d bytes that TCP still had to send only %d came"
              .formatted(what, prefix.length, talk.peer().octetsHeard().length()),
          talk,
          judgement);
      if (role == MpaRole.RESPONDER) {
        require(
            talk.peer().octetsHeard().length() <= prefix.length,
            NegotiationRules.L28,
            "%s: a Responder sent %d octets besides what was left to be sent"
                .formatted(what, talk.peer().octetsHeard().length() - prefix.length),
            talk,
            judgement);
      }
      talk.peer().skipMsn(Ddp.SEND_QUEUE, 1);
      talk.peer().speak(Arrays.copyOfRange(first, unread, first.length));
      talk.run();
      if (unread > 0) {
        require(
            talk.completionOf(received).map(c -> c.bytes() == FIRST_BYTES).orElse(false),
            MpaRules.R044,
            "%s: the unread ones begin an FPDU, and with what follows it was not received: %s, end %s"
                .formatted(what, shown(talk), talk.end()),
            talk,
            judgement);
      }
      long id = talk.send(new byte[] {9, 9});
      talk.run();
      require(
          talk.completionOf(received).map(c -> c.bytes() == FIRST_BYTES).orElse(false),
          SequenceRules.L16,
          "%s: the first FPDU was not received: %s, end %s"
              .formatted(what, shown(talk), talk.end()),
          talk,
          judgement);
      require(
          talk.completionOf(id).isPresent()
              && talk.peer().heard().stream().anyMatch(h -> h.payload().length() == 2),
          MpaRules.R025,
          "%s: the first FPDU does not stand right behind them: %s"
              .formatted(what, talk.peer().deviations()),
          talk,
          judgement);
      judgeWire(talk, judgement);
      talk.finish();
    }
  }

  /** A Send, of which the first octets may have come before the connection moves. */
  private static byte[] firstFpdu(IwarpConnectionDescriptor d) {
    return new FpduFramer(
            d.value(DescriptorFields.MPA_CRC), d.value(DescriptorFields.MPA_RECEIVE_MARKERS))
        .frame(
            Ddp.untagged(
                Ddp.DDP_VERSION | Ddp.LAST,
                Ddp.RDMAP_VERSION | Ddp.SEND,
                0,
                Ddp.SEND_QUEUE,
                d.get(DescriptorFields.RECEIVE_MSN).orElse(1L).intValue(),
                0,
                new byte[FIRST_BYTES]));
  }

  private static void judgeRefusal(
      Lab lab, Admission admission, int[] queues, String what, Judgement judgement)
      throws Exception {
    Set<RefusalReason> reasons = Admissions.reasons(admission);
    boolean unread = queues[0] > 0 && reasons.contains(RefusalReason.UNREAD_BYTES);
    boolean sent =
        queues[1] > 0
            && (reasons.contains(RefusalReason.UNACKNOWLEDGED_BYTES)
                || reasons.contains(RefusalReason.QUEUE_TOO_LARGE));
    boolean large = queues[2] > 0 && reasons.contains(RefusalReason.QUEUE_TOO_LARGE);
    if (queues[0] > 0 && queues[1] + queues[2] == 0 && !unread) {
      judgement.fail(
          MpaRules.R044, "%s are refused with %s, expected UNREAD_BYTES".formatted(what, reasons));
    }
    if (!unread && !sent && !large) {
      judgement.fail(
          SequenceRules.L18,
          "%s are refused with %s; expected UNREAD_BYTES, UNACKNOWLEDGED_BYTES or QUEUE_TOO_LARGE"
              .formatted(what, reasons));
    }
    if (queues[1] > 0 && !sent && lab.capabilities().needsDrainedSendQueue()) {
      judgement.fail(
          MpaRules.R072,
          "%s are refused with %s, expected UNACKNOWLEDGED_BYTES".formatted(what, reasons));
    }
  }
}
