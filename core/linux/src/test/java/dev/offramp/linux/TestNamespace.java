package dev.offramp.linux;

import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.libc.NativeAccess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A network namespace of its own, with the loopback up: one platform thread that has entered it.
 */
final class TestNamespace implements NamespaceRunner, AutoCloseable {
  private static final int CLONE_NEWNET = 0x40000000;

  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("netns").factory());
  private volatile long tid;

  TestNamespace() throws Exception {
    LibC libc = NativeAccess.libc();
    call(() -> {
      LinuxException.check(libc.unshare(CLONE_NEWNET), "unshare(CLONE_NEWNET)");
      tid = libc.gettid();
      return tid;
    });
    run("ip", "link", "set", "lo", "up");
  }

  /** The thread's id, for {@code ip link set ... netns TID}. */
  String tid() {
    return Long.toString(tid);
  }

  @Override
  @SuppressWarnings("ThreadPriorityCheck")
  public <T> T call(Callable<T> work) throws Exception {
    try {
      return thread.submit(work).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Runs a command inside, and demands success. A process is born where its creator is. */
  String run(String... command) throws Exception {
    return call(() -> {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + ": " + output);
      }
      return output;
    });
  }

  /** Sets a sysctl of this namespace: /proc/sys/net is that of the thread that opens it. */
  void sysctl(String name, String value) throws Exception {
    call(() -> Files.writeString(Path.of("/proc/sys", name), value));
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
