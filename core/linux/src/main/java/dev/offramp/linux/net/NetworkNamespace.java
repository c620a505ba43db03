package dev.offramp.linux.net;

import static dev.offramp.linux.libc.LinuxException.check;

import dev.offramp.linux.NamespaceRunner;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.NativeAccess;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A network namespace (network_namespaces(7)), held by an open descriptor: it lives at least as
 * long as this object is open, whether a process is in it or not, and nothing is mounted under
 * {@code /run/netns}.
 *
 * <p>Safe for use by many threads. Close it when nothing uses {@link #path()} any more.
 */
public final class NetworkNamespace implements NamespaceRunner, AutoCloseable {
  // include/uapi/linux/sched.h, asm-generic/fcntl.h
  private static final int CLONE_NEWNET = 0x40000000;
  private static final int O_CLOEXEC = 0x80000;
  // Of the calling thread: /proc/self would be that of the process's first thread.
  private static final String OWN = "/proc/thread-self/ns/net";

  private final LibC libc;
  private final int fd;
  private final String path;
  private final AtomicBoolean closed = new AtomicBoolean();

  private NetworkNamespace(LibC libc, int fd) {
    this.libc = libc;
    this.fd = fd;
    this.path = "/proc/" + libc.getpid() + "/fd/" + fd;
  }

  /**
   * The namespace of the calling thread.
   *
   * @throws IOException when {@code /proc} cannot be read
   */
  public static NetworkNamespace current() throws IOException {
    return open(NativeAccess.libc(), OWN);
  }

  /**
   * The namespace of a process.
   *
   * @param pid as seen by this process
   * @throws IOException when there is none, or it belongs to somebody else
   */
  public static NetworkNamespace ofProcess(long pid) throws IOException {
    return open(NativeAccess.libc(), "/proc/" + pid + "/ns/net");
  }

  /**
   * The namespace that a file stands for: {@code /run/netns/NAME}, {@code /proc/PID/ns/net}.
   *
   * @throws IOException when it cannot be opened. That it is a namespace is seen by {@link #call}.
   */
  public static NetworkNamespace ofPath(Path path) throws IOException {
    return open(NativeAccess.libc(), path.toString());
  }

  /**
   * A new namespace with nothing in it but a loopback interface that is down.
   *
   * @throws IOException when CAP_SYS_ADMIN is missing: run as root or under {@code unshare -Urn}
   */
  public static NetworkNamespace create() throws IOException {
    LibC libc = NativeAccess.libc();
    // unshare(2) concerns the calling thread, so the maker is a thread that ends afterwards.
    return onThread(
        "netns-create",
        () -> {
          check(libc.unshare(CLONE_NEWNET), "unshare(CLONE_NEWNET)");
          return open(libc, OWN);
        });
  }

  /**
   * Runs {@code code} inside, on a platform thread of its own that ends with it, and waits for it.
   * Sockets made there stay in the namespace whichever thread uses them later.
   *
   * <p>Threads started there are in it too and keep it alive. So {@code code} should not be the
   * first to touch what starts hidden threads: {@link ProcessBuilder} (its reaper lives for a
   * minute; use {@link CommandLine}), the common pool, virtual threads.
   *
   * @return what {@code code} returns
   * @throws IOException when the namespace cannot be entered, or {@code code} throws one. Unchecked
   *     exceptions and errors of {@code code} are passed on; other ones become the cause of an
   *     IOException
   * @throws java.io.InterruptedIOException when interrupted; {@code code} has been interrupted too
   */
  @Override
  public <T> T call(Callable<T> code) throws IOException {
    if (closed.get()) {
      throw new IllegalStateException("the network namespace is closed: " + path);
    }
    return onThread(
        "netns-" + fd,
        () -> {
          check(libc.setns(fd, CLONE_NEWNET), "setns(" + path + ", CLONE_NEWNET)");
          return code.call();
        });
  }

  /**
   * Connections that are made inside from now on use no TCP timestamps, as adapters want it that
   * cannot go on with them: Linux tells nobody its TS.Recent (RFC 7323, section 4.3).
   *
   * @throws IOException when the setting cannot be changed
   */
  public void switchTimestampsOff() throws IOException {
    call(() -> {
      Sysctl.write("net.ipv4.tcp_timestamps", "0");
      return true;
    });
  }

  /**
   * A path that other programs can open while this object is open: for {@code nsenter --net=PATH}
   * and {@code ip link set DEVICE netns PATH}.
   */
  public String path() {
    return path;
  }

  /** Whether {@link #close} has been called. */
  public boolean isClosed() {
    return closed.get();
  }

  /** Lets go of it. Further calls do nothing. The kernel frees it when nobody else is in it. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      libc.close(fd);
    }
  }

  @Override
  public String toString() {
    return path;
  }

  private static NetworkNamespace open(LibC libc, String path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long fd = libc.open(arena.allocateFrom(path), O_CLOEXEC, 0);
      return new NetworkNamespace(libc, (int) check(fd, "open(" + path + ")"));
    }
  }

  private static <T> T onThread(String name, Callable<T> code) throws IOException {
    FutureTask<T> task = new FutureTask<>(code);
    Thread thread = Thread.ofPlatform().name(name).daemon(true).start(task);
    try {
      thread.join();
      return task.get();
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
      throw Failures.interrupted("waiting for " + name, e);
    } catch (ExecutionException e) {
      throw Failures.rethrown(e);
    }
  }
}
