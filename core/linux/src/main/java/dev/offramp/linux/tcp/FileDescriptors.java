package dev.offramp.linux.tcp;

import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Finds the descriptor of a channel, which Java does not tell without {@code --add-opens}.
 *
 * <p>The channel is marked through Java (SO_LINGER, which has no effect before close) and looked
 * for in the kernel; the mark is changed until exactly one socket follows it, and then taken away.
 * The right one always follows, so neither equal addresses in two namespaces nor another program's
 * marks can mislead. What was found is remembered with the socket's cookie, and checked by it on
 * each use. Thread-safe.
 *
 * <p>A look at all descriptors also notes which pair of addresses each socket has, as a hint for
 * the channels that are asked for next: a mark on one candidate then tells, however many
 * descriptors there are.
 */
public final class FileDescriptors {
  private static final int MAX_ROUNDS = 8;
  private static final int MAX_OPENINGS = 16;

  /** In seconds, and low: an application that closes the channel meanwhile would wait so long. */
  private static final int MIN_MARK = 1;

  private static final int MAX_MARK = 60;

  /** For channels that nobody else has: the kernel's limit (16 bits in the JDK). */
  private static final int MAX_NEW_MARK = 65_535;

  private static final int OFF = -1;

  // include/uapi/linux/fcntl.h
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int LINGER_BYTES = 8;

  private final LibC libc;
  private final OpenFiles openFiles;
  private final Map<SocketChannel, Known> known = new WeakHashMap<>();
  private final Map<Ends, Integer> hints = new HashMap<>();

  /** A finder over the descriptors that {@code openFiles} lists. */
  public FileDescriptors(LibC libc, OpenFiles openFiles) {
    this.libc = libc;
    this.openFiles = openFiles;
  }

  /**
   * A channel's socket, and which one it is.
   *
   * @param socket by the channel's own descriptor, which somebody may close at any time
   * @param cookie of the socket, by which to tell
   */
  public record Known(OsSocket socket, long cookie) {
    boolean isStillThere() {
      return socket.hasCookie(cookie);
    }
  }

  /** The addresses of a connection. */
  private record Ends(@Nullable SocketAddress local, @Nullable SocketAddress remote) {}

  /**
   * The socket of {@code channel}.
   *
   * @throws ClosedChannelException when it is closed
   * @throws IOException when it cannot be told apart
   */
  public OsSocket of(SocketChannel channel) throws IOException {
    return find(channel, true).socket;
  }

  /**
   * The socket of {@code channel} as it was found last, or is found now. Whoever duplicates the
   * descriptor has to compare the cookie of the duplicate; where that differs {@link #of} looks
   * again.
   *
   * @throws IOException as {@link #of}
   */
  public Known lastKnown(SocketChannel channel) throws IOException {
    return find(channel, false);
  }

  private Known find(SocketChannel channel, boolean verified) throws IOException {
    if (!channel.isOpen()) {
      throw new ClosedChannelException();
    }
    synchronized (known) {
      Known last = known.get(channel);
      if (last != null && (!verified || last.isStillThere())) {
        return last;
      }
      Known found = search(channel);
      known.put(channel, found);
      return found;
    }
  }

  /**
   * A channel that has just been opened.
   *
   * @param channel nobody else's yet
   * @param socket by the channel's own descriptor
   */
  public record Opened(SocketChannel channel, OsSocket socket) {}

  /**
   * Opens a channel and finds its socket. Listing all descriptors and asking each takes longer than
   * all else that an arrival does, and grows with the connections of the process. So the number
   * that the kernel gives next is tried: it is right when it follows the mark. Where another thread
   * has got that number, another channel is opened; only a process that opens files all the time
   * has its descriptors listed in the end.
   *
   * @param opening opens one, in the network namespace where this is called
   * @throws IOException when it cannot be opened, or told apart; nothing is left open
   */
  public Opened open(Callable<SocketChannel> opening) throws IOException {
    for (int attempt = 1; ; attempt++) {
      int expected = nextNumber();
      SocketChannel channel = call(opening);
      OsSocket socket = null;
      try {
        socket = ofNew(channel, expected, attempt == MAX_OPENINGS);
        if (socket != null) {
          return new Opened(channel, socket);
        }
      } finally {
        if (socket == null) {
          channel.close();
        }
      }
    }
  }

  private static SocketChannel call(Callable<SocketChannel> opening) throws IOException {
    try {
      return opening.call();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("a channel cannot be opened: " + e, e);
    }
  }

  /** Unless somebody else opens a file first. Negative when it cannot be known. */
  private int nextNumber() {
    int number = (int) libc.fcntl(0, F_DUPFD_CLOEXEC, 0);
    if (number >= 0) {
      libc.close(number);
    }
    return number;
  }

