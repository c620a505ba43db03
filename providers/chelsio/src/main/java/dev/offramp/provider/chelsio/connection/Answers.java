package dev.offramp.provider.chelsio.connection;

import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.Reply;
import dev.offramp.spi.port.EventLoop;
import java.util.concurrent.atomic.AtomicBoolean;

/** Waits for answers without a thread: what comes next runs under the connection's lock. */
final class Answers {
  private final Adapter adapter;
  private final Serial serial;

  Answers(Adapter adapter, Serial serial) {
    this.adapter = adapter;
    this.serial = serial;
  }

  /** How an answer came. */
  enum Outcome {
    /** With success. */
    DONE,
    /** With an error: the adapter has understood, and will not do it. */
    REFUSED,
    /** Not in time, or the adapter has failed: nobody knows what it does. */
    NONE
  }

  /** What comes next. */
  @FunctionalInterface
  interface Next {
    void run(Outcome outcome);
  }

  /** Runs {@code next} once: when the answer is there, or when it is too late. */
  void after(Reply reply, Next next) {
    AtomicBoolean over = new AtomicBoolean();
    Runnable once =
        () -> {
          if (over.compareAndSet(false, true)) {
            adapter.forget(reply);
            next.run(outcome(reply));
          }
        };
    EventLoop.Timer timer = later(adapter.replyNanos(), once);
    reply.onDone(() -> {
      timer.cancel();
      serial.submit(once);
    });
  }

  /** Runs {@code task} after a while. */
  EventLoop.Timer later(long nanos, Runnable task) {
    return adapter.loop().schedule(adapter.context().nanoTime() + nanos, () -> serial.submit(task));
  }

  private static Outcome outcome(Reply reply) {
    if (!reply.isDone() || reply.failure() != null) {
      return Outcome.NONE;
    }
    return reply.status() == 0 ? Outcome.DONE : Outcome.REFUSED;
  }
}
