package dev.offramp.benchmarks.dataplane;

import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;

/** The same work over the software RNIC on the host's sockets, with the CRC on. */
final class RdmaWork implements AutoCloseable {
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final int REGION_BYTES = 1 << 20;
  private static final int QUEUE_ENTRIES = 2 * RdmaEnd.RECEIVES;

  private final TwoThreads threads;
  private final Offramp nearOfframp;
  private final Offramp farOfframp;
  private final RdmaEnd near;
  private final RdmaEnd far;

  RdmaWork(TwoThreads threads) throws Exception {
    this.threads = threads;
    this.nearOfframp = Offramp.open(options());
    this.farOfframp = Offramp.open(options());
    Link link = Link.open();
    CompletableFuture<RdmaEnd> responder =
        CompletableFuture.supplyAsync(
            () -> offload(farOfframp, link.far(), Mpa.responder().build()));
    near = offload(nearOfframp, link.near(), Mpa.initiator().build());
    far = responder.get();
    if (!near.rdma().mpa().crc()) {
      throw new IllegalStateException("the CRC is off");
    }
    // A Responder may speak only after the Initiator has.
    near.sendEmpty();
    while (far.received() == 0) {
      far.waitForSome();
    }
  }

  private static OfframpOptions options() {
    String entries = Integer.toString(QUEUE_ENTRIES);
    return OfframpOptions.builder()
        .setting("softiwarp.send-queue-entries", entries)
        .setting("softiwarp.receive-queue-entries", entries)
        .build();
  }

  private static RdmaEnd offload(Offramp offramp, SocketChannel tcp, MpaOptions mpa) {
    RdmaEnd[] end = new RdmaEnd[1];
    try {
      offramp.offload(tcp, mpa, rdma -> end[0] = new RdmaEnd(rdma, REGION_BYTES));
      return end[0];
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void reset() throws IOException {
    while (near.poll() + far.poll() > 0) {
      // What is left of the last measurement.
    }
    near.reset();
    far.reset();
  }

  private RemoteBuffer remote(int bytes) {
    RemoteBuffer whole = far.memory().advertise();
    return new RemoteBuffer(whole.stag(), whole.taggedOffset(), bytes);
  }

  /**
   * {@code count} Writes, at most {@code window} at a time; the far end says when all are there.
   */
  long write(int bytes, long count, int window) throws Exception {
    WorkRequest write = new Write(0, near.slice(bytes), remote(bytes));
    return oneSided(write, count, window);
  }

  /** {@code count} Reads, at most {@code window} at a time. */
  long read(int bytes, long count, int window) throws Exception {
    WorkRequest read = new Read(0, near.slice(bytes), remote(bytes));
    return oneSided(read, count, window);
  }

  private long oneSided(WorkRequest request, long count, int window) throws Exception {
    reset();
    return threads.run(
        () -> {
          postAll(request, count, window);
          near.sendEmpty();
          while (near.receivedEmpty() == 0) {
            near.waitForSome();
          }
        },
        () -> {
          while (far.receivedEmpty() == 0) {
            far.waitForSome();
          }
          far.sendEmpty();
        });
  }

  private void postAll(WorkRequest request, long count, int window) throws Exception {
    long posted = 0;
    while (near.requestsDone() < count) {
      while (posted < count && posted - near.requestsDone() < window) {
        near.rdma().post(request);
        posted++;
      }
      near.waitForSome();
    }
  }

  /** {@code count} Sends; the far end returns credits, so that a Receive is always posted. */
  long send(int bytes, long count, int window) throws Exception {
    reset();
    WorkRequest send = new Send(0, near.slice(bytes));
    return threads.run(
        () -> {
          long posted = 0;
          while (near.receivedEmpty() * RdmaEnd.CREDIT < count) {
            while (posted < count
                && posted - near.requestsDone() < window
                && posted - near.receivedEmpty() * RdmaEnd.CREDIT < RdmaEnd.RECEIVES) {
              near.rdma().post(send);
              posted++;
            }
            near.waitForSome();
          }
        },
        () -> {
          long credits = 0;
          while (credits * RdmaEnd.CREDIT < count) {
            far.waitForSome();
            while ((credits + 1) * RdmaEnd.CREDIT <= far.received()) {
              far.sendEmpty();
              credits++;
            }
          }
        });
  }

  /** {@code count} round trips of Sends; both ends block for completions. */
  long sendPingPong(int bytes, int count) throws Exception {
    reset();
    return threads.run(() -> ping(near, bytes, count, true), () -> ping(far, bytes, count, false));
  }

  private static void ping(RdmaEnd end, int bytes, int count, boolean first) throws Exception {
    WorkRequest send = new Send(0, end.slice(bytes));
    for (int i = 1; i <= count; i++) {
      if (first) {
        end.rdma().post(send);
      }
      while (end.received() < i) {
        end.waitForSome();
      }
      if (!first) {
        end.rdma().post(send);
      }
    }
  }

  /** {@code count} round trips of Writes; both ends look at their memory, and so never block. */
  long writePingPong(int bytes, int count) throws Exception {
    reset();
    near.memory().segment().fill((byte) 0);
    far.memory().segment().fill((byte) 0);
    return threads.run(
        () -> writePing(near, far, bytes, count, true),
        () -> writePing(far, near, bytes, count, false));
  }

  /** The first half of the region is what the peer writes to, the second where it comes from. */
  private static void writePing(RdmaEnd own, RdmaEnd other, int bytes, int count, boolean first)
      throws Exception {
    long half = REGION_BYTES / 2L;
    RemoteBuffer all = other.memory().advertise();
    WorkRequest write =
        new Write(
            0,
            own.memory().slice(half, bytes),
            new RemoteBuffer(all.stag(), all.taggedOffset(), bytes));
    MemorySegment memory = own.memory().segment();
    long last = (long) bytes - Long.BYTES;
    for (long i = 1; i <= count; i++) {
      if (first) {
        LONG.setOpaque(memory, half + last, i);
        own.rdma().post(write);
      }
      while ((long) LONG.getAcquire(memory, last) != i) {
        own.poll();
      }
      if (!first) {
        LONG.setOpaque(memory, half + last, i);
        own.rdma().post(write);
      }
      // A Write before the last must be done before its memory changes: so it is, it was answered.
    }
  }

  @Override
  public void close() {
    near.rdma().abort();
    far.rdma().abort();
    nearOfframp.close();
    farOfframp.close();
  }
}
