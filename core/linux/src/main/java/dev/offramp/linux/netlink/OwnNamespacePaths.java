package dev.offramp.linux.netlink;

import dev.offramp.api.descriptor.Field;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.linux.PathFacts.PathQuery;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.tcp.Opt;
import dev.offramp.linux.tcp.OsSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Paths of the namespace that this process is in, over sockets that stay open. They cannot keep a
 * namespace alive that would end otherwise: the process does that already. The route is asked for
 * each connection; interfaces and neighbours are remembered until the kernel tells of a change to
 * any. Thread-safe.
 */
final class OwnNamespacePaths implements PathTables, AutoCloseable {
  /** More are forgotten all at once. */
  private static final int MAX_REMEMBERED = 4096;

  private static final Path OF_PROCESS = Path.of("/proc/self/ns/net");
  private static final Path OF_THREAD = Path.of("/proc/thread-self/ns/net");

  private final long cookie;
  private final NetlinkSocket socket;
  private final ChangeWatch watch;
  private final Map<Integer, Link> links = new HashMap<>();
  private final Map<Neighbour, Field<MacAddress>> neighbours = new HashMap<>();

  private record Neighbour(int interfaceIndex, InetAddress address) {}

  private OwnNamespacePaths(long cookie, NetlinkSocket socket, ChangeWatch watch) {
    this.cookie = cookie;
    this.socket = socket;
    this.watch = watch;
  }

  /** Opens the sockets; null when the calling thread is in another namespace than the process. */
  static @Nullable OwnNamespacePaths open(LibC libc) throws IOException {
    if (!Files.readSymbolicLink(OF_PROCESS).equals(Files.readSymbolicLink(OF_THREAD))) {
      return null;
    }
    return openHere(libc);
  }

  /** Opens them in the namespace of the calling thread, whatever it is. */
  static OwnNamespacePaths openHere(LibC libc) throws IOException {
    NetlinkSocket socket = NetlinkSocket.open(libc);
    try {
      long cookie = new OsSocket(libc, socket.fd()).getLong(Opt.SO_NETNS_COOKIE);
      return new OwnNamespacePaths(cookie, socket, ChangeWatch.open(libc));
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** Whether this is the namespace of that cookie. */
  boolean isOf(long namespaceCookie) {
    return cookie == namespaceCookie;
  }

  /** Whether something has changed; what was remembered is then forgotten. */
  synchronized boolean isNews() {
    boolean changed = watch.changed();
    if (changed || neighbours.size() > MAX_REMEMBERED) {
      links.clear();
      neighbours.clear();
    }
    return changed;
  }

  synchronized EgressPath describe(PathQuery query) {
    isNews();
    return EgressPath.describe(
        socket,
        this,
        query.local(),
        query.remote(),
        new EgressPath.Hints(query.mark(), 0, 0, query.boundInterfaceIndex()));
  }

  @Override
  public synchronized Link link(int index) throws IOException {
    Link known = links.get(index);
    if (known == null) {
      known = new Links(socket).lookup(index);
      links.put(index, known);
    }
    return known;
  }

  @Override
  public synchronized Field<MacAddress> neighbour(int interfaceIndex, InetAddress address)
      throws IOException {
    Neighbour key = new Neighbour(interfaceIndex, address);
    Field<MacAddress> known = neighbours.get(key);
    if (known == null) {
      known = new Neighbours(socket).lookup(interfaceIndex, address);
      neighbours.put(key, known);
    }
    return known;
  }

  @Override
  public void close() {
    watch.close();
    socket.close();
  }
}
