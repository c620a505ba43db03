package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.bench.Peer;
import dev.offramp.tck.descriptor.Shape;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import dev.offramp.tck.wire.Ddp;
import dev.offramp.tck.wire.Deviation;
import dev.offramp.tck.wire.Heard;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * A stream arrives in its middle: it goes on where it stood, or is refused before it is stopped.
 */
final class MidStreamExperiment extends WireExperiment {
  private static final String SOURCE = "the kit's former owner";
  private static final long UINT32 = 0xFFFF_FFFFL;
  private static final long OCTETS = 4 * 4711;
  private static final int REGION_BYTES = 512;

  /** A place in a page is the same before and after a move: the memory stays (RFC 5041, 8.2). */
  private static final int PAGE_BYTES = 4096;

  private static final int PEER_STAG = 0x5A17_0300;

  /** How the stream stands. */
  private enum Standing {
    /** Only Writes have gone either way, so each queue is at its first message. */
    WRITES,
    /** Each queue is somewhere else. */
    NUMBERS,
    /** The same, but the former owner could not count the peer's requests. */
    REQUESTS_UNKNOWN
  }

  @Override
  public String name() {
    return "mid-stream";
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(SpiRules.S23);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    for (MpaRole role : MpaRole.values()) {
      for (Standing standing : Standing.values()) {
        try (Bench bench = lab.open();
            Arena arena = Arena.ofShared()) {
          run(lab, bench, arena, role, standing, judgement);
        }
      }
    }
  }

  private static void run(
      Lab lab, Bench bench, Arena arena, MpaRole role, Standing standing, Judgement judgement)
      throws Exception {
    String purpose = "mid-stream " + role + " " + standing;
    RandomGenerator random = lab.random(purpose);
    RegisteredMemory region = freeRegion(lab, bench, purpose);
    Shape shape = lab.shape().role(role).markers(false, false).rtr(RtrKind.NONE);
    IwarpConnectionDescriptor descriptor =
        middle(lab.draw(shape, purpose), standing, region, random);
    Admission admission =
        bench.call("admits", () -> bench.rnic().admits(ConnectionProfile.of(descriptor)));
    if (!admission.isAdmitted()) {
      judgement.refused(
          SpiRules.S23,
          "%s, %s: %s".formatted(role, standing, admission.refusals().getFirst().seen()));
      return;
    }
    MemorySegment memory =
        arena
            .allocate(REGION_BYTES + PAGE_BYTES, PAGE_BYTES)
            .asSlice(region.taggedOffset() & (PAGE_BYTES - 1), REGION_BYTES);
    Conversation talk;
    try {
      talk = Conversation.arrive(bench, descriptor, any -> memory).activate();
    } catch (TransferException e) {
      judgement.fail(
          SpiRules.S23,
          "%s, %s: admitted, and refused when it was stopped: %s"
              .formatted(role, standing, e.getMessage()),
          Evidences.of(descriptor, bench.trace()));
      return;
    }
    if (standing == Standing.REQUESTS_UNKNOWN) {
      talk.peer().skipMsn(Ddp.REQUEST_QUEUE, random.nextInt());
    }
    goesOn(lab, talk, region, memory, random, judgement);
    talk.finish();
  }

