package dev.offramp.linux;

import java.util.List;
import java.util.Map;
import org.apiguardian.api.API;

/**
 * Who uses the connections of this process besides the caller: found out once, for many departures.
 *
 * <p>To find out who waits on one descriptor, Linux has to be asked about every thread and every
 * descriptor of the process. {@link HostStack#lookForUsers} does it once for all of them, so that
 * moving many connections costs each of them the same, however many there are. A caller who knows
 * better says so with {@link #excludedByCaller}.
 *
 * <p>Immutable and thread-safe. A look, not a lock: who begins to wait later is not in it. A {@link
 * GatedChannel} needs neither.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class ChannelUsers {
  private static final ChannelUsers EXCLUDED = new ChannelUsers(Map.of(), Map.of());

  private final Map<Long, List<Integer>> descriptorsOfSocket;
  private final Map<Integer, List<String>> waitersOnDescriptor;

  private ChannelUsers(
      Map<Long, List<Integer>> descriptorsOfSocket,
      Map<Integer, List<String>> waitersOnDescriptor) {
    this.descriptorsOfSocket = descriptorsOfSocket;
    this.waitersOnDescriptor = waitersOnDescriptor;
  }

  /**
   * The caller asserts that no thread, selector or native code uses the connection, and that no
   * duplicate of its descriptor exists; nobody looks. A {@code write} by somebody else while the
   * connection is frozen can then corrupt its stream.
   */
  public static ChannelUsers excludedByCaller() {
    return EXCLUDED;
  }

  static ChannelUsers seen(
      Map<Long, List<Integer>> descriptorsOfSocket,
      Map<Integer, List<String>> waitersOnDescriptor) {
    return new ChannelUsers(Map.copyOf(descriptorsOfSocket), Map.copyOf(waitersOnDescriptor));
  }

  /** The descriptors of a socket other than the channel's and the departure's own. */
  List<Integer> duplicates(long cookie, int channels, int held) {
    List<Integer> all = descriptorsOfSocket.getOrDefault(cookie, List.of());
    return all.size() < 2
        ? List.of()
        : all.stream().filter(fd -> fd != channels && fd != held).toList();
  }

  /** Descriptions of all that wait on a descriptor. */
  List<String> waiters(int fd) {
    return waitersOnDescriptor.getOrDefault(fd, List.of());
  }
}
