package dev.offramp.linux.unix;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.tcp.OsSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One end of a Unix socket that keeps messages apart (SOCK_SEQPACKET), each with descriptors or
 * without (unix(7), SCM_RIGHTS). For one thread at a time.
 */
public final class UnixLink implements AutoCloseable {
  // include/linux/socket.h, include/uapi/asm-generic/socket.h
  private static final int AF_UNIX = 1;
  private static final int SOCK_SEQPACKET_CLOEXEC = 5 | 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_PEERCRED = 17;
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_SNDTIMEO = 21;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_CTRUNC = 8;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;
  private static final int SOCK_CLOEXEC = 0x80000;

  // include/uapi/asm-generic/poll.h
  private static final short POLLHUP = 0x10;
  private static final short POLLRDHUP = 0x2000;

  private static final int PATH_BYTES = 108;

  /** struct ucred: pid, uid, gid. */
  private static final int UCRED_BYTES = 12;

  // struct msghdr on 64-bit machines: name, namelen, iov, iovlen, control, controllen, flags
  private static final int MSG_BYTES = 56;
  private static final int MSG_IOV = 16;
  private static final int MSG_IOVLEN = 24;
  private static final int MSG_CONTROL = 32;
  private static final int MSG_CONTROLLEN = 40;
  private static final int MSG_FLAGS = 48;

  // struct cmsghdr: u64 len, int level, int type, then the data, aligned to 8
  private static final int CMSG_HEADER_BYTES = 16;
  private static final int CONTROL_BYTES = 64;

  private final LibC libc;
  private final int fd;
  private final int maxMessageBytes;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment data;
  private final MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
  private final MemorySegment vector = arena.allocate(16, 8);
  private final MemorySegment header = arena.allocate(MSG_BYTES, 8);
  private boolean closed;

  private UnixLink(LibC libc, int fd, int maxMessageBytes) {
    this.libc = libc;
    this.fd = fd;
    this.maxMessageBytes = maxMessageBytes;
    this.data = arena.allocate(maxMessageBytes, 8);
  }

  /**
   * What came.
   *
   * @param bytes the message, read-only; empty at the end of the link
   * @param descriptors this process's own by now: to be closed
   * @param cut whether it was larger than any that is expected
   */
  public record Received(ByteBuffer bytes, List<Integer> descriptors, boolean cut) {}

  /**
   * Who is at the other end, as the kernel knows it.
   *
   * @param pid its process when it connected
   * @param uid its user
   */
  public record Peer(int pid, int uid) {}

  /**
   * A link to who serves at {@code path}.
   *
   * @param maxMessageBytes the largest message in either direction, at least 16
   * @param timeout how long one is waited for whose queue is full
   */
  public static UnixLink connect(LibC libc, Path path, int maxMessageBytes, Duration timeout)
      throws IOException {
    UnixLink link = socket(libc, maxMessageBytes);
    try {
      link.timeout(SO_SNDTIMEO, timeout);
      link.withAddress(
          path,
          (address, bytes) ->
              LinuxException.check(libc.connect(link.fd, address, bytes), "connect(" + path + ")"));
      return link;
    } catch (IOException e) {
      link.close();
      throw e;
    }
  }

  /**
   * Serves at {@code path}, where nothing may be yet.
   *
   * @param maxMessageBytes as in {@link #connect}
   */
  public static UnixLink listen(LibC libc, Path path, int maxMessageBytes) throws IOException {
    UnixLink link = socket(libc, maxMessageBytes);
    try {
      link.withAddress(
          path,
          (address, bytes) ->
              LinuxException.check(libc.bind(link.fd, address, bytes), "bind(" + path + ")"));
      LinuxException.check(libc.listen(link.fd, 64), "listen(" + path + ")");
      return link;
    } catch (IOException e) {
      link.close();
      throw e;
    }
  }

  /** The next that connects; waits for it. */
  public UnixLink accept() throws IOException {
    long accepted;
    do {
      accepted = libc.accept4(fd, MemorySegment.NULL, MemorySegment.NULL, SOCK_CLOEXEC);
    } while (accepted == -Errno.EINTR);
    return new UnixLink(
        libc, (int) LinuxException.check(accepted, "accept4(AF_UNIX)"), maxMessageBytes);
  }

  private static UnixLink socket(LibC libc, int maxMessageBytes) throws IOException {
    return new UnixLink(
        libc,
        (int)
            LinuxException.check(
                libc.socket(AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0), "socket(AF_UNIX)"),
        maxMessageBytes);
  }

  private interface AddressUse {
    void with(MemorySegment address, int bytes) throws IOException;
  }

  private void withAddress(Path path, AddressUse use) throws IOException {
    byte[] text = path.toString().getBytes(StandardCharsets.UTF_8);
    if (text.length >= PATH_BYTES) {
      throw new IOException(
          "a socket path of [" + text.length + "] bytes, expected at most " + (PATH_BYTES - 1));
    }
    try (Arena own = Arena.ofConfined()) {
      MemorySegment address = own.allocate(2 + PATH_BYTES, 2);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(text, 0, address, ValueLayout.JAVA_BYTE, 2, text.length);
      use.with(address, 2 + text.length + 1);
    }
  }

  /** How long a message, or a connection, is waited for; EAGAIN then. */
  public void timeout(Duration timeout) throws IOException {
    timeout(SO_RCVTIMEO, timeout);
  }