  /** A region under an STag that this device has given out itself, and taken back. */
  private static RegisteredMemory freeRegion(Lab lab, Bench bench, String purpose)
      throws Exception {
    Conversation other = lab.arrive(bench, lab.shape(), purpose + ", another").activate();
    MemoryRegion region = other.allocate(REGION_BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
    RemoteBuffer advertised = region.advertise();
    other.close(region);
    other.abort();
    return new RegisteredMemory(
        advertised.stag(),
        advertised.taggedOffset(),
        REGION_BYTES,
        Set.of(Access.REMOTE_READ, Access.REMOTE_WRITE),
        true);
  }

  private static IwarpConnectionDescriptor middle(
      IwarpConnectionDescriptor drawn,
      Standing standing,
      RegisteredMemory region,
      RandomGenerator random) {
    IwarpConnectionDescriptor.Builder to =
        drawn.toBuilder()
            .present(DescriptorFields.IWARP_PHASE, IwarpPhase.RDMA, SOURCE)
            .present(DescriptorFields.UNSENT, Octets.empty(), SOURCE)
            .present(DescriptorFields.SENT_OCTETS, OCTETS, SOURCE)
            .present(DescriptorFields.RECEIVED_OCTETS, OCTETS, SOURCE)
            .present(DescriptorFields.PEER_HEARD, true, SOURCE)
            .present(DescriptorFields.READY_TO_RECEIVE_SENT, true, SOURCE)
            .present(DescriptorFields.READY_TO_RECEIVE_AWAITED, false, SOURCE)
            .present(DescriptorFields.STARTED_WORK, List.of(), SOURCE)
            .present(DescriptorFields.POSTED_WORK, List.of(), SOURCE)
            .present(DescriptorFields.POSTED_RECEIVES, List.of(), SOURCE)
            .present(DescriptorFields.PEER_REQUESTS, List.of(), SOURCE)
            .present(DescriptorFields.COMPLETIONS, List.of(), SOURCE)
            .present(DescriptorFields.REGIONS, List.of(region), SOURCE)
            .absent(DescriptorFields.PARTIAL_MESSAGE, "between two messages");
    start(drawn, DescriptorFields.SND_MAX, DescriptorFields.MPA_SEND_START, to);
    start(drawn, DescriptorFields.RCV_NXT, DescriptorFields.MPA_RECEIVE_START, to);
    for (FieldKey<Long> number : DescriptorFields.messageNumbers()) {
      to.present(number, standing == Standing.WRITES ? 1 : random.nextLong() & UINT32, SOURCE);
    }
    if (standing == Standing.REQUESTS_UNKNOWN) {
      to.absent(DescriptorFields.READ_RESPONSE_MSN, "the former owner does not count them");
    }
    return to.build();
  }

  private static void start(
      IwarpConnectionDescriptor drawn,
      FieldKey<Long> now,
      FieldKey<Long> start,
      IwarpConnectionDescriptor.Builder to) {
    if (drawn.isKnown(now)) {
      to.present(start, drawn.value(now) - OCTETS & UINT32, SOURCE);
    }
  }

  private static void goesOn(
      Lab lab,
      Conversation talk,
      RegisteredMemory region,
      MemorySegment memory,
      RandomGenerator random,
      Judgement judgement)
      throws Exception {
    talk.peer().reader().spoken();
    // Both first FPDUs are long over: a Responder speaks unasked, an Initiator listens at once.
    if (talk.descriptor().value(DescriptorFields.MPA_ROLE) == MpaRole.RESPONDER) {
      sends(talk, random, judgement);
    }
    receives(talk, random, judgement);
    isWritten(talk, region, memory, random, judgement);
    sends(talk, random, judgement);
    if (talk.descriptor().value(DescriptorFields.IRD) > 0) {
      isRead(talk, region, memory, random, judgement);
    }
    if (lab.offers(Operation.READ) && talk.descriptor().value(DescriptorFields.ORD) > 0) {
      reads(talk, random, judgement);
    }
    require(
        talk.end().isEmpty(),
        SpiRules.S23,
        "the stream has ended: %s".formatted(talk.end()),
        talk,
        judgement);
    for (Deviation deviation : talk.peer().deviations()) {
      judgement.fail(
          SpiRules.S23, "a stream in its middle: " + deviation.text(), Evidences.of(talk));
    }
  }

  private static void sends(Conversation talk, RandomGenerator random, Judgement judgement)
      throws Exception {
    for (int i = 0; i < 2; i++) {
      byte[] payload = Payload.of(random, 100 + i);
      int before = talk.peer().heard().size();
      long id = talk.send(payload);
      talk.run();
      List<Heard> news = SendingExperiment.newsSince(talk, before);
      require(
          news.size() == 1
              && news.getFirst().opcode() == Ddp.SEND
              && Arrays.equals(news.getFirst().payload().toByteArray(), payload)
              && talk.completionOf(id).isPresent(),
          SpiRules.S23,
          "Send %d after the arrival came as %s; completions [%s]"
              .formatted(i + 1, news, shown(talk)),
          talk,
          judgement);
    }
  }

  private static void receives(Conversation talk, RandomGenerator random, Judgement judgement)
      throws Exception {
    byte[] payload = Payload.of(random, 200);
    MemoryRegion inbox = talk.allocate(payload.length);
    long id = talk.receive(inbox);
    talk.peer().send(payload);
    talk.run();
    require(
        talk.completionOf(id).isPresent() && Arrays.equals(Conversation.octets(inbox), payload),
        SpiRules.S23,
        "the peer's next Send was not received; completions [%s], end %s"
            .formatted(shown(talk), talk.end()),
        talk,
        judgement);
  }

  private static void isWritten(
      Conversation talk,
      RegisteredMemory region,
      MemorySegment memory,
      RandomGenerator random,
      Judgement judgement)
      throws Exception {
    byte[] payload = Payload.of(random, REGION_BYTES);
    talk.peer().write(region.stag(), region.taggedOffset(), payload);
    talk.run();
    require(
        Arrays.equals(memory.toArray(ValueLayout.JAVA_BYTE), payload),
        SpiRules.S23,
        "a Write to STag [%08x], which came with the stream, is not in its memory; end %s"
            .formatted(region.stag(), talk.end()),
        talk,
        judgement);
  }

  private static void isRead(
      Conversation talk,
      RegisteredMemory region,
      MemorySegment memory,
      RandomGenerator random,
      Judgement judgement)
      throws Exception {
    byte[] payload = Payload.of(random, REGION_BYTES);
    MemorySegment.copy(payload, 0, memory, ValueLayout.JAVA_BYTE, 0, payload.length);
    Peer peer = talk.peer();
    for (int i = 0; i < 2; i++) {
      int before = peer.heard().size();
      peer.readRequest(PEER_STAG, 0, REGION_BYTES, region.stag(), region.taggedOffset());
      talk.run();
      List<Heard> news = SendingExperiment.newsSince(talk, before);
      require(
          news.size() == 1
              && news.getFirst().opcode() == Ddp.READ_RESPONSE
              && Arrays.equals(news.getFirst().payload().toByteArray(), payload),
          SpiRules.S23,
          "the peer's Read %d after the arrival was answered by %s; end %s"
              .formatted(i + 1, news, talk.end()),
          talk,
          judgement);
    }
  }

  private static void reads(Conversation talk, RandomGenerator random, Judgement judgement)
      throws Exception {
    byte[] remote = talk.peer().memory(PEER_STAG, REGION_BYTES);
    random.nextBytes(remote);
    MemoryRegion sink = talk.allocate(REGION_BYTES, Access.REMOTE_WRITE);
    long id = talk.newId();
    talk.post(new Read(id, sink.whole(), new RemoteBuffer(PEER_STAG, 0, REGION_BYTES)));
    talk.settle();
    talk.peer().serve();
    talk.run();
    require(
        talk.completionOf(id).isPresent() && Arrays.equals(Conversation.octets(sink), remote),
        SpiRules.S23,
        "a Read after the arrival failed; completions [%s], end %s"
            .formatted(shown(talk), talk.end()),
        talk,
        judgement);
  }
}
