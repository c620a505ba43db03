package dev.offramp.tck.zoo;

import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.AdapterModels;
import dev.offramp.spi.Device;
import dev.offramp.spi.RnicDriver;
import dev.offramp.tck.bench.Target;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.UnaryOperator;

/** The honest drivers that specimens are made of, and the devices on which they are tried. */
public enum Base {
  /** A software RNIC whose TCP arrives with it. */
  STREAM("softiwarp", "detached-stream"),
  /** A software RNIC on the host's own sockets. */
  HOST("softiwarp", "host-stream"),
  /** An adapter whose state is one context in memory. */
  E810("intel", "e810"),
  /** An adapter whose state is set field by field, in messages. */
  T6("chelsio", "t6");

  private final String driver;
  private final String device;

  Base(String driver, String device) {
    this.driver = driver;
    this.device = device;
  }

  /** The device of this kind, with {@code change} made to the honest driver. */
  Target target(UnaryOperator<RnicDriver> change) {
    RnicDriver honest =
        ServiceLoader.load(RnicDriver.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(candidate -> candidate.id().equals(driver))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no driver [" + driver + "]"));
    return switch (this) {
      case STREAM -> stream(Device.Kind.DETACHED_STREAM, change.apply(honest));
      case HOST -> stream(Device.Kind.HOST_STREAM, change.apply(honest));
      case E810, T6 -> {
        AdapterModelFactory model =
            AdapterModels.all().stream()
                .filter(candidate -> candidate.device().name().equals(device))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no model [" + device + "]"));
        yield new Target(model.device(), Optional.of(model), () -> change.apply(honest));
      }
    };
  }

  private Target stream(Device.Kind kind, RnicDriver wrong) {
    return new Target(new Device(device, kind, 0, 0), Optional.empty(), () -> wrong);
  }
}