  /** A struct timeval, of which 0 would mean for ever. */
  private void timeout(int option, Duration timeout) throws IOException {
    long micros = Math.max(1, TimeUnit.NANOSECONDS.toMicros(timeout.toNanos()));
    data.set(ValueLayout.JAVA_LONG, 0, micros / 1_000_000);
    data.set(ValueLayout.JAVA_LONG, 8, micros % 1_000_000);
    LinuxException.check(
        libc.setsockopt(fd, SOL_SOCKET, option, data, 16), "setsockopt(SO_RCVTIMEO, SO_SNDTIMEO)");
  }

  /** Whether the other end has closed, or takes no answer any more. */
  public boolean isDeserted() {
    try {
      return (new OsSocket(libc, fd).poll(POLLRDHUP, 0) & (POLLRDHUP | POLLHUP)) != 0;
    } catch (LinuxException e) {
      return true;
    }
  }

  /** Who is at the other end; of a socket that listens, who listens. */
  public Peer peer() throws IOException {
    try (Arena own = Arena.ofConfined()) {
      MemorySegment length = own.allocateFrom(ValueLayout.JAVA_INT, UCRED_BYTES);
      LinuxException.check(
          libc.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, data, length), "getsockopt(SO_PEERCRED)");
      int written = length.get(ValueLayout.JAVA_INT, 0);
      if (written != UCRED_BYTES) {
        throw new IOException("SO_PEERCRED: seen [" + written + "] bytes, expected " + UCRED_BYTES);
      }
      return new Peer(
          data.get(ValueLayout.JAVA_INT, 0), data.get(ValueLayout.JAVA_INT, Integer.BYTES));
    }
  }

  /**
   * Sends a message, with descriptors that stay the caller's. Nobody who does not read is waited
   * for: messages are few and small.
   */
  public void send(byte[] bytes, int... descriptors) throws IOException {
    MemorySegment.copy(bytes, 0, data, ValueLayout.JAVA_BYTE, 0, bytes.length);
    fillHeader(bytes.length, 0);
    if (descriptors.length > 0) {
      int length = CMSG_HEADER_BYTES + Integer.BYTES * descriptors.length;
      control.set(ValueLayout.JAVA_LONG, 0, length);
      control.set(ValueLayout.JAVA_INT, 8, SOL_SOCKET);
      control.set(ValueLayout.JAVA_INT, 12, SCM_RIGHTS);
      for (int i = 0; i < descriptors.length; i++) {
        control.set(
            ValueLayout.JAVA_INT, CMSG_HEADER_BYTES + (long) Integer.BYTES * i, descriptors[i]);
      }
      header.set(ValueLayout.ADDRESS, MSG_CONTROL, control);
      header.set(ValueLayout.JAVA_LONG, MSG_CONTROLLEN, (length + 7) & -8L);
    }
    long sent;
    do {
      sent = libc.sendmsg(fd, header, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent == -Errno.EINTR);
    LinuxException.check(sent, "sendmsg(AF_UNIX)");
  }

  /** The next message; waits for it. */
  public Received receive() throws IOException {
    fillHeader(maxMessageBytes, CONTROL_BYTES);
    long read;
    do {
      read = libc.recvmsg(fd, header, MSG_CMSG_CLOEXEC);
    } while (read == -Errno.EINTR);
    LinuxException.check(read, "recvmsg(AF_UNIX)");
    boolean cut = (header.get(ValueLayout.JAVA_INT, MSG_FLAGS) & (MSG_TRUNC | MSG_CTRUNC)) != 0;
    return new Received(
        ByteBuffer.wrap(
                data.asSlice(0, Math.min(read, maxMessageBytes)).toArray(ValueLayout.JAVA_BYTE))
            .asReadOnlyBuffer(),
        descriptors(),
        cut);
  }

  private List<Integer> descriptors() {
    List<Integer> found = new ArrayList<>();
    long left = header.get(ValueLayout.JAVA_LONG, MSG_CONTROLLEN);
    long at = 0;
    while (left - at >= CMSG_HEADER_BYTES) {
      long length = control.get(ValueLayout.JAVA_LONG, at);
      if (length < CMSG_HEADER_BYTES || length > left - at) {
        break;
      }
      if (control.get(ValueLayout.JAVA_INT, at + 8) == SOL_SOCKET
          && control.get(ValueLayout.JAVA_INT, at + 12) == SCM_RIGHTS) {
        for (long i = CMSG_HEADER_BYTES; i + Integer.BYTES <= length; i += Integer.BYTES) {
          found.add(control.get(ValueLayout.JAVA_INT, at + i));
        }
      }
      at += (length + 7) & -8L;
    }
    return found;
  }

  private void fillHeader(int dataBytes, int controlBytes) {
    vector.set(ValueLayout.ADDRESS, 0, data);
    vector.set(ValueLayout.JAVA_LONG, 8, dataBytes);
    header.fill((byte) 0);
    header.set(ValueLayout.ADDRESS, MSG_IOV, vector);
    header.set(ValueLayout.JAVA_LONG, MSG_IOVLEN, 1);
    if (controlBytes > 0) {
      header.set(ValueLayout.ADDRESS, MSG_CONTROL, control);
      header.set(ValueLayout.JAVA_LONG, MSG_CONTROLLEN, controlBytes);
    }
  }

  /** Wakes a thread that waits in {@link #accept}, too. */
  public void shutdown() {
    libc.shutdown(fd, 2);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      libc.close(fd);
      arena.close();
    }
  }
}
