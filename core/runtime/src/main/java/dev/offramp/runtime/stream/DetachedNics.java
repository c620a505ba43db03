package dev.offramp.runtime.stream;

import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.net.SteeredNic;
import dev.offramp.runtime.device.FailureWatch;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The network namespaces that can serve as detached software RNICs in this process, by name.
 * Whoever builds one provides it here, and names it in the setting {@link #SETTING}.
 */
public final class DetachedNics {
  /** The setting that chooses one. */
  public static final String SETTING = "detached.nic";

  private static final Map<String, Provided> PROVIDED = new ConcurrentHashMap<>();

  private DetachedNics() {}

  /**
   * One that was provided.
   *
   * @param nic steers connections
   * @param namespace where their sockets are
   * @param resident for those that change hands there
   * @param failures where its failing is told
   */
  public record Provided(
      SteeredNic nic, NetworkNamespace namespace, ResidentStack resident, FailureWatch failures) {}

  /**
   * Provides one until the registration is closed.
   *
   * @param name not in use yet
   * @param nic steers connections; must outlive the registration
   * @param namespace where the NIC's sockets are
   */
  public static Registration provide(String name, SteeredNic nic, NetworkNamespace namespace) {
    Provided provided = new Provided(nic, namespace, new ResidentStack(), new FailureWatch());
    if (PROVIDED.putIfAbsent(name, provided) != null) {
      throw new IllegalArgumentException("a detached NIC [" + name + "] is there already");
    }
    return new Registration(name);
  }

  /** The one with this name. */
  public static Optional<Provided> find(String name) {
    return Optional.ofNullable(PROVIDED.get(name));
  }

  /** The names that are provided now, for messages. */
  public static String names() {
    return PROVIDED.isEmpty() ? "none" : new TreeSet<>(PROVIDED.keySet()).toString();
  }

  /**
   * A NIC's being there.
   *
   * @param name its name
   */
  public record Registration(String name) implements AutoCloseable {
    /** The NIC is about to go: connections should be moved while they can be. */
    public void failing(String reason) {
      find(name).ifPresent(provided -> provided.failures().failing(reason));
    }

    @Override
    public void close() {
      PROVIDED.remove(name);
    }
  }
}
