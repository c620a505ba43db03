package dev.offramp.provider.chelsio;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.GoldenPeer;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A peer that never pauses: Writes of all sizes to one half of the other end's memory, Reads of the
 * other half, and a Send for each Receive that it is told of. Runs on a thread of its own.
 */
final class BusyPeer implements AutoCloseable {
  static final int HALF = 40_000;
  static final int MESSAGE = 5000;
  private static final int MOST_UNDER_WAY = 12;

  private final GoldenPeer peer;
  private final RemoteBuffer target;
  private final boolean reads;
  private final Region source;
  private final Region sink;
  private final SplittableRandom random;
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final Thread thread;

  // Guarded by this.
  private int receives;
  private int sent;

  private int underWay;
  private long nextId;
  private int written;

  /**
   * Begins.
   *
   * @param target memory of the other end, twice {@link #HALF} long
   * @param reads whether it reads, too
   */
  BusyPeer(GoldenPeer peer, RemoteBuffer target, boolean reads, long seed) {
    this.peer = peer;
    this.target = target;
    this.reads = reads;
    this.random = new SplittableRandom(seed);
    this.source = peer.register(HALF, Access.REMOTE_READ);
    this.sink = peer.register(HALF, Access.REMOTE_WRITE);
    Patterns.fill(source.segment(), seed);
    this.thread = Thread.ofPlatform().name("busy peer").start(this::run);
  }

  /** The bytes that each Send and each Write carries, by where they are. */
  MemorySegment source() {
    return source.segment();
  }

  /** What it has read so far. */
  MemorySegment sink() {
    return sink.segment();
  }

  /** The other end has posted so many more Receives, of {@link #MESSAGE} bytes. */
  synchronized void allow(int more) {
    receives += more;
  }

  /** How many Sends it has posted. */
  synchronized int sent() {
    return sent;
  }

  private void run() {
    try {
      while (!over.get()) {
        step();
      }
      // The whole of it once more, so that all is compared.
      write(0, HALF);
      if (reads) {
        read(0, HALF);
      }
      while (underWay > 0) {
        complete();
      }
    } catch (RuntimeException | Error e) {
      failure.set(e);
    }
  }

  private void step() {
    switch (random.nextInt(4)) {
      case 0 -> send();
      case 1 -> {
        if (reads) {
          int length = random.nextInt(1, HALF / 2);
          read(random.nextInt(HALF - length), length);
        }
      }
      default -> {
        int length = random.nextInt(1, random.nextBoolean() ? 200 : HALF);
        write(random.nextInt(HALF - length), length);
      }
    }
  }

  private void write(int at, int length) {
    written++;
    post(() -> peer.write(nextId, source, at, target.slice(at, length)));
  }

  private void read(int at, int length) {
    post(() -> peer.read(nextId, sink, at, target.slice(HALF + at, length)));
  }

  private void send() {
    int number;
    synchronized (this) {
      if (sent == receives) {
        return;
      }
      number = sent++;
    }
    int at = number * 7 % (HALF - MESSAGE);
    post(() -> peer.send(nextId, source, at, MESSAGE));
  }

  private void post(Runnable what) {
    nextId++;
    what.run();
    underWay++;
    while (underWay >= MOST_UNDER_WAY) {
      complete();
    }
  }

  private void complete() {
    Completion next = peer.take();
    if (!next.isSuccess()) {
      throw new IllegalStateException("a request of the peer's has failed: " + peer.awaitEnd());
    }
    // The other end sends, too.
    underWay -= next.operation() == Operation.RECEIVE ? 0 : 1;
  }

  /** Has it finish, and waits until all is done. */
  void finish() throws InterruptedException {
    over.set(true);
    thread.join();
    requireNoFailure();
  }

  /** Throws what its thread has ended with, if that was no end in order. */
  void requireNoFailure() {
    Throwable seen = failure.get();
    if (seen != null) {
      throw new AssertionError("the peer, after " + written + " Writes", seen);
    }
  }

  @Override
  public void close() {
    over.set(true);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
