package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.conformance.Rows;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** An error that is found between the request to close and the FIN. */
final class TerminateWhileClosingTest {
  @Test
  @Rows(88)
  void theTerminateStillComesBeforeTheFin() {
    RdmapStream stream =
        new RdmapStream(
            StreamConfig.builder(MpaRole.INITIATOR).build(),
            new MemoryTable(new SplittableRandom(1), 4));
    stream.closeRequested();
    stream.receive(ByteBuffer.wrap(Wire.fpdu(Wire.write(0x1234, 0, "ab"))));
    assertThat(stream.end()).get().isInstanceOf(StreamEnd.TerminatedLocally.class);
    assertThat(stream.wantsHalfClose()).isFalse();
    assertThat(Wire.ulpdus(Wire.take(stream))).hasSize(1).first().asString().startsWith("4147");
    assertThat(stream.wantsHalfClose()).isTrue();
  }
}
