package dev.offramp.models.chelsio;

import dev.offramp.spi.port.EventLoop;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Doorbells on their way from the driver's threads to the chip, in order. Like a write that is
 * posted on a bus, one is there before any segment that is sent after it: whoever is about to look
 * at what came from the network lets these come first.
 */
final class RegisterWrites {
  private final EventLoop loop;
  private final Queue<Runnable> writes = new ConcurrentLinkedQueue<>();
  private final Runnable arrive = this::arrive;

  /** The loop's own. */
  private boolean arriving;

  RegisterWrites(EventLoop loop) {
    this.loop = loop;
  }

  /** Called by any thread. */
  void add(Runnable write) {
    writes.add(write);
    loop.execute(arrive);
  }

  /** Carries out all that have been written. On the loop; does nothing when called from a write. */
  void arrive() {
    if (arriving) {
      return;
    }
    arriving = true;
    try {
      for (Runnable next = writes.poll(); next != null; next = writes.poll()) {
        next.run();
      }
    } finally {
      arriving = false;
    }
  }
}
