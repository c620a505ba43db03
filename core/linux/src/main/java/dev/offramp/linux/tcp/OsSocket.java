package dev.offramp.linux.tcp;

import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.libc.SocketAddresses;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.Arrays;

/**
 * A socket by its descriptor, with typed options. Owns nothing: closing is the business of whoever
 * opened the descriptor.
 *
 * @param libc the C library
 * @param fd the descriptor
 */
public record OsSocket(LibC libc, int fd) {
  // include/uapi/asm-generic/ioctls.h and include/uapi/linux/sockios.h
  private static final long SIOCOUTQ = 0x5411;
  private static final long SIOCINQ = 0x541B;
  private static final long SIOCOUTQNSD = 0x894B;

  // include/uapi/asm-generic/poll.h
  private static final short POLLPRI = 2;
  private static final int POLLFD_BYTES = 8;
  private static final int POLLFD_EVENTS = 4;
  private static final int POLLFD_REVENTS = 6;

  /** An {@code int} option. */
  public int getInt(Opt option) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
      get(option, value, arena);
      return value.get(ValueLayout.JAVA_INT, 0);
    }
  }

  /** A {@code u64} option: cookies. */
  public long getLong(Opt option) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
      get(option, value, arena);
      return value.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  /**
   * An option of whatever length the kernel gives it.
   *
   * @param maxBytes how much to offer
   * @return as many bytes as the kernel says it wrote
   */
  public byte[] getBytes(Opt option, int maxBytes) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(maxBytes, Long.BYTES);
      int written = get(option, value, arena);
      byte[] all = value.toArray(ValueLayout.JAVA_BYTE);
      return Arrays.copyOf(all, Math.min(written, maxBytes));
    }
  }

  private int get(Opt option, MemorySegment value, Arena arena) throws LinuxException {
    MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, (int) value.byteSize());
    LinuxException.check(
        libc.getsockopt(fd, option.level(), option.number(), value, length),
        "getsockopt(" + option.name() + ")");
    return length.get(ValueLayout.JAVA_INT, 0);
  }

  /** Sets an {@code int} option. */
  public void setInt(Opt option, int value) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      set(option, arena.allocateFrom(ValueLayout.JAVA_INT, value), Integer.toString(value));
    }
  }

  /** Sets an option to these bytes. */
  public void setBytes(Opt option, byte[] value) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(Math.max(1, value.length), Long.BYTES);
      MemorySegment.copy(value, 0, copy, ValueLayout.JAVA_BYTE, 0, value.length);
      set(option, copy.asSlice(0, value.length), value.length + " bytes");
    }
  }

  void set(Opt option, MemorySegment value, String shown) throws LinuxException {
    LinuxException.check(
        libc.setsockopt(fd, option.level(), option.number(), value, (int) value.byteSize()),
        "setsockopt(" + option.name() + ", " + shown + ")");
  }

  /** The unique number of this socket, never reused while the system runs. */
  public long cookie() throws LinuxException {
    return getLong(Opt.SO_COOKIE);
  }

  /** Whether the descriptor still is the socket of that number. */
  public boolean hasCookie(long cookie) {
    try {
      return cookie() == cookie;
    } catch (LinuxException e) {
      return false;
    }
  }

  /** Bytes received and not read. */
  public int unreadBytes() throws LinuxException {
    return ioctlInt(SIOCINQ, "ioctl(SIOCINQ)");
  }

  /** Bytes written and not acknowledged, sent or not. */
  public int queuedBytes() throws LinuxException {
    return ioctlInt(SIOCOUTQ, "ioctl(SIOCOUTQ)");
  }

  /** Bytes written and never sent. */
  public int unsentBytes() throws LinuxException {
    return ioctlInt(SIOCOUTQNSD, "ioctl(SIOCOUTQNSD)");
  }

  private int ioctlInt(long request, String call) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
      LinuxException.check(libc.ioctl(fd, request, value), call);
      return value.get(ValueLayout.JAVA_INT, 0);
    }
  }

  /** Whether urgent data is pending. */
  public boolean hasUrgentData() throws LinuxException {
    return (poll(POLLPRI, 0) & POLLPRI) != 0;
  }

  /**
   * Waits until one of {@code events} or an error is there.
   *
   * @return what is there; 0 after the time
   */
  public int poll(short events, int timeoutMillis) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pollfd = arena.allocate(POLLFD_BYTES, Integer.BYTES);
      pollfd.set(ValueLayout.JAVA_INT, 0, fd);
      pollfd.set(ValueLayout.JAVA_SHORT, POLLFD_EVENTS, events);
      LinuxException.check(libc.poll(pollfd, 1, timeoutMillis), "poll");
      return pollfd.get(ValueLayout.JAVA_SHORT, POLLFD_REVENTS);
    }
  }

  /** This end's address. */
  public Name localName() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(SocketAddresses.MAX_BYTES, Long.BYTES);
      MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, SocketAddresses.MAX_BYTES);
      LinuxException.check(libc.getsockname(fd, address, length), "getsockname");
      return name(address);
    }
  }

  /** The other end's address. */
  public Name remoteName() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(SocketAddresses.MAX_BYTES, Long.BYTES);
      MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, SocketAddresses.MAX_BYTES);
      LinuxException.check(libc.getpeername(fd, address, length), "getpeername");
      return name(address);
    }
  }

  private static Name name(MemorySegment address) throws IOException {
    return new Name(
        SocketAddresses.decode(address),
        SocketAddresses.family(address),
        SocketAddresses.isMapped(address));
  }

  /** Binds to a local address. */
  public void bind(InetSocketAddress address, int family) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment encoded = arena.allocate(SocketAddresses.MAX_BYTES, Long.BYTES);
      int bytes = SocketAddresses.encode(address, family, encoded);
      LinuxException.check(libc.bind(fd, encoded, bytes), "bind(" + address + ")");
    }
  }

  /**
   * An address as a socket has it.
   *
   * @param address with a v4-mapped one as IPv4, as the JDK has it
   * @param family AF_INET or AF_INET6
   * @param mapped whether it was v4-mapped
   */
  public record Name(InetSocketAddress address, int family, boolean mapped) {}
}
