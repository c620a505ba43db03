package dev.offramp.linux.tcp;

import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.libc.SocketAddresses;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;

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
    Scratch scratch = Scratch.own();
    get(option, scratch.word(), scratch);
    return scratch.word().get(ValueLayout.JAVA_INT, 0);
  }

  /** A {@code u64} option: cookies. */
  public long getLong(Opt option) throws LinuxException {
    Scratch scratch = Scratch.own();
    get(option, scratch.longWord(), scratch);
    return scratch.longWord().get(ValueLayout.JAVA_LONG, 0);
  }

  /**
   * An option of whatever length the kernel gives it.
   *
   * @param maxBytes how much to offer, at most 1024
   * @return as many bytes as the kernel says it wrote
   */
  public byte[] getBytes(Opt option, int maxBytes) throws LinuxException {
    Scratch scratch = Scratch.own();
    MemorySegment value = scratch.value(maxBytes);
    int written = Math.min(get(option, value, scratch), maxBytes);
    byte[] bytes = new byte[written];
    MemorySegment.copy(value, ValueLayout.JAVA_BYTE, 0, bytes, 0, written);
    return bytes;
  }

  /**
   * Asks for an option that is often not there, without the cost of an exception.
   *
   * @param maxBytes how much to offer, at most 1024
   * @return the number of bytes that the kernel wrote, or a negative errno
   */
  public int probe(Opt option, int maxBytes) {
    Scratch scratch = Scratch.own();
    MemorySegment value = scratch.value(maxBytes);
    // The first word counts as no answer should the kernel write less.
    value.set(ValueLayout.JAVA_INT, 0, 0);
    long result =
        libc.getsockopt(fd, option.level(), option.number(), value, scratch.length(maxBytes));
    return result < 0 ? (int) result : scratch.length();
  }

  /** The first word of what the calling thread's last {@link #probe} was told. */
  public static int probedWord() {
    return Scratch.own().word().get(ValueLayout.JAVA_INT, 0);
  }

  /** The word of this index of what the calling thread's last {@link #probe} was told. */
  public static int probedWord(int index) {
    return Scratch.own().whole().getAtIndex(ValueLayout.JAVA_INT, index);
  }

  /** Its first eight bytes. */
  public static long probedLong() {
    return Scratch.own().longWord().get(ValueLayout.JAVA_LONG, 0);
  }

  /** All of it. */
  static byte[] probedBytes(int bytes) {
    return Scratch.own().value(bytes).toArray(ValueLayout.JAVA_BYTE);
  }

  private int get(Opt option, MemorySegment value, Scratch scratch) throws LinuxException {
    long result =
        libc.getsockopt(
            fd, option.level(), option.number(), value, scratch.length(value.byteSize()));
    if (result < 0) {
      throw new LinuxException("getsockopt(" + option.name() + ")", (int) -result);
    }
    return scratch.length();
  }

  /** Sets an {@code int} option; returns a negative errno where the kernel refuses. */
  public long trySetInt(Opt option, int value) {
    MemorySegment word = Scratch.own().word();
    word.set(ValueLayout.JAVA_INT, 0, value);
    return libc.setsockopt(fd, option.level(), option.number(), word, Integer.BYTES);
  }

  /** Sets an {@code int} option. */
  public void setInt(Opt option, int value) throws LinuxException {
    long result = trySetInt(option, value);
    if (result < 0) {
      throw new LinuxException("setsockopt(" + option.name() + ", " + value + ")", (int) -result);
    }
  }

  /** Sets an option to these bytes, at most 1024. */
  public void setBytes(Opt option, byte[] value) throws LinuxException {
    MemorySegment copy = Scratch.own().value(value.length);
    MemorySegment.copy(value, 0, copy, ValueLayout.JAVA_BYTE, 0, value.length);
    set(option, copy);
  }

  void set(Opt option, MemorySegment value) throws LinuxException {
    int bytes = (int) value.byteSize();
    long result = libc.setsockopt(fd, option.level(), option.number(), value, bytes);
    if (result < 0) {
      throw new LinuxException(
          "setsockopt(" + option.name() + ", " + bytes + " bytes)", (int) -result);
    }
  }

  /** The unique number of this socket, never reused while the system runs. */
  public long cookie() throws LinuxException {
    return getLong(Opt.SO_COOKIE);
  }

  /** Whether the descriptor still is the socket of that number. */
  public boolean hasCookie(long cookie) {
    return probe(Opt.SO_COOKIE, Long.BYTES) == Long.BYTES && probedLong() == cookie;
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
    MemorySegment value = Scratch.own().word();
    LinuxException.check(libc.ioctl(fd, request, value), call);
    return value.get(ValueLayout.JAVA_INT, 0);
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
    MemorySegment pollfd = Scratch.own().value(POLLFD_BYTES);
    pollfd.set(ValueLayout.JAVA_INT, 0, fd);
    pollfd.set(ValueLayout.JAVA_SHORT, POLLFD_EVENTS, events);
    pollfd.set(ValueLayout.JAVA_SHORT, POLLFD_REVENTS, (short) 0);
    LinuxException.check(libc.poll(pollfd, 1, timeoutMillis), "poll");
    return pollfd.get(ValueLayout.JAVA_SHORT, POLLFD_REVENTS);
  }

  /** This end's address. */
  public Name localName() throws IOException {
    Scratch scratch = Scratch.own();
    MemorySegment address = scratch.value(SocketAddresses.MAX_BYTES);
    LinuxException.check(
        libc.getsockname(fd, address, scratch.length(SocketAddresses.MAX_BYTES)), "getsockname");
    return name(address);
  }

  /** The other end's address. */
  public Name remoteName() throws IOException {
    Scratch scratch = Scratch.own();
    MemorySegment address = scratch.value(SocketAddresses.MAX_BYTES);
    LinuxException.check(
        libc.getpeername(fd, address, scratch.length(SocketAddresses.MAX_BYTES)), "getpeername");
    return name(address);
  }

  private static Name name(MemorySegment address) throws IOException {
    return new Name(
        SocketAddresses.decode(address),
        SocketAddresses.family(address),
        SocketAddresses.isMapped(address));
  }

  /** Binds to a local address. */
  public void bind(InetSocketAddress address, int family) throws LinuxException {
    MemorySegment encoded = Scratch.own().value(SocketAddresses.MAX_BYTES);
    long result = libc.bind(fd, encoded, SocketAddresses.encode(address, family, encoded));
    if (result < 0) {
      throw new LinuxException("bind(" + address + ")", (int) -result);
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
