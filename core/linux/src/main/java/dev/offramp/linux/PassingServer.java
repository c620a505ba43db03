package dev.offramp.linux;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.unix.UnixLink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * Where other processes of this host connect to pass their TCP sockets. Who is no user that was
 * named is turned away before he is heard. For one thread at a time.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class PassingServer implements AutoCloseable {
  private final LibC libc;
  private final UnixLink server;
  private final Path path;
  private final Set<Integer> users;
  private boolean closed;

  private PassingServer(LibC libc, UnixLink server, Path path, Set<Integer> users) {
    this.libc = libc;
    this.server = server;
    this.path = path;
    this.users = Set.copyOf(users);
  }

  /**
   * Begins to serve.
   *
   * @param path where the Unix socket is made; nothing may be there
   * @param users the numbers of the users who may connect; who may open the file is decided by
   *     that, too: only its owner unless others are named
   * @throws IOException when the socket cannot be made, or native access is missing
   */
  public static PassingServer open(Path path, Set<Integer> users) throws IOException {
    LibC libc = PassingLink.libc();
    UnixLink link = UnixLink.listen(libc, path, PassingLink.MAX_MESSAGE_BYTES);
    PassingServer server = null;
    try {
      boolean alone = Set.of(PassingLink.ownUser()).containsAll(users);
      Files.setPosixFilePermissions(
          path, PosixFilePermissions.fromString(alone ? "rw-------" : "rw-rw-rw-"));
      server = new PassingServer(libc, link, path, users);
      return server;
    } finally {
      if (server == null) {
        link.close();
        Files.deleteIfExists(path);
      }
    }
  }

  /**
   * The next that connects.
   *
   * @param timeout how long one is waited for
   * @return null after that time
   * @throws IOException when it is of a user who may not; others may follow
   */
  public @Nullable PassingLink accept(Duration timeout) throws IOException {
    server.timeout(timeout);
    UnixLink link;
    try {
      link = server.accept();
    } catch (LinuxException e) {
      if (e.errno() == Errno.EAGAIN) {
        return null;
      }
      throw e;
    }
    return PassingLink.of(libc, link, users);
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      server.close();
      Files.deleteIfExists(path);
    }
  }
}
