package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompletionQueue;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Posters, pollers, waiters, closers of regions and silence, mixed at random over real sockets: a
 * lost wake-up shows as a stop. {@code -Dofframp.seed=N} repeats a mixture.
 */
@Timeout(120)
class ServingStressTest {
  private static final int MIXTURES = 12;
  private static final long DEFAULT_SEED = 20_260_101L;
  private static final long PATIENCE_SECONDS = 30;
  private static final int MESSAGES = 1500;
  private static final int MAX_BYTES = 20_000;
  private static final int ENTRIES = 32;

  @Test
  void nobodyWaitsForEver() throws Exception {
    Long given = Long.getLong("offramp.seed");
    for (int i = 0; i < (given == null ? MIXTURES : 1); i++) {
      long seed = given == null ? DEFAULT_SEED + i : given;
      try {
        run(new SplittableRandom(seed));
      } catch (ExecutionException | AssertionError e) {
        throw new AssertionError("fails with -Dofframp.seed=" + seed + ": " + e, e);
      }
    }
  }

  private static void run(SplittableRandom random) throws Exception {
    OfframpOptions options =
        OfframpOptions.builder()
            .setting("softiwarp.first-fpdu-delay-micros", "0")
            .setting("softiwarp.send-queue-entries", "" + ENTRIES)
            .setting("softiwarp.receive-queue-entries", "" + ENTRIES)
            .build();
    try (Offramp offramp = Offramp.open(options);
        RdmaPair pair = RdmaPair.open(offramp)) {
      Side near = new Side(pair.initiator(), random.split());
      Side far = new Side(pair.responder(), random.split());
      near.other = far;
      far.other = near;
      List<FutureTask<?>> tasks = new ArrayList<>();
      for (Side side : List.of(near, far)) {
        tasks.add(start(side.random.split(), side::post));
        int takers = 1 + side.random.nextInt(3);
        for (int i = 0; i < takers; i++) {
          SplittableRandom own = side.random.split();
          tasks.add(start(own, () -> side.complete(own)));
        }
        SplittableRandom own = side.random.split();
        tasks.add(start(own, () -> side.closeRegions(own)));
      }
      await(tasks, near, far);
      assertThat(near.received.get()).isEqualTo(far.sent.get());
      assertThat(far.received.get()).isEqualTo(near.sent.get());
      assertThat(pair.initiator().end()).isEmpty();
      assertThat(pair.responder().end()).isEmpty();
    }
  }

