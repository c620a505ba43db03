package dev.offramp.tck.bench;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.DmaSpace;
import dev.offramp.models.Faults;
import dev.offramp.models.ModelWindow;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicDriver;
import dev.offramp.tck.trace.Trace;
import dev.offramp.tck.trace.TraceEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * One device of the kit, a driver on it, and the trace of all that happens. Made anew for each
 * experiment, so that experiments cannot influence each other.
 */
public final class Bench implements AutoCloseable {
  private static final int DEFAULT_EMSS = 1460;

  private final Target target;
  private final Conductor conductor;
  private final Trace trace;
  private final KitLogger logger;
  private final KitEvents events;
  private final RecordedSettings settings;
  private final Wires wires = new Wires();
  private final RnicDriver driver;
  private final @Nullable KitStreams streams;
  private final @Nullable KitLink link;
  private final @Nullable ModelWindow window;
  private final @Nullable RecordingWindow recording;
  private final KitContext context;
  private @Nullable Rnic rnic;

  /**
   * A bench with nothing open.
   *
   * @param settings the user's, without the driver's prefix
   * @param faults what is to go wrong
   * @param hangSeconds how long a call of the driver may do nothing
   */
  public Bench(Target target, Map<String, String> settings, Faults faults, long hangSeconds) {
    this.target = target;
    this.conductor = new Conductor(hangSeconds);
    this.trace = new Trace(conductor::now);
    this.logger = new KitLogger(trace);
    this.events = new KitEvents(trace);
    this.settings = new RecordedSettings(settings, trace);
    this.driver = target.driver().get();
    if (target.isAdapter()) {
      AdapterModelFactory model =
          target.model().orElseGet(() -> AgreeableModel.factory(target.device()));
      link = new KitLink(trace, conductor, wires, faults);
      window = new ModelWindow(model, conductor.deviceLoop(), link, conductor::look, faults);
      streams = null;
      recording = new RecordingWindow(window, trace, conductor, target.model().isEmpty());
    } else {
      link = null;
      window = null;
      recording = null;
      streams = new KitStreams(trace, conductor, wires, faults);
    }
    this.context =
        new KitContext(
            target.device(), recording, streams, conductor, events, logger, this.settings);
  }

  public Target target() {
    return target;
  }

  public Conductor conductor() {
    return conductor;
  }

  public Trace trace() {
    return trace;
  }

  public KitEvents events() {
    return events;
  }

  public RnicDriver driver() {
    return driver;
  }

  /** The model's window; null without an adapter. */
  public @Nullable ModelWindow window() {
    return window;
  }

  /** Memory of the adapter that is open; null without an adapter. */
  public @Nullable DmaSpace memory() {
    return window == null ? null : window.memory();
  }

  /** What the driver has logged. */
  public List<String> logLines() {
    return logger.lines();
  }

  /** Settings that the driver has looked up. */
  public Set<String> settingsAsked() {
    return settings.asked();
  }

  /** What reached TCP: what the driver asked of the stream port, or what a model decoded. */
  public List<IwarpConnectionDescriptor> installed() {
    return streams != null ? streams.prepared() : link == null ? List.of() : link.installed();
  }

  /** Streams or 4-tuples that are held and not in use. */
  public int openStreams() {
    return streams != null ? streams.openCount() : link == null ? 0 : link.claimed().size();
  }

  /** Calls the driver, and writes the call and its outcome into the trace. */
  public <T extends @Nullable Object> T call(String what, Callable<T> body) throws Exception {
    trace.add(TraceEvent.Kind.CALL, what, "");
    conductor.progressed();
    try {
      T result = conductor.call(what, body);
      if (recording != null && (what.equals("arrive") || what.equals("activate"))) {
        recording.returned();
      }
      trace.add(TraceEvent.Kind.RETURN, what, "");
      return result;
    } catch (DriverHangsException hang) {
      throw hang;
    } catch (Exception | Error e) {
      trace.add(TraceEvent.Kind.THROW, what, String.valueOf(e));
      throw e;
    }
  }

  /** Brings the device up; once. */
  public Rnic open() throws Exception {
    Rnic opened = call("open", () -> driver.open(context));
    rnic = opened;
    return opened;
  }

  /** The device that is up. */
  public Rnic rnic() {
    Rnic known = rnic;
    if (known == null) {
      throw new IllegalStateException("not open");
    }
    return known;
  }

  /** The TCP connection that {@code descriptor} describes: it exists, and nobody owns it. */
  public Wire wire(IwarpConnectionDescriptor descriptor) {
    Wire wire =
        new Wire(
            trace, conductor, descriptor.get(DescriptorFields.SEND_MSS_BYTES).orElse(DEFAULT_EMSS));
    wires.put(descriptor, wire);
    return wire;
  }

  /** Closes the device, and then what the kit has. */
  @Override
  public void close() {
    Rnic known = rnic;
    rnic = null;
    try {
      if (known != null) {
        call(
            "close",
            () -> {
              known.close();
              return null;
            });
      }
      conductor.settle(0);
    } catch (DriverHangsException hang) {
      throw hang;
    } catch (Exception e) {
      trace.add(TraceEvent.Kind.THROW, "close", String.valueOf(e));
    } finally {
      unplug();
      conductor.close();
    }
  }

  /** A model may end on a loop of its own, and wait for that. */
  private void unplug() {
    if (window == null) {
      return;
    }
    try {
      conductor.call(
          "unplug",
          () -> {
            window.close();
            return null;
          });
      conductor.settle(0);
    } catch (DriverHangsException hang) {
      throw hang;
    } catch (Exception e) {
      trace.add(TraceEvent.Kind.THROW, "unplug", String.valueOf(e));
    }
  }
}
