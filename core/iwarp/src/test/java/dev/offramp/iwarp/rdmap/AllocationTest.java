package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.iwarp.mpa.TransmitBatch;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hot path allocates nothing once everything has been used once. */
final class AllocationTest {
  private static final int WARM_UP = 2_000;
  private static final int ROUNDS = 1_000;

  /** The JVM itself may allocate a little while it compiles. */
  private static final int BYTES_PER_ROUND_ALLOWED = 8;

  private final MemoryTable memory = new MemoryTable(new SplittableRandom(3), 100);
  private final Arena arena = Arena.ofAuto();
  private final CompletionHandler ignore = (id, operation, status, bytes, detail) -> {};

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sendsWritesAndReadsAllocateNothing(boolean markers) {
    RdmapStream from = stream(MpaRole.INITIATOR, 1, markers);
    RdmapStream to = stream(MpaRole.RESPONDER, 2, markers);
    Region out = region(1);
    Region in = region(2);
    LocalBuffers source = new LocalBuffers(2).add(out, 0, 3_000).add(out, 5_000, 100);
    LocalBuffers sink = new LocalBuffers(1).add(in, 0, 4_000);
    for (int i = 0; i < WARM_UP; i++) {
      round(from, to, out, in, source, sink);
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < ROUNDS; i++) {
      round(from, to, out, in, source, sink);
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated).isLessThanOrEqualTo((long) BYTES_PER_ROUND_ALLOWED * ROUNDS);
    assertThat(from.end()).isEmpty();
    assertThat(to.end()).isEmpty();
  }

  private void round(
      RdmapStream from,
      RdmapStream to,
      Region out,
      Region in,
      LocalBuffers source,
      LocalBuffers sink) {
    to.postReceive(1, sink);
    from.postSend(2, source, true, false, 0);
    from.postWrite(3, source, in.stag(), in.taggedOffset());
    from.postRead(4, out, 8_000, 2_000, in.stag(), in.taggedOffset());
    move(from, to);
    move(to, from);
    int done = from.pollCompletions(ignore, 10) + to.pollCompletions(ignore, 10);
    if (done != 4) {
      throw new AssertionError(done + " of 4 completions");
    }
  }

  private static void move(RdmapStream from, RdmapStream to) {
    TransmitBatch batch = from.pollTransmit(0);
    for (int i = 0; i < batch.length(); i++) {
      ByteBuffer buffer = batch.buffers()[batch.offset() + i];
      to.receive(buffer);
    }
    from.transmitted();
  }

  private RdmapStream stream(MpaRole role, int domain, boolean markers) {
    return new RdmapStream(
        StreamConfig.builder(role).domain(domain).markers(markers, markers).build(), memory);
  }

  private Region region(int domain) {
    return memory.register(domain, arena.allocate(10_000), 0, EnumSet.allOf(Access.class));
  }
}
