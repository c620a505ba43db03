package dev.offramp.runtime.loop;

import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.EventLoops;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The runtime's event loops: few, started on first use, shared by all connections in turns. */
public final class NioEventLoops implements EventLoops, AutoCloseable {
  private static final int MAX_LOOPS = 4;

  private final int count =
      Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, MAX_LOOPS);
  private final ChannelWaiters waiters = new ChannelWaiters();
  private final AtomicInteger turn = new AtomicInteger();
  private final List<NioEventLoop> loops = new ArrayList<>();
  private boolean closed;

  /** Loops that start on first use. */
  public NioEventLoops() {}

  @Override
  public EventLoop next() {
    return nextLoop();
  }

  synchronized NioEventLoop nextLoop() {
    if (closed) {
      throw new IllegalStateException("the runtime is closed");
    }
    int index = Math.floorMod(turn.getAndIncrement(), count);
    while (loops.size() <= index) {
      NioEventLoop loop = new NioEventLoop("offramp-loop-" + loops.size(), waiters);
      loop.start();
      loops.add(loop);
    }
    return loops.get(index);
  }

  @Override
  public synchronized void close() {
    closed = true;
    loops.forEach(NioEventLoop::close);
    loops.clear();
  }
}
