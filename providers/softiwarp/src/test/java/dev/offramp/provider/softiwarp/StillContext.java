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
import java.util.Map;

/** A runtime whose event loops never do anything, and whose streams are in memory. */
final class StillContext implements DriverContext {
  final Deque<MemoryPort> ports = new ArrayDeque<>();

  /** How many streams were given up. */
  int abandoned;

  /** Whether streams break their contract. */
  boolean activationBreaks;

  private final Map<String, String> settings;

  StillContext(Map<String, String> settings) {
    this.settings = settings;
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
        if (activationBreaks) {
          throw new IllegalStateException("a defect of the stream");
        }
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
    return System.nanoTime();
  }

  @Override
  public System.Logger logger() {
    return System.getLogger("still");
  }
}
