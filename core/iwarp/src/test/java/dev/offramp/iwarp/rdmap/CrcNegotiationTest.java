package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaDecision;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.rdma.Access;
import dev.offramp.conformance.Rows;
import dev.offramp.iwarp.mpa.MpaStartup;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From the C flags of start-up to what becomes of an FPDU with a wrong CRC, at both ends. */
final class CrcNegotiationTest {
  private final MemoryTable memory = new MemoryTable(new SplittableRandom(3), 10);

  @ParameterizedTest
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  @Rows({8, 16, 18, 20})
  void aWrongCrcCountsWhenEitherEndAskedForIt(boolean ofInitiator, boolean ofResponder) {
    MpaStartup initiator = new MpaStartup(Mpa.initiator().crc(ofInitiator).build(), 0);
    MpaStartup responder = new MpaStartup(Mpa.responder().crc(ofResponder).build(), 0);
    responder.receive(initiator.pollTransmit());
    responder.decide(MpaDecision.accept());
    initiator.receive(responder.pollTransmit());
    for (MpaResult result : List.of(initiator.result(), responder.result())) {
      check(result, ofInitiator || ofResponder);
    }
  }

  private void check(MpaResult result, boolean crc) {
    RdmapStream stream = new RdmapStream(StreamConfig.of(result).build(), memory);
    Region region =
        memory.register(0, Arena.ofAuto().allocate(8, 8), 0, EnumSet.allOf(Access.class));
    byte[] good = Wire.fpdu(Wire.write(region.stag(), 0, "0000000000000001"));
    byte[] bad = Wire.fpdu(Wire.write(region.stag(), 0, "0000000000000002"));
    bad[bad.length - 1] ^= 1;
    stream.receive(ByteBuffer.wrap(good));
    stream.receive(ByteBuffer.wrap(bad));
    assertThat(region.segment().get(ValueLayout.JAVA_BYTE, 7)).isEqualTo((byte) (crc ? 1 : 2));
    assertThat(stream.end().isPresent()).isEqualTo(crc);
    stream.postWrite(1, new LocalBuffers(1), 0, 0);
    byte[] sent = Wire.take(stream);
    // With CRC the Terminate, with a right one: Wire checks it.
    if (crc) {
      assertThat(Wire.ulpdus(sent)).singleElement().asString().contains("00000000" + "20020000");
    } else {
      assertThat(sent).hasSize(20);
    }
  }
}
