package dev.offramp.provider.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.Faults;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.chelsio.ChelsioChip;
import dev.offramp.models.chelsio.ChelsioOptions;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Posting work and polling its completions allocates nothing, once the code is compiled. */
@Timeout(120)
class AllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int BATCH = 32;
  private static final int WARM_UP_BATCHES = 400;
  private static final int BATCHES = 50;

  /** The compilers allocate now and then on any thread: only what comes each time is the code's. */
  private static final int TRIES = 10;

  private static final int BYTES = 65536;
  private static final int PART = 200;
  private static final int INLINE = 64;

  /** Makes a request. */
  @FunctionalInterface
  interface Maker {
    WorkRequest make(MemoryRegion near, RemoteBuffer far);
  }

  static Stream<Arguments> kinds() {
    return Stream.of(
        kind("Write of 1", (near, far) -> new Write(1, near.slice(0, PART), far)),
        kind("Write of 4", (near, far) -> new Write(1, four(near), far)),
        kind("Write of 64 bytes", (near, far) -> new Write(1, near.slice(0, INLINE), far)),
        kind("Send of 1", (near, far) -> new Send(1, near.slice(0, PART))),
        kind("Send of 4", (near, far) -> new Send(1, four(near), false, OptionalInt.empty())),
        kind("Send of 64 bytes", (near, far) -> new Send(1, near.slice(0, INLINE))),
        kind("Read", (near, far) -> new Read(1, near.slice(0, PART), far.slice(0, PART))),
        kind("Receive", (near, far) -> new Receive(1, near.slice(0, PART))));
  }

  private static Arguments kind(String name, Maker maker) {
    return Arguments.of(name, maker);
  }

  private static List<LocalBuffer> four(MemoryRegion near) {
    return List.of(
        near.slice(0, PART),
        near.slice(1000, PART),
        near.slice(2000, PART),
        near.slice(3000, PART));
  }

  /** Counts, and allocates nothing itself. */
  private static final class Counter implements CompletionHandler {
    private int done;

    @Override
    public void completed(
        long id,
        Operation operation,
        CompletionStatus status,
        long bytes,
        CompletionDetail detail) {
      if (status == CompletionStatus.SUCCESS) {
        done++;
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void allocatesNothing(String name, Maker maker) throws Exception {
    PostedWindow[] posted = new PostedWindow[1];
    try (Bench bench =
        new Bench(
            ChelsioChip.T6,
            ChelsioOptions.defaults(),
            Faults.NONE,
            plain -> posted[0] = new PostedWindow(plain))) {
      bench.open();
      try (PostedWindow window = posted[0];
          Pair pair = Pair.spec(bench).role(MpaRole.INITIATOR).connect()) {
        MemoryRegion near = pair.host().allocate(BYTES, Access.REMOTE_WRITE);
        Region far = pair.peer().register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
        // The Initiator speaks first.
        pair.host().post(new Write(0, near.slice(0, 1), GoldenPeer.advertise(far)));
        assertThat(pair.host().completions().take().isSuccess()).isTrue();
        WorkRequest request = maker.make(near, GoldenPeer.advertise(far));
        for (int i = 0; i < WARM_UP_BATCHES; i++) {
          batch(bench, window, pair, request, far);
        }
        long least = Long.MAX_VALUE;
        for (int i = 0; i < TRIES && least > 0; i++) {
          long sum = 0;
          for (int j = 0; j < BATCHES; j++) {
            sum += batch(bench, window, pair, request, far);
          }
          least = Math.min(least, sum);
        }
        assertThat(least).as("bytes for %d requests", BATCH * BATCHES).isZero();
        bench.assertClean();
      }
    }
  }

  /** What this thread allocates for posting and polling. */
  private static long batch(
      Bench bench, PostedWindow window, Pair pair, WorkRequest request, Region far)
      throws Exception {
    Counter counter = new Counter();
    if (request.operation() == Operation.SEND) {
      for (int i = 0; i < BATCH; i++) {
        pair.peer().receive(1, far, 0, BYTES);
      }
    }
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < BATCH; i++) {
      pair.host().post(request);
    }
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    if (request.operation() == Operation.RECEIVE) {
      window.awaitCarried();
      bench.chipLoop().run(() -> {});
      for (int i = 0; i < BATCH; i++) {
        pair.peer().send(1, far, 0, PART);
      }
    }
    before = THREADS.getCurrentThreadAllocatedBytes();
    while (counter.done < BATCH) {
      if (pair.host().completions().poll(counter, BATCH) == 0) {
        Thread.onSpinWait();
      }
    }
    allocated += THREADS.getCurrentThreadAllocatedBytes() - before;
    while (pair.peer().completionCount() > 0) {
      pair.peer().take();
    }
    return allocated;
  }
}
