package dev.offramp.linux;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.libc.NativeAccess;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.unix.UnixLink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * A Unix socket between two processes of one host, over which messages and TCP sockets go
 * (SCM_RIGHTS). The kernel tells who is at the other end (SO_PEERCRED), and only users who were
 * named are spoken with. Messages are kept apart, and are neither sealed nor proven to be
 * anybody's: that is for whoever speaks over it.
 *
 * <p>For one thread at a time, which waits inside system calls: no virtual one.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class PassingLink implements AutoCloseable {
  /** The largest message. */
  public static final int MAX_MESSAGE_BYTES = 1 << 16;

  // include/uapi/asm-generic/poll.h
  private static final short POLLIN = 1;
  private static final int NONE = -1;

  private final LibC libc;
  private final UnixLink link;
  private final int pidfd;
  private boolean closed;

  private PassingLink(LibC libc, UnixLink link, int pidfd) {
    this.libc = libc;
    this.link = link;
    this.pidfd = pidfd;
  }

  /**
   * One message.
   *
   * @param bytes its content, read-only; empty at the end of the link
   * @param sockets what came with it: the caller's, to be closed
   * @param cut whether it was larger than {@link #MAX_MESSAGE_BYTES}, or had too many descriptors
   */
  public record Received(ByteBuffer bytes, List<PassedSocket> sockets, boolean cut) {}

  /**
   * A link to who serves at {@code path}.
   *
   * @param users the numbers of the users who may serve there
   * @param timeout how long one is waited for who serves and does not accept
   * @throws IOException when nobody serves there, another user does, or native access is missing
   */
  public static PassingLink connect(Path path, Set<Integer> users, Duration timeout)
      throws IOException {
    LibC libc = libc();
    return of(libc, UnixLink.connect(libc, path, MAX_MESSAGE_BYTES, timeout), users);
  }

  static LibC libc() throws IOException {
    if (!NativeAccess.check().available()) {
      throw new IOException(NativeAccess.check().toString());
    }
    return NativeAccess.libc();
  }

  /** Takes {@code link} over, whether it returns or throws. */
  static PassingLink of(LibC libc, UnixLink link, Set<Integer> users) throws IOException {
    PassingLink made = null;
    try {
      UnixLink.Peer peer = link.peer();
      if (!users.contains(peer.uid())) {
        throw new IOException(
            "user ["
                + peer.uid()
                + "], process ["
                + peer.pid()
                + "], at the other end; expected one of the users "
                + users);
      }
      made = new PassingLink(libc, link, pidfd(libc, peer.pid()));
      return made;
    } finally {
      if (made == null) {
        link.close();
      }
    }
  }

  /** One of a process in another pid namespace has no number here, and cannot be watched. */
  private static int pidfd(LibC libc, int pid) {
    long fd = pid > 0 ? libc.pidfd_open(pid, 0) : NONE;
    return fd < 0 ? NONE : (int) fd;
  }

  /**
   * The number of this process's user, whom alone most applications will want to deal with.
   *
   * @throws IOException when there is no {@code /proc}
   */
  public static int ownUser() throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  /**
   * Sends a message. Does not wait for who does not read: messages are few.
   *
   * @param socket goes along with it, and stays open here; null for none
   * @throws IOException when the other end has gone, does not read, or the message is too large
   */
  public void send(ByteBuffer message, @Nullable SocketDeparture socket) throws IOException {
    byte[] bytes = new byte[message.remaining()];
    if (bytes.length == 0 || bytes.length > MAX_MESSAGE_BYTES) {
      throw new IOException(
          "a message of [" + bytes.length + "] bytes, expected 1 to " + MAX_MESSAGE_BYTES);
    }
    message.get(bytes);
    if (socket == null) {
      link.send(bytes);
    } else {
      link.send(bytes, socket.number());
    }
  }

  /**
   * The next message.
   *
   * @param nanos how long it is waited for
   * @return null after that time
   * @throws IOException when the kernel refuses
   */
  public @Nullable Received receive(long nanos) throws IOException {
    link.timeout(Duration.ofNanos(nanos));
    try {
      UnixLink.Received received = next();
      List<PassedSocket> sockets =
          received.descriptors().stream().map(fd -> new PassedSocket(libc, fd)).toList();
      return new Received(received.bytes(), sockets, received.cut());
    } catch (LinuxException e) {
      if (e.errno() == Errno.EAGAIN) {
        return null;
      }
      throw e;
    }
  }

  /**
   * Where the other end has closed without reading all, the kernel says so once, before the
   * messages that it had sent (net/unix/af_unix.c, unix_release_sock; sock_error).
   */
  private UnixLink.Received next() throws IOException {
    try {
      return link.receive();
    } catch (LinuxException e) {
      if (e.errno() == Errno.ECONNRESET) {
        return link.receive();
      }
      throw e;
    }
  }

  /**
   * Whether the process at the other end has ended, so that it cannot use any socket any more.
   *
   * @param timeout how long to wait for that
   * @return false also when the process cannot be seen: it is of another pid namespace
   */
  public boolean awaitDeath(Duration timeout) throws IOException {
    if (pidfd == NONE) {
      return false;
    }
    int millis = (int) Math.min(timeout.toMillis(), TimeUnit.HOURS.toMillis(1));
    while (true) {
      try {
        return new OsSocket(libc, pidfd).poll(POLLIN, millis) != 0;
      } catch (LinuxException e) {
        if (e.errno() != Errno.EINTR) {
          throw e;
        }
      }
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      link.close();
      if (pidfd != NONE) {
        libc.close(pidfd);
      }
    }
  }
}
