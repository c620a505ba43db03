package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaDecision;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.conformance.Rows;
import dev.offramp.iwarp.Pcap;
import dev.offramp.iwarp.ddp.UntaggedHeader;
import dev.offramp.iwarp.mpa.MpaStartup;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whole engines against one side of a capture. */
final class SiwReplayTest {
  private final MemoryTable memory = new MemoryTable(new SplittableRandom(5), 16);
  private final Arena arena = Arena.ofAuto();

  private Region region(int size) {
    return memory.register(0, arena.allocate(size, 8), 0, EnumSet.allOf(Access.class));
  }

  private RdmapStream respondTo(ByteBuffer fromInitiator) {
    MpaStartup startup = new MpaStartup(Mpa.responder().crc(false).build(), 0);
    startup.receive(fromInitiator);
    startup.decide(MpaDecision.accept(Octets.empty()));
    return new RdmapStream(StreamConfig.of(startup.result()).build(), memory);
  }

  @Test
  @Rows({102, 104, 110})
  void theReadReadyToReceiveOfSiwIsAnsweredAndItsSendArrives() {
    byte[][] streams = Pcap.streams("rping-p2p-read-rtr-crc.pcap");
    ByteBuffer fromInitiator = ByteBuffer.wrap(streams[0]);
    RdmapStream stream = respondTo(fromInitiator);
    assertThat(stream.config().rtr()).isEqualTo(RtrKind.READ);
    assertThat(stream.config().crc()).isTrue();
    Region inbox = region(16);
    stream.postReceive(1, new LocalBuffers(1).add(inbox, 0, 16));
    fromInitiator.limit(fromInitiator.position() + 52 + 40);
    stream.receive(fromInitiator);
    assertThat(stream.end()).isEmpty();
    List<String> answers = Wire.ulpdus(Wire.take(stream));
    assertThat(answers).containsExactly("c142" + "00".repeat(12));
    Log log = new Log();
    stream.pollCompletions(log, 9);
    assertThat(log.receives().getFirst().bytes()).isEqualTo(16);
  }

  @Test
  @Rows({91, 100})
  void aSiwThatTerminatesIsUnderstood() {
    byte[][] streams = Pcap.streams("terminate-norecv.pcap");
    ByteBuffer fromResponder = ByteBuffer.wrap(streams[1]);
    MpaStartup startup = new MpaStartup(Mpa.initiator().crc(false).build(), 0);
    startup.receive(fromResponder);
    RdmapStream stream = new RdmapStream(StreamConfig.of(startup.result()).build(), memory);
    Region out = region(64);
    stream.postSend(1, new LocalBuffers(1).add(out, 0, 64), false, false, 0);
    byte[] sent = Wire.take(stream);
    byte[] original = Arrays.copyOfRange(streams[0], 24, 24 + 2 + UntaggedHeader.BYTES);
    assertThat(sent).startsWith(original);
    stream.receive(fromResponder);
    stream.peerClosed();
    StreamEnd.TerminatedByPeer end = (StreamEnd.TerminatedByPeer) stream.end().orElseThrow();
    assertThat(end.terminate().toString()).isEqualTo("1/2/02 invalid MSN: no buffer available");
  }
}
