package dev.offramp.runtime.loop;

import dev.offramp.spi.port.StreamWaiter;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Selectors with one channel each, for threads that wait for their own connection. The JDK's
 * selector is what a thread can wait on without a native call of ours and without changing the
 * channel's mode, and it parks virtual threads. Each takes three descriptors, so there are at most
 * {@value #MAX_WAITERS} in a runtime, however many connections there are.
 */
final class ChannelWaiters {
  private static final int MAX_WAITERS = 64;

  /** So long is "for ever": a thread comes back and waits again. */
  private static final long MAX_WAIT_MILLIS = TimeUnit.HOURS.toMillis(1);

  private final AtomicInteger open = new AtomicInteger();

  /** A waiter for a channel; null when there are too many already. */
  @Nullable StreamWaiter open(SocketChannel channel) throws IOException {
    if (open.incrementAndGet() > MAX_WAITERS) {
      open.decrementAndGet();
      return null;
    }
    Selector selector = null;
    try {
      selector = Selector.open();
      return new ChannelWaiter(selector, channel.register(selector, 0));
    } catch (IOException | RuntimeException | Error e) {
      open.decrementAndGet();
      if (selector != null) {
        selector.close();
      }
      throw e;
    }
  }

  private final class ChannelWaiter implements StreamWaiter {
    private final Selector selector;
    private final SelectionKey key;
    private int operations;
    private boolean closed;

    ChannelWaiter(Selector selector, SelectionKey key) {
      this.selector = selector;
      this.key = key;
    }

    @Override
    public void await(boolean readable, boolean writable, long timeoutNanos) throws IOException {
      int wanted = (readable ? SelectionKey.OP_READ : 0) | (writable ? SelectionKey.OP_WRITE : 0);
      try {
        if (wanted != operations) {
          key.interestOps(wanted);
          operations = wanted;
        }
        // Rounded up; 0 would mean "for ever" to the selector.
        long millis = TimeUnit.NANOSECONDS.toMillis(timeoutNanos) + 1;
        selector.select(ChannelWaiter::ignore, Math.clamp(millis, 1, MAX_WAIT_MILLIS));
      } catch (ClosedSelectorException | CancelledKeyException e) {
        // Closed meanwhile: that ends the wait, too.
      }
    }

    /** Level-triggered, and nothing to remember: the caller looks for itself. */
    private static void ignore(SelectionKey selected) {}

    @Override
    public void wakeup() {
      selector.wakeup();
    }

    @Override
    public synchronized void close() {
      if (!closed) {
        closed = true;
        open.decrementAndGet();
        try {
          selector.close();
        } catch (IOException e) {
          System.getLogger(ChannelWaiters.class.getName())
              .log(System.Logger.Level.DEBUG, "closing a selector", e);
        }
      }
    }
  }
}
