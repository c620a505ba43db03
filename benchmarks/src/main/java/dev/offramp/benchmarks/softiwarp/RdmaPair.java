package dev.offramp.benchmarks.softiwarp;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;

/** The same work over the software RNIC on the host's sockets. */
final class RdmaPair implements AutoCloseable {
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  static final int QUEUE_ENTRIES = 2 * RdmaEnd.RECEIVES;

  private final TwoThreads threads;
  private final Waiting waiting;
  private final Owner nearOwner;
  private final Owner farOwner;
  private final RdmaEnd near;
  private final RdmaEnd far;

  /** Two ends, each on an RNIC of its own. */
  static RdmaPair open(TwoThreads threads, Waiting waiting, boolean crc) throws Exception {
    return new RdmaPair(
        threads, waiting, crc, OfframpOwner.of(QUEUE_ENTRIES), OfframpOwner.of(QUEUE_ENTRIES));
  }

  /** Two ends on these RNICs, which are closed with them. */
  RdmaPair(TwoThreads threads, Waiting waiting, boolean crc, Owner nearOwner, Owner farOwner)
      throws Exception {
    this.threads = threads;
    this.waiting = waiting;
    this.nearOwner = nearOwner;
    this.farOwner = farOwner;
    Link link = Link.open();
    CompletableFuture<RdmaEnd> responder =
        CompletableFuture.supplyAsync(() -> offload(farOwner, link.far(), MpaRole.RESPONDER, crc));
    near = offload(nearOwner, link.near(), MpaRole.INITIATOR, crc);
    far = responder.get();
    if (near.rdma().mpa().crc() != crc) {
      throw new IllegalStateException("seen [CRC " + !crc + "], expected [" + crc + "]");
    }
    // A Responder may speak only after the Initiator has.
    near.sendEmpty();
    while (far.received() == 0) {
      far.waitForSome(Waiting.BLOCKS);
    }
  }

