package dev.offramp.linux.tcp;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds who waits on the descriptors of this process: threads inside a system call on it, and epoll
 * instances that watch it (selectors, and the pollers behind virtual threads).
 *
 * <p>A look, not a lock: a thread can begin to wait right after it.
 */
public final class Waiters {
  private static final boolean X86_64 = "amd64".equals(System.getProperty("os.arch"));

  /** read, write, readv, writev, sendfile, connect, sendto, recvfrom, sendmsg, recvmsg. */
  private static final Set<Long> CALLS_ON_FD =
      X86_64
          ? Set.of(0L, 1L, 19L, 20L, 40L, 42L, 44L, 45L, 46L, 47L)
          : Set.of(63L, 64L, 65L, 66L, 71L, 203L, 206L, 207L, 211L, 212L);

  /** poll and ppoll; aarch64 has the latter only. */
  private static final Set<Long> POLLS = X86_64 ? Set.of(7L, 271L) : Set.of(73L);

  /** What /proc/self/fd says of an epoll instance (fs/eventpoll.c). */
  private static final String EPOLL = "anon_inode:[eventpoll]";

  private static final Path FDINFO = Path.of("/proc/self/fdinfo");

  private static final int EVENTS_IN_OUT = 0x1 | 0x4; // EPOLLIN | EPOLLOUT
  private static final int POLLFD_BYTES = 8;
  private static final int MAX_POLLFDS = 64;
  private static final int HEX = 16;

  private Waiters() {}

  /**
   * Descriptions of all that wait on any descriptor of this process, by descriptor; empty when
   * nobody does, or /proc is not there.
   */
  public static Map<Integer, List<String>> onAll() {
    Map<Integer, List<String>> found = new HashMap<>();
    forEach(Path.of("/proc/self/task"), task -> addCall(task, found));
    forEach(Path.of("/proc/self/fd"), file -> addWatch(file, found));
    return found;
  }

  private static void add(Map<Integer, List<String>> found, int fd, String waiter) {
    found.computeIfAbsent(fd, any -> new ArrayList<>(1)).add(waiter);
  }

  private static void forEach(Path directory, Visitor visitor) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        try {
          visitor.visit(entry);
        } catch (IOException e) {
          // The thread or file has gone since the listing: it does not wait any more.
        }
      }
    } catch (IOException e) {
      // No /proc: nothing can be seen. The consistency check still guards the snapshot.
    }
  }

  /** {@code /proc/self/task/N/syscall}: number, six arguments in hex, stack and code pointers. */
  private static void addCall(Path task, Map<Integer, List<String>> found) throws IOException {
    String[] words = Files.readString(task.resolve("syscall")).trim().split(" ", -1);
    if (words.length < 3 || words[0].startsWith("-")) {
      return; // "running", or blocked outside a system call
    }
    long call = Long.parseLong(words[0]);
    long first = hex(words[1]);
    int[] descriptors = {};
    if (CALLS_ON_FD.contains(call)) {
      descriptors = new int[] {(int) first};
    } else if (POLLS.contains(call)) {
      descriptors = polled(first, hex(words[2]));
    }
    if (descriptors.length > 0) {
      String name = Files.readString(task.resolve("comm")).trim();
      for (int fd : descriptors) {
        add(found, fd, "thread [" + name + "] is in system call " + call + " on it");
      }
    }
  }

  private static long hex(String word) {
    return Long.parseUnsignedLong(word.substring(2), HEX);
  }

  /** Read through /proc/self/mem: the array may vanish meanwhile, which is then an I/O error. */
  private static int[] polled(long array, long count) throws IOException {
    int entries = Math.clamp(count, 0, MAX_POLLFDS);
    byte[] bytes = new byte[entries * POLLFD_BYTES];
    try (RandomAccessFile memory = new RandomAccessFile("/proc/self/mem", "r")) {
      memory.seek(array);
      memory.readFully(bytes);
    }
    ByteBuffer pollfds = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    int[] descriptors = new int[entries];
    for (int i = 0; i < entries; i++) {
      descriptors[i] = pollfds.getInt(i * POLLFD_BYTES);
    }
    return descriptors;
  }

  /**
   * {@code /proc/self/fdinfo/N} of an epoll instance has a line {@code tfd: 9 events: 4000001d ...}
   * per descriptor. One-shot entries that have fired stay, with no event left. The link tells what
   * a file is for a fraction of what reading its fdinfo costs.
   */
  private static void addWatch(Path file, Map<Integer, List<String>> found) throws IOException {
    if (!Files.readSymbolicLink(file).toString().equals(EPOLL)) {
      return;
    }
    Path info = FDINFO.resolve(file.getFileName());
    for (String line : Files.readAllLines(info)) {
      String[] words = line.trim().split("\\s+", -1);
      if (words.length >= 4
          && words[0].equals("tfd:")
          && (Long.parseLong(words[3], HEX) & EVENTS_IN_OUT) != 0) {
        add(
            found,
            Integer.parseInt(words[1]),
            "epoll instance "
                + info.getFileName()
                + " watches it (a selector, or a virtual thread that waits)");
      }
    }
  }

  private interface Visitor {
    void visit(Path entry) throws IOException;
  }
}
