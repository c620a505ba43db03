package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.iwarp.mpa.StreamMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Receive buffers that many streams share: who holds one, and for how long. */
final class SharedMemoryTest {
  private static final int STAGING_BYTES = 256 << 10;
  private static final int FEW = 4;
  private static final int MANY = 9;

  private final StreamMemory buffers = new StreamMemory(STAGING_BYTES);
  private final MemoryTable table = new MemoryTable(new SplittableRandom(1), 4);
  private final List<RdmapStream> streams = new ArrayList<>();

  private void reading(int count) {
    for (int i = 0; i < count; i++) {
      RdmapStream stream =
          new RdmapStream(StreamConfig.builder(MpaRole.INITIATOR).build(), table, buffers);
      stream.receiveBuffer();
      streams.add(stream);
    }
  }

  @Test
  void fewKeepTheirs() {
    reading(FEW);
    streams.forEach(RdmapStream::yieldMemory);
    assertThat(buffers.isInDemand()).isFalse();
    assertThat(buffers.idleBytes()).isZero();
  }

  @Test
  void ofManyOnlyAFewKeepTheirs() {
    reading(MANY);
    assertThat(buffers.isInDemand()).isTrue();
    streams.forEach(RdmapStream::yieldMemory);
    assertThat(buffers.isInDemand()).isFalse();
    assertThat(buffers.idleBytes()).isEqualTo((long) (MANY - FEW) * STAGING_BYTES);
  }

  @Test
  void anUnfinishedFpduStaysWhereItIs() {
    reading(MANY);
    streams.getFirst().receiveBuffer().put((byte) 0);
    streams.getFirst().received(1);
    streams.getFirst().yieldMemory();
    assertThat(buffers.idleBytes()).isZero();
    assertThat(buffers.isInDemand()).isTrue();
  }

  /**
   * However much of an FPDU is there: otherwise each lost stream would look like one that reads.
   */
  @Test
  void aStreamThatIsOverGivesItsBufferBack() {
    reading(MANY);
    for (RdmapStream stream : streams) {
      // The longest FPDU's length, and most of that FPDU.
      stream.receive(ByteBuffer.allocate(60_000).putShort(0, (short) 0xFFFF));
      stream.connectionLost(new StreamEnd.Reset());
      stream.releaseIdleMemory();
    }
    assertThat(buffers.isInDemand()).isFalse();
    assertThat(buffers.idleBytes()).isEqualTo((long) MANY * STAGING_BYTES);
  }
}
