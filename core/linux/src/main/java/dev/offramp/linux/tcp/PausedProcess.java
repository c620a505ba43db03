package dev.offramp.linux.tcp;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Another process whose threads are all stopped, so that none of them can use a socket that is in
 * repair. They do not notice: interrupted system calls are restarted by the kernel, and no signal
 * is seen. Should this process die, the kernel lets them go by itself.
 *
 * <p>To be used on one platform thread: the kernel knows the tracer by its thread.
 */
public final class PausedProcess implements AutoCloseable {
  // include/uapi/linux/ptrace.h
  private static final long PTRACE_DETACH = 17;
  private static final long PTRACE_SEIZE = 0x4206;
  private static final long PTRACE_INTERRUPT = 0x4207;

  /** include/uapi/linux/wait.h: wait for threads that were not created by fork, too. */
  private static final int WAIT_ALL = 0x40000000;

  private static final int WNOHANG = 1;

  /** A thread in uninterruptible sleep stops when its device answers; do not wait for ever. */
  private static final long STOP_TIMEOUT_NANOS = 2_000_000_000L;

  private static final long STOP_LOOK_NANOS = 20_000;

  /** Threads can be created while the others are being stopped. */
  private static final int MAX_ROUNDS = 16;

  private final LibC libc;
  private final int pid;
  private final Set<Integer> stopped = new LinkedHashSet<>();

  private PausedProcess(LibC libc, int pid) {
    this.libc = libc;
    this.pid = pid;
  }

  /**
   * Stops all threads of {@code pid}, which must not be a child of this JVM: the thread with which
   * Java waits for the end of its children takes the stop for the end.
   *
   * @throws IOException when ptrace is not permitted, or the process is gone; all its threads run
   */
  public static PausedProcess pause(LibC libc, int pid) throws IOException {
    PausedProcess paused = new PausedProcess(libc, pid);
    boolean complete = false;
    try {
      paused.stopAll();
      complete = true;
      return paused;
    } finally {
      if (!complete) {
        paused.close();
      }
    }
  }

  private void stopAll() throws IOException {
    for (int round = 0; round < MAX_ROUNDS; round++) {
      boolean all = true;
      for (int tid : OpenFiles.numbers(Path.of("/proc", Integer.toString(pid), "task"))) {
        if (!stopped.contains(tid)) {
          all = false;
          stop(tid);
        }
      }
      if (all) {
        return;
      }
    }
    throw new IOException("process " + pid + " starts threads faster than they can be stopped");
  }

  private void stop(int tid) throws LinuxException {
    long seized = libc.ptrace(PTRACE_SEIZE, tid, 0, 0);
    if (seized == -Errno.ESRCH) {
      return; // it has just ended
    }
    LinuxException.check(
        seized,
        "ptrace(PTRACE_SEIZE, "
            + tid
            + ") (needs CAP_SYS_PTRACE, or the same user and kernel.yama.ptrace_scope 0, and no"
            + " debugger on the process)");
    stopped.add(tid);
    LinuxException.check(libc.ptrace(PTRACE_INTERRUPT, tid, 0, 0), "ptrace(PTRACE_INTERRUPT)");
    awaitStop(tid);
  }

  private void awaitStop(int tid) throws LinuxException {
    long deadline = System.nanoTime() + STOP_TIMEOUT_NANOS;
    while (true) {
      long waited = libc.waitpid(tid, MemorySegment.NULL, WAIT_ALL | WNOHANG);
      if (waited == tid) {
        return;
      }
      if (waited < 0 && waited != -Errno.EINTR) {
        throw new LinuxException("waitpid(" + tid + ")", (int) -waited);
      }
      if (System.nanoTime() - deadline >= 0) {
        throw new LinuxException(
            "stopping thread " + tid + " for " + STOP_TIMEOUT_NANOS + " ns", Errno.ETIMEDOUT);
      }
      LockSupport.parkNanos(STOP_LOOK_NANOS);
    }
  }

  /** Lets all threads go on. */
  @Override
  public void close() {
    for (int tid : stopped) {
      libc.ptrace(PTRACE_DETACH, tid, 0, 0); // fails only when the thread is gone
    }
    stopped.clear();
  }
}
