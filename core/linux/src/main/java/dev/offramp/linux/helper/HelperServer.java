package dev.offramp.linux.helper;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.libc.NativeAccess;
import dev.offramp.linux.tcp.Opt;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.SocketFilter;
import dev.offramp.linux.unix.UnixLink;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.apiguardian.api.API;

/**
 * Sets the few socket options that take CAP_NET_ADMIN on sockets that others pass over a Unix
 * socket, after checks of the client's user, of the socket and of the request. It keeps no socket,
 * reads no byte of a connection, and opens nothing for anybody. Safe for any thread.
 *
 * <p>It serves the network namespace in which it is. Every refusal is logged with the client's user
 * and process.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class HelperServer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(HelperServer.class.getName());
  private static final int AF_INET = 2;
  private static final int SOCK_STREAM_CLOEXEC = 1 | 0x80000;

  /** More clients at once wait; one that says nothing is not waited for. */
  private static final int MAX_CLIENTS = 64;

  private static final Duration IDLE = Duration.ofSeconds(60);

  private final LibC libc;
  private final UnixLink server;
  private final Path path;
  private final Set<Integer> users;
  private final HelperPolicy policy;
  private final Semaphore places = new Semaphore(MAX_CLIENTS);
  private final Set<UnixLink> clients = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private HelperServer(LibC libc, UnixLink server, Path path, Set<Integer> users, long namespace) {
    this.libc = libc;
    this.server = server;
    this.path = path;
    this.users = Set.copyOf(users);
    this.policy = new HelperPolicy(libc, namespace);
  }

  /**
   * Begins to serve. A socket that a helper has left which was killed is replaced.
   *
   * @param path where the Unix socket is made; everybody may connect, and the kernel tells who did
   * @param users the numbers of the users that are served
   * @throws IOException when the socket cannot be made, another process serves there, or native
   *     access is missing
   */
  public static HelperServer open(Path path, Set<Integer> users) throws IOException {
    if (!NativeAccess.check().available()) {
      throw new IOException(NativeAccess.check().toString());
    }
    return open(NativeAccess.libc(), path, users);
  }

  /** The same over a C library of the caller's choice. */
  static HelperServer open(LibC libc, Path path, Set<Integer> users) throws IOException {
    removeStale(libc, path);
    UnixLink link = UnixLink.listen(libc, path, HelperRequest.MAX_MESSAGE_BYTES);
    HelperServer server = null;
    try {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
      server = new HelperServer(libc, link, path, users, ownNamespace(libc));
      Thread.ofPlatform().daemon(true).name("offramp-helper").start(server::serve);
      return server;
    } finally {
      if (server == null) {
        link.close();
        Files.deleteIfExists(path);
      }
    }
  }

  /** Nobody listens at the socket of a process that has gone: the kernel refuses to connect. */
  private static void removeStale(LibC libc, Path path) throws IOException {
    try (UnixLink other =
        UnixLink.connect(libc, path, HelperRequest.MAX_MESSAGE_BYTES, Duration.ofSeconds(1))) {
      throw new IOException(
          "process [" + other.peer().pid() + "] serves at [" + path + "]; stop it first");
    } catch (LinuxException e) {
      boolean socket =
          e.errno() == Errno.ECONNREFUSED
              && Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                  .isOther();
      if (socket) {
        Files.delete(path);
      }
    }
  }

  private static long ownNamespace(LibC libc) throws IOException {
    int fd =
        (int)
            LinuxException.check(
                libc.socket(AF_INET, SOCK_STREAM_CLOEXEC, 0), "socket(AF_INET, SOCK_STREAM)");
    try {
      return HelperPolicy.namespaceOf(new OsSocket(libc, fd));
    } finally {
      libc.close(fd);
    }
  }

  private void serve() {
    while (!closed) {
      try {
        places.acquireUninterruptibly();
        UnixLink client = server.accept();
        clients.add(client);
        Thread.ofPlatform().daemon(true).name("offramp-helper-client").start(() -> serve(client));
      } catch (IOException e) {
        places.release();
        if (!closed) {
          LOG.log(System.Logger.Level.WARNING, "a client cannot be accepted", e);
        }
      }
    }
  }

  private void serve(UnixLink client) {
    try (client) {
      client.timeout(IDLE);
      UnixLink.Peer peer = client.peer();
      for (UnixLink.Received received = client.receive();
          received.bytes().hasRemaining();
          received = client.receive()) {
        answer(client, received, peer);
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "a client has gone", e);
    } finally {
      clients.remove(client);
      places.release();
    }
  }

  /**
   * One request at a time, for what a client is not told must not stay done: it asks again, maybe,
   * and the second answer has to be the last word.
   */
  private void answer(UnixLink client, UnixLink.Received received, UnixLink.Peer peer)
      throws IOException {
    synchronized (policy) {
      try {
        Optional<HelperRefusal> refusal = refusal(received, peer);
        if (refusal.isPresent()) {
          LOG.log(
              System.Logger.Level.WARNING,
              "refused user {0}, process {1}: {2}",
              Integer.toString(peer.uid()),
              Integer.toString(peer.pid()),
              refusal.get());
          client.send(answer(-refusal.get().errno(), refusal.get() + ": " + refusal.get().text()));
        } else if (!client.isDeserted()) {
          HelperRequest request = HelperRequest.decode(received.bytes()).orElseThrow();
          setAndTell(client, request, received.descriptors().getFirst());
        }
      } finally {
        received.descriptors().forEach(libc::close);
      }
    }
  }

  private void setAndTell(UnixLink client, HelperRequest request, int fd) throws IOException {
    long result = set(request, fd);
    try {
      client.send(answer(result, ""));
    } catch (IOException e) {
      Optional<HelperRequest> undoing = result == 0 ? request.undoing() : Optional.empty();
      if (undoing.isPresent()) {
        set(undoing.get(), fd);
      }
      throw e;
    }
  }

  private Optional<HelperRefusal> refusal(UnixLink.Received received, UnixLink.Peer peer) {
    if (!users.contains(peer.uid())) {
      return Optional.of(HelperRefusal.USER);
    }
    Optional<HelperRequest> request = HelperRequest.decode(received.bytes());
    if (request.isEmpty() || received.cut()) {
      return Optional.of(HelperRefusal.FORM);
    }
    if (received.descriptors().size() != 1) {
      return Optional.of(HelperRefusal.DESCRIPTORS);
    }
    return policy.check(request.get(), received.descriptors().getFirst(), peer.uid());
  }

  private long set(HelperRequest request, int fd) {
    if (HelperPolicy.is(request, Opt.SO_ATTACH_FILTER)) {
      try {
        SocketFilter.dropAll().attachTo(new OsSocket(libc, fd));
        return 0;
      } catch (LinuxException e) {
        return -e.errno();
      }
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocateFrom(ValueLayout.JAVA_INT, request.value());
      return libc.setsockopt(fd, request.level(), request.option(), value, Integer.BYTES);
    }
  }

  private static byte[] answer(long result, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[Integer.BYTES + utf8.length];
    ByteBuffer.wrap(bytes).putInt((int) result).put(utf8);
    return bytes;
  }

  /** Whether this process may do what a helper is there for. */
  public static boolean isPrivileged() {
    if (!NativeAccess.check().available()) {
      return false;
    }
    LibC libc = NativeAccess.libc();
    int fd = (int) libc.socket(AF_INET, SOCK_STREAM_CLOEXEC, 0);
    try {
      return fd >= 0 && new OsSocket(libc, fd).trySetInt(Opt.TCP_REPAIR, 1) >= 0;
    } finally {
      libc.close(fd);
    }
  }

  /** Serves nobody any more. Idempotent. */
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      clients.forEach(UnixLink::shutdown);
      server.shutdown();
      server.close();
      Files.deleteIfExists(path);
    }
  }
}
