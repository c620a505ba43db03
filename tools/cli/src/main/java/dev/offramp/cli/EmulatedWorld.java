package dev.offramp.cli;

import dev.offramp.emulator.EmulatedAdapter;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.net.Topology;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.AdapterModels;
import dev.offramp.models.RecordingWindow;
import dev.offramp.runtime.device.Adapters;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A peer, a cable, and an emulated adapter in it, around this process, which has to be in a network
 * namespace of its own. TCP timestamps are off at both ends, for no adapter can go on with them.
 */
final class EmulatedWorld implements AutoCloseable {
  private final NetworkNamespace here;
  private final Topology topology;
  private final EmulatedAdapter adapter;
  private final Adapters.Registration registration;

  private EmulatedWorld(
      NetworkNamespace here,
      Topology topology,
      EmulatedAdapter adapter,
      Adapters.Registration registration) {
    this.here = here;
    this.topology = topology;
    this.adapter = adapter;
    this.registration = registration;
  }

  static EmulatedWorld open(AdapterModelFactory kind) throws IOException {
    return open(kind, null);
  }

  /**
   * Builds it.
   *
   * @param kind which adapter
   * @param trace gets a line for each access of the driver; null for none
   */
  static EmulatedWorld open(AdapterModelFactory kind, @Nullable PrintWriter trace)
      throws IOException {
    NetworkNamespace here = NetworkNamespace.current();
    try {
      Topology topology = Topology.around(here, Topology.Plan.usual());
      try {
        topology.switchTimestampsOff();
        EmulatedAdapter adapter = EmulatedAdapter.open(kind, topology);
        return new EmulatedWorld(here, topology, adapter, provide(adapter, trace));
      } catch (IOException | RuntimeException | Error e) {
        topology.close();
        throw e;
      }
    } catch (IOException | RuntimeException | Error e) {
      here.close();
      throw e;
    }
  }

  private static Adapters.Registration provide(
      EmulatedAdapter adapter, @Nullable PrintWriter trace) {
    return trace == null
        ? adapter.provide()
        : Adapters.provide(
            adapter.device(), new RecordingWindow(adapter.window(), true, trace::println));
  }

  /** The names that {@link AdapterModels} knows. */
  static List<String> kinds() {
    return AdapterModels.all().stream().map(kind -> kind.device().name()).toList();
  }

  Topology topology() {
    return topology;
  }

  EmulatedAdapter adapter() {
    return adapter;
  }

  /** What a driver has not given back; all zero when all is well. */
  Map<String, Object> leftBehind() {
    Map<String, Object> left = new LinkedHashMap<>();
    left.put("slabs", adapter.memory().slabCount());
    left.put("mappings", adapter.memory().mappingCount());
    left.put("connections", adapter.claimCount());
    return left;
  }

  @Override
  public void close() throws IOException {
    registration.close();
    adapter.close();
    try {
      topology.close();
    } finally {
      here.close();
    }
  }
}