  private @Nullable OsSocket ofNew(SocketChannel channel, int expected, boolean listing)
      throws IOException {
    OsSocket candidate = new OsSocket(libc, expected);
    synchronized (known) {
      if (expected >= 0 && follows(channel, candidate, OFF, MAX_MARK, MAX_NEW_MARK)) {
        known.put(channel, new Known(candidate, candidate.cookie()));
        return candidate;
      }
      return listing ? of(channel) : null;
    }
  }

  /**
   * Whether {@code candidate}, which had another value a moment ago, has the mark once the channel
   * is given it. In this process only this object sets marks, one at a time.
   *
   * @param before what the channel has
   */
  private static boolean follows(
      SocketChannel channel, OsSocket candidate, int before, int minMark, int maxMark)
      throws IOException {
    if (linger(candidate) != before) {
      return false;
    }
    int mark;
    do {
      mark = ThreadLocalRandom.current().nextInt(minMark, maxMark);
    } while (mark == before);
    try {
      channel.setOption(StandardSocketOptions.SO_LINGER, mark);
      return linger(candidate) == mark;
    } finally {
      channel.setOption(StandardSocketOptions.SO_LINGER, before);
    }
  }

  private Known search(SocketChannel channel) throws IOException {
    // Unlinger: null and negative both mean "off" to the JDK.
    Integer seconds = channel.getOption(StandardSocketOptions.SO_LINGER);
    int before = seconds == null ? OFF : seconds;
    Integer hint = hints.remove(ends(channel));
    if (hint != null) {
      OsSocket candidate = new OsSocket(libc, hint);
      if (follows(channel, candidate, before, MIN_MARK, MAX_MARK)) {
        return new Known(candidate, candidate.cookie());
      }
    }
    return searchAll(channel, before);
  }

  private Known searchAll(SocketChannel channel, int before) throws IOException {
    try {
      List<OsSocket> all = all();
      List<OsSocket> candidates = new ArrayList<>(all);
      for (int round = 0; round < MAX_ROUNDS; round++) {
        int mark = ThreadLocalRandom.current().nextInt(MIN_MARK, MAX_MARK);
        channel.setOption(StandardSocketOptions.SO_LINGER, mark);
        candidates.removeIf(socket -> linger(socket) != mark);
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
      all.remove(socket);
      takeHints(all);
      return new Known(socket, socket.cookie());
    } finally {
      channel.setOption(StandardSocketOptions.SO_LINGER, before);
    }
  }

  private void takeHints(List<OsSocket> sockets) {
    hints.clear();
    for (OsSocket socket : sockets) {
      // Most descriptors of a JVM are no sockets: this tells without an exception.
      if (socket.probe(Opt.SO_PROTOCOL, Integer.BYTES) == Integer.BYTES) {
        try {
          hints.put(
              new Ends(socket.localName().address(), socket.remoteName().address()), socket.fd());
        } catch (IOException e) {
          // Not connected, of another family, or closed meanwhile: no hint.
        }
      }
    }
  }

  private static @Nullable Ends ends(SocketChannel channel) throws IOException {
    return channel.getLocalAddress() instanceof InetSocketAddress local
        ? new Ends(local, channel.getRemoteAddress())
        : null;
  }

  private List<OsSocket> all() throws IOException {
    List<OsSocket> sockets = new ArrayList<>();
    for (int fd : openFiles.list()) {
      sockets.add(new OsSocket(libc, fd));
    }
    return sockets;
  }

  /** Seconds, or negative: off, no socket, or closed meanwhile. */
  private static int linger(OsSocket socket) {
    int written = socket.probe(Opt.SO_LINGER, LINGER_BYTES);
    if (written != LINGER_BYTES) {
      return Integer.MIN_VALUE;
    }
    return OsSocket.probedWord(0) == 0 ? OFF : OsSocket.probedWord(1);
  }

  /** Duplicates of one descriptor are one socket. */
  private static int countDistinct(List<OsSocket> sockets) throws LinuxException {
    Set<Long> cookies = new HashSet<>();
    for (OsSocket socket : sockets) {
      cookies.add(socket.cookie());
    }
    return cookies.size();
  }

  /** The sockets of this process, each with all descriptors that refer to it, by cookie. */
  public Map<Long, List<Integer>> bySocket() throws IOException {
    Map<Long, List<Integer>> found = new HashMap<>();
    for (OsSocket socket : all()) {
      if (socket.probe(Opt.SO_COOKIE, Long.BYTES) == Long.BYTES) {
        found.computeIfAbsent(OsSocket.probedLong(), any -> new ArrayList<>(1)).add(socket.fd());
      }
    }
    return found;
  }
}
