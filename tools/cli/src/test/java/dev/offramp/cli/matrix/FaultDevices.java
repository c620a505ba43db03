package dev.offramp.cli.matrix;

import dev.offramp.cli.matrix.MatrixCable.Place;
import dev.offramp.models.AdapterModel;
import dev.offramp.models.Faults;
import dev.offramp.models.intel.IntelModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** The adapters of a pair, which can be made to fail while they run. */
final class FaultDevices implements AutoCloseable {
  private final Map<String, Switch> switches = new LinkedHashMap<>();
  private final List<MatrixWorld.PluggedAdapter> adapters = new ArrayList<>();

  /** Faults of a device that can be exchanged while it runs. */
  static final class Switch implements Faults {
    private volatile Faults now = NONE;

    void to(Faults faults) {
      now = faults;
    }

    @Override
    public long at(String place) {
      return now.at(place);
    }
  }

  /** Plugs an owner's adapter, if it has one. */
  void plug(MatrixWorld world, MatrixOwner owner, String name, Place place) throws IOException {
    if (owner.chip().isPresent()) {
      Switch faults = new Switch();
      adapters.add(world.plug(owner.chip().get(), name, place, faults));
      switches.put(name, faults);
    }
  }

  Set<String> names() {
    return switches.keySet();
  }

  Switch breaking(String device) {
    return Objects.requireNonNull(switches.get(device), device);
  }

  /** None fails any more. */
  void work() {
    switches.values().forEach(each -> each.to(Faults.NONE));
  }

  /**
   * What drivers have not given back, once they are closed.
   *
   * @param silenced whether one has stopped answering: what a T6 has then nobody takes from it;
   *     X722 and E810 are reset, and have nothing
   */
  List<String> kept(boolean silenced) {
    return adapters.stream()
        .filter(each -> !silenced || each.model() instanceof IntelModel)
        .flatMap(each -> each.kept().stream())
        .toList();
  }

  /**
   * Which rules drivers have broken. A device that has failed misleads its driver: what that may
   * break then stands in docs/chelsio.md and docs/intel.md, and the drivers' own sweeps see to it.
   */
  List<String> broken() {
    return adapters.stream().flatMap(each -> broken(each.model())).toList();
  }

  /** A command that was refused breaks no rule: the peer may end a connection at any time. */
  private static Stream<String> broken(AdapterModel model) {
    return model instanceof IntelModel intel
        ? intel.violations().stream().map(Object::toString)
        : model.complaints().stream();
  }

  @Override
  public void close() {
    adapters.forEach(MatrixWorld.PluggedAdapter::close);
    adapters.clear();
  }
}
