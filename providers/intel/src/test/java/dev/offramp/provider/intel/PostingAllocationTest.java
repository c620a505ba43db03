package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.Faults;
import dev.offramp.models.GoldenPeer;
import dev.offramp.spi.port.DeviceWindow;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Posting and taking completions allocate nothing, once the compiler has seen them. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class PostingAllocationTest {
  private static final String KINDS = "dev.offramp.provider.intel.Bench#kinds";
  private static final int BYTES = 4096;
  private static final int INLINE_BYTES = 64;
  private static final int BATCH = 16;
  private static final int BATCHES = 250;

  /** The JVM's compilers come to it in their time. */
  private static final int MOST_ROUNDS = 60;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final Thread measured = Thread.currentThread();

  /** Of the measured thread. */
  private long byWindow;

  private int completed;

  /** What the window allocates for the model behind it is not the driver's. */
  private final class Metered extends ForwardingWindow {
    Metered(DeviceWindow window) {
      super(window);
    }

    @Override
    public void write32(int bar, long offset, int value) {
      long start = threads.getCurrentThreadAllocatedBytes();
      super.write32(bar, offset, value);
      if (Thread.currentThread() == measured) {
        byWindow += threads.getCurrentThreadAllocatedBytes() - start;
      }
    }
  }

  /** What the peer has to do for a batch. */
  @FunctionalInterface
  private interface Preparation {
    void take();
  }

  private void allocatesNothing(
      RdmaConnection connection,
      String what,
      WorkRequest request,
      Preparation before,
      Preparation between)
      throws Exception {
    CompletionHandler handler =
        (id, operation, status, bytes, detail) -> {
          if (status != CompletionStatus.SUCCESS) {
            throw new IllegalStateException(what + " completes as " + status);
          }
          completed++;
        };
    long least = Long.MAX_VALUE;
    for (int round = 0; round < MOST_ROUNDS && least > 0; round++) {
      long allocated = byWindow;
      for (int i = 0; i < BATCHES; i++) {
        before.take();
        completed = 0;
        long start = threads.getCurrentThreadAllocatedBytes();
        for (int j = 0; j < BATCH; j++) {
          connection.post(request);
        }
        allocated += threads.getCurrentThreadAllocatedBytes() - start;
        between.take();
        start = threads.getCurrentThreadAllocatedBytes();
        while (completed < BATCH) {
          connection.completions().poll(handler, BATCH);
        }
        allocated += threads.getCurrentThreadAllocatedBytes() - start;
      }
      allocated -= byWindow;
      // Less than a byte for each: the JVM itself allocates a little while it compiles.
      least = Math.min(least, allocated / (BATCH * BATCHES));
    }
    assertThat(least).as("bytes for each %s", what).isZero();
  }

  /** X722 takes less than that into a work request. */
  private static int most(Bench bench) throws Exception {
    return bench.rnic().adapter().generation().inline().maxBytes();
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void postingAndPollingAllocateNothing(AdapterModelFactory kind) throws Exception {
    try (Bench bench = new Bench(kind, Faults.NONE, Metered::new);
        Bench.Pair pair =
            bench.move(bench.connection().build(), Agreement.of(MpaRole.INITIATOR).result())) {
      RdmaConnection connection = pair.connection();
      GoldenPeer peer = pair.peer();
      MemoryRegion mine = connection.allocate(BYTES, Access.REMOTE_WRITE, Access.REMOTE_READ);
      Region theirs = peer.register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
      RemoteBuffer far = new RemoteBuffer(theirs.stag(), theirs.taggedOffset(), BYTES);
      int most = bench.rnic().capabilities().maxGatherEntries();
      List<LocalBuffer> several = new ArrayList<>();
      for (int i = 0; i < Math.min(4, most); i++) {
        several.add(mine.slice(i * 200L, 200));
      }
      Preparation nothing = () -> {};
      Preparation receives =
          () -> {
            while (peer.completionCount() > 0) {
              peer.take();
            }
            for (int i = 0; i < BATCH; i++) {
              peer.receive(1, theirs, 0, BYTES);
            }
          };
      allocatesNothing(
          connection,
          "Write of one buffer",
          new Write(1, mine.slice(0, 1024), far),
          nothing,
          nothing);
      allocatesNothing(
          connection, "Write of several", new Write(2, several, far), nothing, nothing);
      allocatesNothing(
          connection,
          "inline Write",
          new Write(3, mine.slice(0, Math.min(INLINE_BYTES, most(bench))), far),
          nothing,
          nothing);
      allocatesNothing(
          connection,
          "Read",
          new Read(4, mine.slice(0, 1024), far.slice(0, 1024)),
          nothing,
          nothing);
      allocatesNothing(
          connection, "Send of one buffer", new Send(5, mine.slice(0, 1024)), receives, nothing);
      allocatesNothing(
          connection,
          "Send of several",
          new Send(6, several, false, OptionalInt.empty()),
          receives,
          nothing);
      allocatesNothing(
          connection,
          "Receive",
          new Receive(7, mine.whole()),
          nothing,
          () -> {
            while (peer.completionCount() > 0) {
              peer.take();
            }
            for (int i = 0; i < BATCH; i++) {
              peer.send(1, theirs, 0, 100);
            }
          });
    }
  }
}
