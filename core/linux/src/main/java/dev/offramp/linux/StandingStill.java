package dev.offramp.linux;

import dev.offramp.api.transfer.TransferException;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Connections that stand still since their departure could not be undone, and how to try that
 * again. Thread-safe.
 */
final class StandingStill {
  private final Map<SocketChannel, Undoing> known = new HashMap<>();

  /** What is left to do. */
  @FunctionalInterface
  interface Undoing {
    void resume() throws TransferException;
  }

  /** Until the channel is closed: that ends the connection without a word to the peer. */
  synchronized void add(SocketChannel channel, Undoing undoing) {
    known.keySet().removeIf(each -> !each.isOpen());
    known.put(channel, undoing);
  }

  synchronized void remove(SocketChannel channel) {
    known.remove(channel);
  }

  /** Whether there was something to undo; it has been. */
  boolean resume(SocketChannel channel) throws TransferException {
    Undoing undoing = find(channel);
    if (undoing == null) {
      return false;
    }
    undoing.resume();
    remove(channel);
    return true;
  }

  private synchronized @Nullable Undoing find(SocketChannel channel) {
    return known.get(channel);
  }
}
