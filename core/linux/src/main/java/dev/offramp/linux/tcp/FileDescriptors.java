package dev.offramp.linux.tcp;

import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds the descriptor of a channel, which Java does not tell without {@code --add-opens}.
 *
 * <p>The channel is marked through Java (SO_LINGER, which has no effect before close) and looked
 * for in the kernel; the mark is changed until exactly one socket follows it, and then taken away.
 * The right one always follows, so neither equal addresses in two namespaces nor another program's
 * marks can mislead. What was found is remembered with the socket's cookie, and checked by it on
 * each use. Thread-safe.
 */
public final class FileDescriptors {
  private static final int MAX_ROUNDS = 8;

  /** In seconds, and low: an application that closes the channel meanwhile would wait so long. */
  private static final int MIN_MARK = 1;

  private static final int MAX_MARK = 60;

  /** For channels that nobody else has: the kernel's limit (16 bits in the JDK). */
  private static final int MAX_NEW_MARK = 65_535;

  private static final int NEW_ROUNDS = 3;

  // include/uapi/linux/fcntl.h
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int LINGER_BYTES = 8;

  private final LibC libc;
  private final OpenFiles openFiles;
  private final Map<SocketChannel, Known> known = new WeakHashMap<>();

  /** A finder over the descriptors that {@code openFiles} lists. */
  public FileDescriptors(LibC libc, OpenFiles openFiles) {
    this.libc = libc;
    this.openFiles = openFiles;
  }

  /**
   * The socket of {@code channel}.
   *
   * @throws ClosedChannelException when it is closed
   * @throws IOException when it cannot be told apart
   */
  public OsSocket of(SocketChannel channel) throws IOException {
    if (!channel.isOpen()) {
      throw new ClosedChannelException();
    }
    synchronized (known) {
      Known last = known.get(channel);
      if (last != null && last.isStillThere()) {
        return last.socket;
      }
      Known found = search(channel);
      known.put(channel, found);
      return found.socket;
    }
  }

  /**
   * The number that the next file of this process gets, unless somebody else opens one first.
   * Negative when it cannot be known.
   */
  public int nextNumber() {
    int number = (int) libc.fcntl(0, F_DUPFD_CLOEXEC, 0);
    if (number >= 0) {
      libc.close(number);
    }
    return number;
  }

  /**
   * The socket of a channel that was opened a moment ago, and that nobody else uses yet. Listing
   * all descriptors and asking each takes longer than all else that an arrival does, so the
   * expected number is tried first: it is right when it follows the marks.
   *
   * @param expected what {@link #nextNumber} was before
   * @throws IOException when it cannot be told apart
   */
  public OsSocket ofNew(SocketChannel channel, int expected) throws IOException {
    OsSocket candidate = new OsSocket(libc, expected);
    if (expected < 0 || !follows(channel, candidate)) {
      return of(channel);
    }
    synchronized (known) {
      known.put(channel, new Known(candidate, candidate.cookie()));
    }
    return candidate;
  }

  private static boolean follows(SocketChannel channel, OsSocket candidate) throws IOException {
    try {
      for (int round = 0; round < NEW_ROUNDS; round++) {
        int mark = ThreadLocalRandom.current().nextInt(MAX_MARK, MAX_NEW_MARK);
        channel.setOption(StandardSocketOptions.SO_LINGER, mark);
        if (!bears(candidate, mark)) {
          return false;
        }
      }
      return true;
    } finally {
      channel.setOption(StandardSocketOptions.SO_LINGER, -1);
    }
  }

  private Known search(SocketChannel channel) throws IOException {
    Integer before = channel.getOption(StandardSocketOptions.SO_LINGER);
    try {
      List<OsSocket> candidates = all();
      for (int round = 0; round < MAX_ROUNDS; round++) {
        int mark = ThreadLocalRandom.current().nextInt(MIN_MARK, MAX_MARK);
        channel.setOption(StandardSocketOptions.SO_LINGER, mark);
        candidates.removeIf(socket -> !bears(socket, mark));
        if (countDistinct(candidates) <= 1) {
          break;
        }
      }
      if (countDistinct(candidates) != 1) {
        throw new IOException(
            "the descriptor of "
                + channel
                + " cannot be found: "
                + candidates.size()
                + " candidates in /proc/self/fd, expected 1; is /proc mounted?");
      }
      OsSocket socket = candidates.getFirst();
      return new Known(socket, socket.cookie());
    } finally {
      // Unlinger: null and negative both mean "off" to the JDK.
      channel.setOption(StandardSocketOptions.SO_LINGER, before == null ? -1 : before);
    }
  }

  private List<OsSocket> all() throws IOException {
    List<OsSocket> sockets = new ArrayList<>();
    for (int fd : openFiles.list()) {
      sockets.add(new OsSocket(libc, fd));
    }
    return sockets;
  }

  /** Files that are no sockets, or were closed meanwhile, bear no mark. */
  private static boolean bears(OsSocket socket, int mark) {
    try {
      byte[] linger = socket.getBytes(Opt.SO_LINGER, LINGER_BYTES);
      var words = java.nio.ByteBuffer.wrap(linger).order(java.nio.ByteOrder.nativeOrder());
      return linger.length == LINGER_BYTES && words.getInt() != 0 && words.getInt() == mark;
    } catch (LinuxException e) {
      return false;
    }
  }

  /** Duplicates of one descriptor are one socket. */
  private static long countDistinct(List<OsSocket> sockets) throws LinuxException {
    java.util.Set<Long> cookies = new java.util.HashSet<>();
    for (OsSocket socket : sockets) {
      cookies.add(socket.cookie());
    }
    return cookies.size();
  }

  /** The other descriptors of this process that refer to the same socket. */
  public List<Integer> duplicatesOf(OsSocket socket) throws IOException {
    long cookie = socket.cookie();
    List<Integer> duplicates = new ArrayList<>();
    for (OsSocket other : all()) {
      if (other.fd() != socket.fd() && other.hasCookie(cookie)) {
        duplicates.add(other.fd());
      }
    }
    return duplicates;
  }

  private record Known(OsSocket socket, long cookie) {
    boolean isStillThere() {
      return socket.hasCookie(cookie);
    }
  }
}