  private static RdmaEnd offload(Owner owner, SocketChannel tcp, MpaRole role, boolean crc) {
    RdmaEnd[] end = new RdmaEnd[1];
    try {
      owner.offload(tcp, role, crc, rdma -> end[0] = new RdmaEnd(rdma));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    owner.watch(end[0].sourceMemory().segment());
    owner.watch(end[0].sinkMemory().segment());
    return end[0];
  }

  private void reset() throws IOException {
    while (near.poll() + far.poll() > 0) {
      // What is left of the last measurement.
    }
    near.reset();
    far.reset();
  }

  private static WorkRequest[] ring(IntFunction<WorkRequest> request) {
    WorkRequest[] ring = new WorkRequest[Ring.SLOTS];
    for (int i = 0; i < ring.length; i++) {
      ring[i] = request.apply(i);
    }
    return ring;
  }

  /**
   * {@code count} Writes, at most {@code window} at a time; the far end says when all are there.
   */
  long write(int bytes, long count, int window) throws Exception {
    return oneSided(
        ring(i -> new Write(0, near.sourceSlot(i, bytes), far.remoteSink(i, bytes))),
        count,
        window);
  }

  /** {@code count} Reads, at most {@code window} at a time. */
  long read(int bytes, long count, int window) throws Exception {
    return oneSided(
        ring(i -> new Read(0, near.sinkSlot(i, bytes), far.remoteSource(i, bytes))), count, window);
  }

  private long oneSided(WorkRequest[] requests, long count, int window) throws Exception {
    reset();
    return threads.run(
        () -> {
          postAll(requests, count, window);
          near.sendEmpty();
          while (near.receivedEmpty() == 0) {
            near.waitForSome(waiting);
          }
        },
        () -> {
          while (far.receivedEmpty() == 0) {
            far.waitForSome(waiting);
          }
          far.sendEmpty();
        });
  }

  /** Whatever there is room for is posted as one list, as an application would that can. */
  private void postAll(WorkRequest[] requests, long count, int window) throws Exception {
    List<WorkRequest> together = new ArrayList<>(window);
    long posted = 0;
    while (near.requestsDone() < count) {
      together.clear();
      while (posted < count && posted - near.requestsDone() < window) {
        together.add(requests[(int) (posted++ % requests.length)]);
      }
      if (!together.isEmpty()) {
        ListPosting.post(near.rdma(), together);
      }
      near.waitForSome(waiting);
    }
  }

  /**
   * {@code count} Sends; the far end returns credits, so that a Receive is always posted.
   *
   * @param batch how many are posted at once
   */
  long send(int bytes, long count, int window, int batch) throws Exception {
    reset();
    if (count % RdmaEnd.CREDIT != 0 || RdmaEnd.CREDIT % batch != 0) {
      throw new IllegalArgumentException(
          "count " + count + " and batch " + batch + " must go with " + RdmaEnd.CREDIT);
    }
    WorkRequest[] ring = ring(i -> new Send(0, near.sourceSlot(i, bytes)));
    List<WorkRequest> together = new ArrayList<>();
    for (int i = 0; i < batch; i++) {
      together.add(ring[i % ring.length]);
    }
    return threads.run(
        () -> {
          long posted = 0;
          while (near.receivedEmpty() * RdmaEnd.CREDIT < count) {
            while (posted < count
                && posted + batch - near.requestsDone() <= window
                && posted + batch - near.receivedEmpty() * RdmaEnd.CREDIT <= RdmaEnd.RECEIVES) {
              if (batch == 1) {
                near.rdma().post(ring[(int) (posted % ring.length)]);
              } else {
                ListPosting.post(near.rdma(), together);
              }
              posted += batch;
            }
            near.waitForSome(waiting);
          }
        },
        () -> {
          long credits = 0;
          while (credits * RdmaEnd.CREDIT < count) {
            far.waitForSome(waiting);
            while ((credits + 1) * RdmaEnd.CREDIT <= far.received()) {
              far.sendEmpty();
              credits++;
            }
          }
        });
  }

  /** As many round trips of Sends as there is room for their times. */
  long sendPingPong(int bytes, long[] tripNanos) throws Exception {
    reset();
    return threads.run(
        () -> {
          WorkRequest send = new Send(0, near.sourceSlot(0, bytes));
          long last = System.nanoTime();
          for (int i = 0; i < tripNanos.length; i++) {
            near.rdma().post(send);
            while (near.received() <= i) {
              near.waitForSome(waiting);
            }
            long now = System.nanoTime();
            tripNanos[i] = now - last;
            last = now;
          }
        },
        () -> {
          WorkRequest send = new Send(0, far.sourceSlot(0, bytes));
          for (int i = 0; i < tripNanos.length; i++) {
            while (far.received() <= i) {
              far.waitForSome(waiting);
            }
            far.rdma().post(send);
          }
        });
  }

  /**
   * As many round trips of Writes as there is room for their times; both ends look at their memory:
   * a Write has no completion at its target.
   */
  long writePingPong(int bytes, long[] tripNanos) throws Exception {
    reset();
    near.sinkMemory().segment().fill((byte) 0);
    far.sinkMemory().segment().fill((byte) 0);
    return threads.run(
        () -> {
          WorkRequest write = new Write(0, near.sourceSlot(0, bytes), far.remoteSink(0, bytes));
          long last = System.nanoTime();
          for (int i = 0; i < tripNanos.length; i++) {
            stamp(near, bytes, i + 1);
            near.rdma().post(write);
            awaitStamp(near, bytes, i + 1);
            long now = System.nanoTime();
            tripNanos[i] = now - last;
            last = now;
          }
        },
        () -> {
          WorkRequest write = new Write(0, far.sourceSlot(0, bytes), near.remoteSink(0, bytes));
          for (int i = 0; i < tripNanos.length; i++) {
            awaitStamp(far, bytes, i + 1);
            stamp(far, bytes, i + 1);
            far.rdma().post(write);
          }
        });
  }

  /** The Write before is out of the way: the peer has answered it. */
  private static void stamp(RdmaEnd end, int bytes, long number) {
    LONG.setOpaque(end.sourceMemory().segment(), (long) bytes - Long.BYTES, number);
  }

  private static void awaitStamp(RdmaEnd end, int bytes, long number)
      throws IOException, InterruptedException {
    MemorySegment memory = end.sinkMemory().segment();
    while ((long) LONG.getAcquire(memory, (long) bytes - Long.BYTES) != number) {
      end.poll();
      if (Thread.interrupted()) {
        throw new InterruptedException("the other end has failed");
      }
    }
  }

  @Override
  public void close() {
    near.rdma().abort();
    far.rdma().abort();
    nearOwner.close();
    farOwner.close();
  }
}
