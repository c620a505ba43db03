package dev.offramp.provider.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.models.DmaSpace;
import dev.offramp.models.Faults;
import dev.offramp.models.ModelClock;
import dev.offramp.models.ModelLoop;
import dev.offramp.models.ModelWindow;
import dev.offramp.models.SimulatedLink;
import dev.offramp.models.chelsio.ChelsioChip;
import dev.offramp.models.chelsio.ChelsioModel;
import dev.offramp.models.chelsio.ChelsioOptions;
import dev.offramp.models.chelsio.ChelsioUsage;
import dev.offramp.provider.chelsio.adapter.Usage;
import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.RnicEvents;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.EventLoops;
import dev.offramp.spi.port.StreamPorts;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** An adapter without hardware: a model, a cable in memory, and the driver on top. */
final class Bench implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger("chelsio.test");

  private final ModelClock clock = new ModelClock();
  private final ModelLoop chipLoop = new ModelLoop("chip", clock);
  private final ModelLoop driverLoop = new ModelLoop("driver", clock);
  private final ModelLoop peerLoop = new ModelLoop("peer", clock);
  private final SimulatedLink link = new SimulatedLink(chipLoop, clock);
  private final ModelWindow modelWindow;
  private final DeviceWindow window;
  private final Context context = new Context();
  private final Map<String, String> settings = new HashMap<>();
  private final Map<RdmaConnection, StreamEnd> ends = new ConcurrentHashMap<>();
  private final List<String> events = new CopyOnWriteArrayList<>();
  private @Nullable ChelsioRnic rnic;

  Bench(ChelsioChip chip) {
    this(chip, ChelsioOptions.defaults(), Faults.NONE, window -> window);
  }

  Bench(ChelsioChip chip, Faults faults) {
    this(chip, ChelsioOptions.defaults(), faults, window -> window);
  }

  /**
   * An adapter that is plugged in, and not brought up.
   *
   * @param between what the driver sees of the window
   */
  Bench(
      ChelsioChip chip,
      ChelsioOptions options,
      Faults faults,
      UnaryOperator<DeviceWindow> between) {
    this.modelWindow = new ModelWindow(new Kind(chip, options), chipLoop, link, clock, faults);
    this.window = between.apply(modelWindow);
    settings.put("linger-millis", "60000");
  }

  private record Kind(ChelsioChip chip, ChelsioOptions options)
      implements dev.offramp.models.AdapterModelFactory {
    @Override
    public Device device() {
      return chip.device();
    }

    @Override
    public String description() {
      return chip.toString();
    }

    @Override
    public ChelsioModel create(dev.offramp.models.ModelPlatform platform) {
      return new ChelsioModel(chip, options, platform);
    }
  }

  Bench setting(String name, Object value) {
    settings.put(name, value.toString());
    return this;
  }

  /** Brings the adapter up. */
  Bench open() throws RnicException {
    rnic = (ChelsioRnic) new ChelsioDriver().open(context);
    return this;
  }

  ChelsioRnic rnic() {
    ChelsioRnic known = rnic;
    if (known == null) {
      throw new IllegalStateException("not open");
    }
    return known;
  }

  ChelsioModel model() {
    return (ChelsioModel) modelWindow.model();
  }

  ModelWindow modelWindow() {
    return modelWindow;
  }

  DmaSpace memory() {
    return modelWindow.memory();
  }

  SimulatedLink link() {
    return link;
  }

  ModelClock clock() {
    return clock;
  }

  ModelLoop peerLoop() {
    return peerLoop;
  }

  ModelLoop chipLoop() {
    return chipLoop;
  }

  ModelLoop driverLoop() {
    return driverLoop;
  }

  /** How connections have ended, as the runtime was told. */
  Map<RdmaConnection, StreamEnd> ends() {
    return ends;
  }

  List<String> events() {
    return events;
  }

  Usage driverUsage() {
    return rnic().adapter().usage();
  }

  ChelsioUsage modelUsage() {
    return model().usage();
  }

  /** Nothing went wrong that nobody has asked for. */
  void assertClean() {
    assertThat(model().violations()).isEmpty();
    assertLoops();
  }

  void assertLoops() {
    assertThat(chipLoop.failures()).isEmpty();
    assertThat(driverLoop.failures()).isEmpty();
    assertThat(peerLoop.failures()).isEmpty();
  }

  /** Closes the device and looks whether all was given back. */
  void closeAndAssertNothingLeaks() {
    rnic().close();
    assertThat(rnic().adapter().usage()).isEqualTo(Usage.NONE);
    assertThat(memory().leaks()).isEmpty();
    assertThat(link.claimCount()).isZero();
  }

  @Override
  public void close() {
    ChelsioRnic known = rnic;
    if (known != null) {
      known.close();
    }
    driverLoop.close();
    peerLoop.close();
    chipLoop.close();
  }

  /** What the runtime would give. */
  private final class Context implements DriverContext {
    @Override
    public Device device() {
      return modelWindow.device();
    }

    @Override
    public DeviceWindow window() {
      return window;
    }

    @Override
    public StreamPorts streams() {
      throw new IllegalStateException("an adapter");
    }

    @Override
    public EventLoops eventLoops() {
      return () -> driverLoop;
    }

    @Override
    public long nanoTime() {
      return clock.getAsLong();
    }

    @Override
    public System.Logger logger() {
      return LOGGER;
    }

    @Override
    public Map<String, String> settings() {
      return settings;
    }

    @Override
    public RnicEvents events() {
      return new Events();
    }
  }

  private final class Events implements RnicEvents {
    @Override
    public void failing(String reason) {
      events.add("failing: " + reason);
    }

    @Override
    public void ended(RdmaConnection connection, StreamEnd end) {
      if (ends.put(connection, end) != null) {
        events.add("ended twice");
      }
    }

    @Override
    public void stalled(RdmaConnection connection, long nanos) {
      events.add("stalled");
    }

    @Override
    public void registered(
        RdmaConnection connection,
        MemoryRegion region,
        java.util.Set<dev.offramp.api.rdma.Access> access) {
      events.add("registered");
    }

    @Override
    public void deregistered(RdmaConnection connection, MemoryRegion region) {
      events.add("deregistered");
    }
  }
}
