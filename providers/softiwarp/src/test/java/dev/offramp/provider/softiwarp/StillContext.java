package dev.offramp.provider.softiwarp;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.EventLoops;
import dev.offramp.spi.port.PreparedStream;
import dev.offramp.spi.port.StreamPort;
import dev.offramp.spi.port.StreamPorts;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/** A runtime whose event loops do nothing by themselves, and whose streams are in memory. */
final class StillContext implements DriverContext {
  /** What the loops were asked to do at some time. */
  final List<Runnable> scheduled = new CopyOnWriteArrayList<>();

  LongSupplier clock = System::nanoTime;
  final Deque<MemoryPort> ports = new ArrayDeque<>();

  /** How many streams were given up. */
  int abandoned;

  private final Map<String, String> settings;

  StillContext(Map<String, String> settings) {
    this.settings = settings;
  }

  /** Does what a loop would do whose time has come for everything. */
  void runScheduled() {
    List<Runnable> due = List.copyOf(scheduled);
    scheduled.clear();
    due.forEach(Runnable::run);
  }

  @Override
  public Device device() {
    return new Device("still", Device.Kind.HOST_STREAM, 0, 0);
  }

  @Override
  public DeviceWindow window() {
    throw new IllegalStateException("a stream has no window");
  }

  @Override
  public StreamPorts streams() {
    return this::prepare;
  }

  private PreparedStream prepare(IwarpConnectionDescriptor descriptor) {
    MemoryPort port = ports.remove();
    return new PreparedStream() {
      @Override
      public StreamPort activate() {
        return port;
      }

      @Override
      public void abandon() {
        abandoned++;
      }
    };
  }

  @Override
  public EventLoops eventLoops() {
    return () ->
        new EventLoop() {
          @Override
          public void execute(Runnable task) {}

          @Override
          public Timer schedule(long deadlineNanos, Runnable task) {
            scheduled.add(task);
            return () -> {};
          }
        };
  }

  @Override
  public Map<String, String> settings() {
    return settings;
  }

  @Override
  public long nanoTime() {
    return clock.getAsLong();
  }

  @Override
  public System.Logger logger() {
    return System.getLogger("still");
  }
}