  /** A task that failed is what went wrong, not those that wait for it. */
  private static void await(List<FutureTask<?>> tasks, Side near, Side far) throws Exception {
    long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    for (FutureTask<?> task : tasks) {
      try {
        task.get(patience - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        for (FutureTask<?> failed : tasks) {
          if (failed.state() == Future.State.FAILED) {
            throw new AssertionError(failed.exceptionNow());
          }
        }
        throw new AssertionError("a stop: near " + near + ", far " + far);
      }
    }
  }

  private static FutureTask<?> start(SplittableRandom random, Callable<?> code) {
    FutureTask<?> task = new FutureTask<>(code);
    if (random.nextBoolean()) {
      Thread.ofVirtual().start(task);
    } else {
      Thread.ofPlatform().daemon(true).start(task);
    }
    return task;
  }

  /** One end of the stream, and all that its threads share. */
  private static final class Side {
    private final RdmaConnection rdma;
    private final SplittableRandom random;
    private final MemoryRegion memory;
    private final Receive receive;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong requestsDone = new AtomicLong();

    /** A Send needs one of the peer's Receives; a request needs a place in the queue. */
    private final Semaphore credits = new Semaphore(0);

    private final Semaphore places = new Semaphore(ENTRIES);

    /** Threads that will still post. */
    private final AtomicInteger posting = new AtomicInteger(2);

    private @Nullable Side other;

    Side(RdmaConnection rdma, SplittableRandom random) throws Exception {
      this.rdma = rdma;
      this.random = random;
      this.memory = rdma.allocate(2L * MAX_BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
      this.receive = new Receive(0, memory.slice(0, MAX_BYTES));
      for (int i = 0; i < ENTRIES; i++) {
        rdma.post(receive);
      }
    }

    private Side peer() {
      return Objects.requireNonNull(other);
    }

    Void post() throws Exception {
      credits.release(ENTRIES);
      int left = MESSAGES;
      while (left > 0) {
        int count = random.nextInt(4) == 0 ? 1 + random.nextInt(ENTRIES / 2) : 1;
        WorkRequest request = request();
        boolean isSend = request.operation() == Operation.SEND;
        if (isSend) {
          credits.acquire(count);
          sent.addAndGet(count);
        }
        places.acquire(count);
        requests.addAndGet(count);
        if (count == 1) {
          rdma.post(request);
        } else {
          assertThat(rdma.post(Collections.nCopies(count, request))).isEqualTo(count);
        }
        left -= count;
        pause(random);
      }
      posting.decrementAndGet();
      return null;
    }

    private WorkRequest request() {
      int bytes = random.nextInt(3) == 0 ? random.nextInt(MAX_BYTES) : random.nextInt(100);
      return switch (random.nextInt(4)) {
        case 0 -> new Write(0, memory.slice(0, bytes), peer().memory.advertise());
        case 1 -> {
          RemoteBuffer whole = peer().memory.advertise();
          yield new Read(
              0,
              memory.slice(MAX_BYTES, bytes),
              new RemoteBuffer(whole.stag(), whole.taggedOffset() + MAX_BYTES, bytes));
        }
        default -> new Send(0, memory.slice(0, bytes));
      };
    }

    @Override
    public String toString() {
      return "posting by "
          + posting
          + ", requests "
          + requestsDone
          + " of "
          + requests
          + ", sent "
          + sent
          + ", received "
          + received
          + ", end "
          + rdma.end();
    }

    private boolean isDone() {
      return posting.get() == 0
          && peer().posting.get() == 0
          && requestsDone.get() == requests.get()
          && received.get() == peer().sent.get();
    }

    /** By every way there is to get a completion. */
    Void complete(SplittableRandom own) throws Exception {
      CompletionQueue queue = rdma.completions();
      int way = own.nextInt(4);
      while (!isDone()) {
        if (own.nextInt(50) == 0) {
          way = own.nextInt(4);
        }
        if (way == 0) {
          queue.poll((id, operation, status, bytes, detail) -> done(operation), 8);
          pause(own);
        } else if (way == 1) {
          var one = queue.poll(Duration.ofMillis(5));
          if (one.isPresent()) {
            done(one.get().operation());
          }
        } else if (way == 2) {
          queue.poll().ifPresent(one -> done(one.operation()));
        } else {
          var one = queue.poll(Duration.ofMillis(200));
          one.ifPresent(completion -> done(completion.operation()));
        }
      }
      return null;
    }

    private void done(Operation operation) {
      if (operation == Operation.RECEIVE) {
        received.incrementAndGet();
        try {
          rdma.post(receive);
        } catch (WorkQueueFullException | ConnectionClosedException e) {
          throw new AssertionError(e);
        }
        peer().credits.release();
      } else {
        requestsDone.incrementAndGet();
        places.release();
      }
    }

    /** Regions whose bytes may be under way when they are closed. */
    Void closeRegions(SplittableRandom own) throws Exception {
      for (int i = 0; i < 20; i++) {
        MemoryRegion region = rdma.allocate(1 + own.nextInt(MAX_BYTES), Access.REMOTE_READ);
        places.acquire();
        requests.incrementAndGet();
        rdma.post(new Write(0, region.whole(), peer().memory.advertise()));
        awaitSent(own);
        region.close();
        pause(own);
      }
      posting.decrementAndGet();
      return null;
    }

    /** A region must not be closed before its message is on its way as a whole. */
    private void awaitSent(SplittableRandom own) throws InterruptedException {
      places.acquire(ENTRIES);
      places.release(ENTRIES);
      pause(own);
    }

    /** Sometimes long enough for the event loop to take over. */
    @SuppressWarnings("ThreadPriorityCheck") // only makes mixtures more various
    private static void pause(SplittableRandom own) throws InterruptedException {
      int choice = own.nextInt(200);
      if (choice == 0) {
        Thread.sleep(4);
      } else if (choice < 20) {
        Thread.yield();
      }
    }
  }
}
