package dev.offramp.runtime;

import dev.offramp.api.OfframpOptions;
import dev.offramp.runtime.device.Adapters;
import dev.offramp.runtime.driver.DriverRegistry;
import dev.offramp.runtime.driver.NoDriverException;
import dev.offramp.runtime.loop.NioEventLoops;
import dev.offramp.runtime.stream.DetachedNics;
import dev.offramp.runtime.stream.DetachedStreams;
import dev.offramp.runtime.stream.HostResidentStreams;
import dev.offramp.runtime.stream.ResidentStack;
import dev.offramp.spi.Device;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicDriver;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.StreamPorts;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Opens the RNIC that the options name. */
final class RnicFactory {
  private final OfframpOptions options;
  private final DriverRegistry drivers;
  private final NioEventLoops loops;
  private final ResidentStack residentStack;

  @Inject
  RnicFactory(
      OfframpOptions options,
      DriverRegistry drivers,
      NioEventLoops loops,
      ResidentStack residentStack) {
    this.options = options;
    this.drivers = drivers;
    this.loops = loops;
    this.residentStack = residentStack;
  }

  /** An RNIC together with what has to be closed after it. */
  record Opened(Rnic rnic, Runnable after) {
    void close() {
      try {
        rnic.close();
      } finally {
        after.run();
      }
    }
  }

  Opened open() throws RnicException {
    List<Device> devices = Devices.all();
    Device device =
        devices.stream()
            .filter(candidate -> candidate.name().equals(options.rnic()))
            .findFirst()
            .orElseThrow(() ->
                new RnicException(
                    "no RNIC ["
                        + options.rnic()
                        + "]; there are: "
                        + devices.stream().map(Device::name).toList()));
    try {
      RnicDriver driver = drivers.driverFor(device);
      return device.kind() == Device.Kind.ADAPTER
          ? openAdapter(device, driver)
          : openStream(device, driver);
    } catch (NoDriverException e) {
      throw new RnicException(String.valueOf(e.getMessage()), e);
    }
  }

  /** The adapter stays leased until the driver has let go of it. */
  private Opened openAdapter(Device device, RnicDriver driver) throws RnicException {
    Adapters.Lease lease;
    try {
      lease = Adapters.lease(device.name());
    } catch (IllegalStateException e) {
      throw new RnicException(String.valueOf(e.getMessage()), e);
    }
    Rnic rnic = null;
    try {
      rnic =
          driver.open(
              new AdapterDriverContext(
                  device, lease.window(), loops, driver.id(), settingsOf(driver.id())));
      return new Opened(rnic, lease::close);
    } finally {
      if (rnic == null) {
        lease.close();
      }
    }
  }

  private Opened openStream(Device device, RnicDriver driver) throws RnicException {
    StreamPorts streams = streams(device);
    Rnic rnic =
        driver.open(
            new StreamDriverContext(device, streams, loops, driver.id(), settingsOf(driver.id())));
    return new Opened(
        rnic,
        () -> {
          if (streams instanceof DetachedStreams detached) {
            detached.close();
          }
        });
  }

  private StreamPorts streams(Device device) throws RnicException {
    if (device.kind() == Device.Kind.HOST_STREAM) {
      return new HostResidentStreams(residentStack, SegmentSizes::of);
    }
    String name = options.settings().getOrDefault(DetachedNics.SETTING, "");
    DetachedNics.Provided nic =
        DetachedNics.find(name)
            .orElseThrow(() ->
                new RnicException(
                    "setting ["
                        + DetachedNics.SETTING
                        + "]: seen ["
                        + name
                        + "], provided: "
                        + DetachedNics.names()
                        + "; provide a NIC namespace with DetachedNics.provide"));
    return new DetachedStreams(
        HostStacks.inside(nic.namespace(), options.listener()),
        nic.nic(),
        SegmentSizes::of,
        options.listener());
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
