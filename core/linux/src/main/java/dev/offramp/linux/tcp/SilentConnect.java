package dev.offramp.linux.tcp;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Brings a channel to where its connecting is under way, without a segment and without privilege:
 * on a thread of its own a seccomp filter answers connect(2) with EINPROGRESS and does nothing else
 * (seccomp(2); no_new_privs, which it needs, is the thread's own, and the thread ends). Whatever
 * connected socket the channel's descriptor is made next, finishing finds connected.
 */
final class SilentConnect {
  // include/uapi/linux/prctl.h, include/uapi/linux/seccomp.h
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int PR_SET_SECCOMP = 22;
  private static final int SECCOMP_MODE_FILTER = 2;
  private static final int SECCOMP_RET_ALLOW = 0x7FFF_0000;
  private static final int SECCOMP_RET_ERRNO = 0x0005_0000;

  // struct seccomp_data: int nr, u32 arch, ...
  private static final int DATA_NUMBER = 0;
  private static final int DATA_ARCH = 4;

  // include/uapi/linux/bpf_common.h
  private static final int LD_W_ABS = 0x20;
  private static final int JEQ_K = 0x15;
  private static final int RET_K = 0x06;
  private static final int INSTRUCTION_BYTES = 8;
  private static final int FPROG_BYTES = 16;
  private static final int FPROG_FILTER = 8;

  /** AUDIT_ARCH_*, and the number of connect(2) there. */
  private record Machine(int arch, int connect) {
    static Machine own() throws IOException {
      String name = System.getProperty("os.arch", "");
      return switch (name) {
        case "amd64", "x86_64" -> new Machine(0xC000_003E, 42);
        case "aarch64" -> new Machine(0xC000_00B7, 203);
        default ->
            throw new IOException(
                "a machine [" + name + "] whose calls are not known, expected amd64 or aarch64");
      };
    }
  }

  private SilentConnect() {}

  /**
   * Begins to connect.
   *
   * @param channel fresh, non-blocking, and nobody else's
   * @param remote what the channel is to say of the other end
   * @throws IOException when the kernel has no seccomp filters, or forbids them; no segment was
   *     sent
   */
  static void begin(LibC libc, SocketChannel channel, InetSocketAddress remote) throws IOException {
    Machine machine = Machine.own();
    FutureTask<Boolean> connecting =
        new FutureTask<>(() -> {
          filter(libc, machine);
          return channel.connect(remote);
        });
    Thread.ofPlatform().daemon(true).name("offramp-adopt").start(connecting);
    if (await(connecting) || !channel.isConnectionPending()) {
      throw new IOException("connect(2) was not answered by the filter: seen a connection");
    }
  }

  private static boolean await(FutureTask<Boolean> task) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw e.getCause() instanceof IOException known
              ? known
              : new IOException("a channel cannot be made: " + e.getCause(), e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void filter(LibC libc, Machine machine) throws IOException {
    int[][] program = {
      {LD_W_ABS, 0, 0, DATA_ARCH},
      {JEQ_K, 0, 3, machine.arch},
      {LD_W_ABS, 0, 0, DATA_NUMBER},
      {JEQ_K, 0, 1, machine.connect},
      {RET_K, 0, 0, SECCOMP_RET_ERRNO | Errno.EINPROGRESS},
      {RET_K, 0, 0, SECCOMP_RET_ALLOW},
    };
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment code = arena.allocate((long) program.length * INSTRUCTION_BYTES, Long.BYTES);
      for (int i = 0; i < program.length; i++) {
        MemorySegment one = code.asSlice((long) i * INSTRUCTION_BYTES, INSTRUCTION_BYTES);
        one.set(ValueLayout.JAVA_SHORT, 0, (short) program[i][0]);
        one.set(ValueLayout.JAVA_BYTE, 2, (byte) program[i][1]);
        one.set(ValueLayout.JAVA_BYTE, 3, (byte) program[i][2]);
        one.set(ValueLayout.JAVA_INT, 4, program[i][3]);
      }
      MemorySegment fprog = arena.allocate(FPROG_BYTES, Long.BYTES);
      fprog.set(ValueLayout.JAVA_SHORT, 0, (short) program.length);
      fprog.set(ValueLayout.ADDRESS, FPROG_FILTER, code);
      LinuxException.check(
          libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(PR_SET_NO_NEW_PRIVS)");
      LinuxException.check(
          libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, fprog.address(), 0, 0),
          "prctl(PR_SET_SECCOMP)");
      // No socket has this number: without the filter this is EBADF, and nothing has happened.
      long answer = libc.connect(-1, MemorySegment.NULL, 0);
      if (answer != -Errno.EINPROGRESS) {
        throw new IOException(
            "a seccomp filter that does not answer connect(2): seen ["
                + answer
                + "], expected [-"
                + Errno.EINPROGRESS
                + "]");
      }
    }
  }
}
