package dev.offramp.runtime;

import dev.offramp.api.OfframpOptions;
import dev.offramp.linux.HostStack;
import dev.offramp.runtime.device.Adapters;
import dev.offramp.runtime.device.FailureWatch;
import dev.offramp.runtime.driver.DriverRegistry;
import dev.offramp.runtime.driver.NoDriverException;
import dev.offramp.runtime.events.WatchedEvents;
import dev.offramp.runtime.loop.NioEventLoops;
import dev.offramp.runtime.move.OpenRnic;
import dev.offramp.runtime.stream.DetachedNics;
import dev.offramp.runtime.stream.DetachedStreams;
import dev.offramp.runtime.stream.HostResidentStreams;
import dev.offramp.runtime.stream.ResidentStack;
import dev.offramp.runtime.stream.TcpStack;
import dev.offramp.spi.Device;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicDriver;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.StreamPorts;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Opens the RNIC that the options name. */
final class RnicFactory {
  private final OfframpOptions options;
  private final DriverRegistry drivers;
  private final NioEventLoops loops;
  private final ResidentStack residentStack;
  private final HostStack hostStack;

  @Inject
  RnicFactory(
      OfframpOptions options,
      DriverRegistry drivers,
      NioEventLoops loops,
      ResidentStack residentStack,
      HostStack hostStack) {
    this.hostStack = hostStack;
    this.options = options;
    this.drivers = drivers;
    this.loops = loops;
    this.residentStack = residentStack;
  }

  /** An RNIC together with what has to be closed after it. */
  record Opened(OpenRnic rnic, Runnable after) {
    void close() {
      try {
        rnic.rnic().close();
      } finally {
        after.run();
      }
    }
  }

  /**
   * Opens an RNIC.
   *
   * @param name as in {@link OfframpOptions#rnic}, with or without an instance
   * @param onFailing told when the device says that it fails, or whoever provides it
   */
  Opened open(String name, Consumer<String> onFailing) throws RnicException {
    Device device = Devices.named(name);
    try {
      RnicDriver driver = drivers.driverFor(device);
      return device.kind() == Device.Kind.ADAPTER
          ? openAdapter(device, driver, onFailing)
          : openStream(device, driver, onFailing);
    } catch (NoDriverException e) {
      throw new RnicException(String.valueOf(e.getMessage()), e);
    }
  }

  /** The adapter stays leased until the driver has let go of it. */
  private Opened openAdapter(Device device, RnicDriver driver, Consumer<String> onFailing)
      throws RnicException {
    Adapters.Lease lease;
    try {
      lease = Adapters.lease(device.name());
    } catch (IllegalStateException e) {
      throw new RnicException(String.valueOf(e.getMessage()), e);
    }
    Rnic rnic = null;
    try {
      requireSound(device, lease.failures());
      rnic =
          driver.open(
              new AdapterDriverContext(
                  device,
                  lease.window(),
                  loops,
                  driver.id(),
                  settingsOf(driver.id()),
                  new WatchedEvents(onFailing)));
      Runnable unwatch = lease.failures().watch(onFailing);
      return new Opened(
          new OpenRnic(device.name(), rnic, lease),
          () -> {
            unwatch.run();
            lease.close();
          });
    } finally {
      if (rnic == null) {
        lease.close();
      }
    }
  }

  private Opened openStream(Device device, RnicDriver driver, Consumer<String> onFailing)
      throws RnicException {
    Streams streams = streams(device);
    requireSound(device, streams.failures());
    Rnic rnic =
        driver.open(
            new StreamDriverContext(
                device,
                streams.ports(),
                loops,
                driver.id(),
                settingsOf(driver.id()),
                new WatchedEvents(onFailing)));
    Runnable unwatch = streams.failures().watch(onFailing);
    return new Opened(
        new OpenRnic(device.name(), rnic, streams.stack()),
        () -> {
          unwatch.run();
          if (streams.ports() instanceof DetachedStreams detached) {
            detached.close();
          }
        });
  }

  private static void requireSound(Device device, FailureWatch failures) throws RnicException {
    String reason = failures.reason().orElse(null);
    if (reason != null) {
      throw new RnicException("RNIC [" + device.name() + "] fails: " + reason);
    }
  }

  /** Streams, and what tells whether two RNICs have theirs on the same TCP stack. */
  private record Streams(StreamPorts ports, ResidentStack stack, FailureWatch failures) {}

  private Streams streams(Device device) throws RnicException {
    if (device.kind() == Device.Kind.HOST_STREAM) {
      return new Streams(
          new HostResidentStreams(new TcpStack(residentStack, hostStack), SegmentSizes::of),
          residentStack,
          new FailureWatch());
    }
    DetachedNics.Provided nic = nicOf(device);
    HostStack inside = HostStacks.inside(nic.namespace(), options.listener());
    return new Streams(
        new DetachedStreams(
            new TcpStack(nic.resident(), inside), nic.nic(), SegmentSizes::of, options.listener()),
        nic.resident(),
        nic.failures());
  }

  /** The setting of this very RNIC, or else that of its first instance. */
  private DetachedNics.Provided nicOf(Device device) throws RnicException {
    String own = DetachedNics.SETTING + Devices.instanceSuffix(device.name());
    String setting = options.settings().containsKey(own) ? own : DetachedNics.SETTING;
    String name = options.settings().getOrDefault(setting, "");
    return DetachedNics.find(name)
        .orElseThrow(() ->
            new RnicException(
                "setting ["
                    + setting
                    + "]: seen ["
                    + name
                    + "], provided: "
                    + DetachedNics.names()
                    + "; provide a NIC namespace with DetachedNics.provide"));
  }

  /** The settings that begin with the driver's id and a dot. */
  private Map<String, String> settingsOf(String driver) {
    String prefix = driver + ".";
    Map<String, String> own = new HashMap<>();
    options
        .settings()
        .forEach((name, value) -> {
          if (name.startsWith(prefix)) {
            own.put(name.substring(prefix.length()), value);
          }
        });
    return own;
  }
}
