package dev.offramp.provider.intel;

import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.Registers;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.OutOfDeviceMemoryException;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A device that is up, and what its connections share. Safe for several threads. */
final class Adapter implements AutoCloseable {
  /**
   * Reserved by the vendor: 0 is the control queue, 1 the {@link ParkingQueue}, 2 not used here.
   */
  private static final int FIRST_ID = 3;

  private static final int FIRST_PD = 1;
  private static final int MAX_NEXT_HOPS = 4096;

  private final DriverContext context;
  private final Generation generation;
  private final IntelSettings settings;
  private final EventLoop loop;
  private final ControlQueue control;
  private final Rollback rollback;

  /** What the device may still use; guards itself and {@link #letsGo}. */
  private final Rollback kept;

  /** Whether the device reaches no memory any more: it has been reset, or closed. */
  private boolean letsGo;

  private final DeviceEvents events;
  private final AddressTables addresses;
  private final IdPool qpIds;
  private final IdPool cqIds;
  private final IdPool pdIds;
  private final StagPool stags;

  /** Tells a connection from an earlier one with the same numbers. */
  private final AtomicLong serials = new AtomicLong();

  private Adapter(
      DriverContext context,
      Generation generation,
      IntelSettings settings,
      ControlQueue control,
      Rollback rollback)
      throws CommandException {
    this.context = context;
    this.generation = generation;
    this.settings = settings;
    this.loop = context.eventLoops().next();
    this.control = control;
    this.rollback = rollback;
    this.kept = new Rollback(context.logger());
    int ids = settings.maxConnections() + FIRST_ID;
    HostMemoryCache.Sizes sizes =
        HostMemoryCache.setUp(
            control,
            context.window(),
            new HostMemoryCache.Sizes(ids, ids, settings.maxRegions() + 1, MAX_NEXT_HOPS),
            rollback);
    this.qpIds = new IdPool("QPs", FIRST_ID, sizes.qps());
    this.cqIds = new IdPool("CQs", FIRST_ID, sizes.cqs());
    this.pdIds =
        new IdPool("protection domains", FIRST_PD, generation.limits().protectionDomains());
    this.stags = new StagPool(sizes.regions(), new SecureRandom());
    this.addresses = new AddressTables(control, sizes.nextHops());
    this.events = DeviceEvents.setUp(context, generation, control, loop, settings, rollback);
    ParkingQueue.create(context.window(), generation, control, settings, rollback);
  }

  /**
   * Brings a device up.
   *
   * @throws RnicException when it does not come up; all that was obtained is given back
   */
  static Adapter open(DriverContext context, Generation generation, IntelSettings settings)
      throws RnicException {
    long bytes = context.window().sizeBytes(Registers.BAR);
    if (bytes <= generation.registers().wqeAlloc()) {
      throw new RnicException(
          "%s: BAR 0 has [%d] bytes, an %s has its doorbell at %#x; see that the device is one"
              .formatted(
                  context.device().name(), bytes, generation, generation.registers().wqeAlloc()));
    }
    Rollback rollback = new Rollback(context.logger());
    Breakdown breakdown = new Breakdown(context);
    try {
      ControlQueue control =
          ControlQueue.open(context, generation, settings.commandTimeoutNanos(), breakdown);
      rollback.add("control queue", control::close);
      Adapter adapter = new Adapter(context, generation, settings, control, rollback);
      breakdown.enterService(() -> adapter.loop.execute(adapter::failed));
      adapter.events.start();
      return adapter;
    } catch (CommandException | OutOfDeviceMemoryException e) {
      rollback.run();
      // By now it says what came of the failure.
      String failure = breakdown.failure();
      throw new RnicException(
          context.device().name() + ": " + (failure == null ? e.getMessage() : failure), e);
    } catch (RnicException | RuntimeException | Error e) {
      rollback.run();
      throw e;
    }
  }

  /** All has been done about the device's failure: connections hear of it, whoever looks or not. */
  private void failed() {
    if (control.breakdown().isReset()) {
      giveKeptBack();
    }
    events.service();
  }

  DriverContext context() {
    return context;
  }

  DeviceWindow window() {
    return context.window();
  }

  Generation generation() {
    return generation;
  }

  IntelSettings settings() {
    return settings;
  }

  ControlQueue control() {
    return control;
  }

  /** Where timers run. */
  EventLoop loop() {
    return loop;
  }

  DeviceEvents events() {
    return events;
  }

  AddressTables addresses() {
    return addresses;
  }

  IdPool qpIds() {
    return qpIds;
  }

  IdPool cqIds() {
    return cqIds;
  }

  IdPool pdIds() {
    return pdIds;
  }

  StagPool stags() {
    return stags;
  }

  /** A number that no connection of this device had before; 1 and up. */
  long nextSerial() {
    return serials.incrementAndGet();
  }

  /** The device may still use this memory, so it is given back only when that is over. */
  void keepUntilClosed(String why, Rollback.Undo memory) {
    synchronized (kept) {
      kept.addMemory(why, memory);
      if (letsGo) {
        kept.run();
        return;
      }
    }
    context
        .logger()
        .log(
            System.Logger.Level.WARNING,
            "kept until the RNIC is closed, or its function reset: " + why);
  }

  private void giveKeptBack() {
    synchronized (kept) {
      letsGo = true;
      kept.run();
    }
  }

  /** Why the device is of no use any more; null while it is well. */
  @Nullable String failure() {
    return control.breakdown().reason();
  }

  /** Stops the device and gives all back. */
  @Override
  public void close() {
    control.breakdown().leaveService();
    events.stop();
    rollback.run();
    giveKeptBack();
  }
}
