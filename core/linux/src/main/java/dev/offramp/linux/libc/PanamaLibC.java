package dev.offramp.linux.libc;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link LibC} through the foreign function interface. Nothing is linked as {@code critical}: most
 * calls can block, and the system call outweighs the transition (3..9 ns) anyway.
 *
 * <p>To be touched only when {@link NativeAccess#check} says that native access is enabled: else
 * initialising this class makes the JVM print a warning or throw.
 */
@SuppressWarnings("restricted") // This is the one place that links native code.
final class PanamaLibC implements LibC {
  // Numbers of system calls that glibc < 2.36 does not wrap; the same on every architecture
  // (include/uapi/asm-generic/unistd.h).
  private static final long SYS_PIDFD_OPEN = 434;
  private static final long SYS_PIDFD_GETFD = 438;

  /** Older than the common table: each architecture has its own (0: not known here). */
  private static final long SYS_BPF =
      switch (System.getProperty("os.arch", "")) {
        case "amd64" -> 321;
        case "aarch64", "riscv64" -> 280;
        default -> 0;
      };

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  /** One segment per thread, so that no thread can ever read another's errno. */
  private static final ThreadLocal<MemorySegment> CAPTURED =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE));

  private static final MethodHandle SOCKET = link("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle BIND = link("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle CONNECT =
      link("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle LISTEN = link("listen", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle ACCEPT4 =
      link("accept4", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle SHUTDOWN = link("shutdown", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle GETSOCKNAME =
      link("getsockname", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle GETPEERNAME =
      link("getpeername", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle GETSOCKOPT =
      link("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle SETSOCKOPT =
      link("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SEND =
      link("send", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle RECV =
      link("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SENDTO =
      link("sendto", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle RECVFROM =
      link("recvfrom", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle SENDMSG =
      link("sendmsg", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle RECVMSG =
      link("recvmsg", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle OPEN =
      variadic("open", 2, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle CLOSE = link("close", JAVA_INT, JAVA_INT);
  private static final MethodHandle DUP = link("dup", JAVA_INT, JAVA_INT);
  private static final MethodHandle DUP3 = link("dup3", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle FCNTL =
      variadic("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle IOCTL =
      variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
  private static final MethodHandle READ = link("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle WRITE = link("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle POLL = link("poll", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle MMAP =
      link("mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle MUNMAP = link("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle SETNS = link("setns", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle UNSHARE = link("unshare", JAVA_INT, JAVA_INT);
  private static final MethodHandle MOUNT =
      link("mount", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
  private static final MethodHandle UMOUNT2 = link("umount2", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle GETPID = link("getpid", JAVA_INT);
  private static final MethodHandle GETTID = link("gettid", JAVA_INT);
  private static final MethodHandle KILL = link("kill", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle TGKILL = link("tgkill", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle SYSCALL_3 =
      variadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle PTRACE =
      variadic("ptrace", 1, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle WAITPID =
      link("waitpid", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle PRCTL =
      variadic("prctl", 1, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle IF_NAMETOINDEX = link("if_nametoindex", JAVA_INT, ADDRESS);
  private static final MethodHandle IF_INDEXTONAME =
      link("if_indextoname", ADDRESS, JAVA_INT, ADDRESS);

  private static MethodHandle link(String name, MemoryLayout result, MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(result, parameters),
        Linker.Option.captureCallState("errno"));
  }

  private static MethodHandle variadic(
      String name, int firstVariadic, MemoryLayout result, MemoryLayout... parameters) {
    List<Linker.Option> options = new ArrayList<>();
    options.add(Linker.Option.captureCallState("errno"));
    options.add(Linker.Option.firstVariadicArg(firstVariadic));
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(result, parameters),
        options.toArray(Linker.Option[]::new));
  }

  private static long negativeErrno(MemorySegment captured) {
    return -(long) (int) ERRNO.get(captured, 0L);
  }

  /** C's convention (-1, and errno) into the kernel's (-errno). */
  private static long result(long returned, MemorySegment captured) {
    return returned == -1 ? negativeErrno(captured) : returned;
  }

  /** Downcall handles declare Throwable and throw nothing but what a wrong argument causes. */
  private static RuntimeException unexpected(Throwable e) {
    return switch (e) {
      case RuntimeException runtime -> runtime;
      case Error error -> throw error;
      default -> new IllegalStateException(e);
    };
  }

  @Override
  public long socket(int domain, int type, int protocol) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) SOCKET.invokeExact(captured, domain, type, protocol), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long bind(int fd, MemorySegment address, int addressBytes) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) BIND.invokeExact(captured, fd, address, addressBytes), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long connect(int fd, MemorySegment address, int addressBytes) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) CONNECT.invokeExact(captured, fd, address, addressBytes), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long listen(int fd, int backlog) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) LISTEN.invokeExact(captured, fd, backlog), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long accept4(int fd, MemorySegment address, MemorySegment addressBytes, int flags) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result(
          (int) ACCEPT4.invokeExact(captured, fd, address, addressBytes, flags), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long shutdown(int fd, int how) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) SHUTDOWN.invokeExact(captured, fd, how), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long getsockname(int fd, MemorySegment address, MemorySegment addressBytes) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) GETSOCKNAME.invokeExact(captured, fd, address, addressBytes), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long getpeername(int fd, MemorySegment address, MemorySegment addressBytes) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) GETPEERNAME.invokeExact(captured, fd, address, addressBytes), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long getsockopt(
      int fd, int level, int name, MemorySegment value, MemorySegment valueBytes) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result(
          (int) GETSOCKOPT.invokeExact(captured, fd, level, name, value, valueBytes), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long setsockopt(int fd, int level, int name, MemorySegment value, int valueBytes) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result(
          (int) SETSOCKOPT.invokeExact(captured, fd, level, name, value, valueBytes), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long send(int fd, MemorySegment data, long dataBytes, int flags) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((long) SEND.invokeExact(captured, fd, data, dataBytes, flags), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long recv(int fd, MemorySegment data, long dataBytes, int flags) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((long) RECV.invokeExact(captured, fd, data, dataBytes, flags), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long sendto(
      int fd, MemorySegment data, long dataBytes, int flags, MemorySegment to, int toBytes) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result(
          (long) SENDTO.invokeExact(captured, fd, data, dataBytes, flags, to, toBytes), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long recvfrom(
      int fd,
      MemorySegment data,
      long dataBytes,
      int flags,
      MemorySegment from,
      MemorySegment fromBytes) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result(
          (long) RECVFROM.invokeExact(captured, fd, data, dataBytes, flags, from, fromBytes),
          captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long sendmsg(int fd, MemorySegment message, int flags) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((long) SENDMSG.invokeExact(captured, fd, message, flags), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long recvmsg(int fd, MemorySegment message, int flags) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((long) RECVMSG.invokeExact(captured, fd, message, flags), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long open(MemorySegment path, int flags, int mode) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) OPEN.invokeExact(captured, path, flags, mode), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long close(int fd) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) CLOSE.invokeExact(captured, fd), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long dup(int fd) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) DUP.invokeExact(captured, fd), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long dup3(int oldFd, int newFd, int flags) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) DUP3.invokeExact(captured, oldFd, newFd, flags), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long fcntl(int fd, int command, long argument) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) FCNTL.invokeExact(captured, fd, command, argument), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long ioctl(int fd, long request, MemorySegment argument) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) IOCTL.invokeExact(captured, fd, request, argument), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long read(int fd, MemorySegment data, long dataBytes) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((long) READ.invokeExact(captured, fd, data, dataBytes), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long write(int fd, MemorySegment data, long dataBytes) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((long) WRITE.invokeExact(captured, fd, data, dataBytes), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long poll(MemorySegment pollfds, long count, int timeoutMillis) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) POLL.invokeExact(captured, pollfds, count, timeoutMillis), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long mmap(long address, long bytes, int protection, int flags, int fd, long offset) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result(
          (long) MMAP.invokeExact(captured, address, bytes, protection, flags, fd, offset),
          captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long munmap(long address, long bytes) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) MUNMAP.invokeExact(captured, address, bytes), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long setns(int fd, int type) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) SETNS.invokeExact(captured, fd, type), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long unshare(int flags) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) UNSHARE.invokeExact(captured, flags), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long mount(
      MemorySegment source,
      MemorySegment target,
      MemorySegment type,
      long flags,
      MemorySegment data) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) MOUNT.invokeExact(captured, source, target, type, flags, data), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long umount2(MemorySegment target, int flags) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) UMOUNT2.invokeExact(captured, target, flags), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long getpid() {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) GETPID.invokeExact(captured), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long gettid() {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) GETTID.invokeExact(captured), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long kill(int pid, int signal) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) KILL.invokeExact(captured, pid, signal), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long tgkill(int pid, int tid, int signal) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) TGKILL.invokeExact(captured, pid, tid, signal), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long ptrace(long request, int pid, long address, long data) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((long) PTRACE.invokeExact(captured, request, pid, address, data), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long waitpid(int pid, MemorySegment status, int options) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) WAITPID.invokeExact(captured, pid, status, options), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long prctl(int option, long arg2, long arg3, long arg4, long arg5) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result((int) PRCTL.invokeExact(captured, option, arg2, arg3, arg4, arg5), captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long pidfd_open(int pid, int flags) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result(
          (long) SYSCALL_3.invokeExact(captured, SYS_PIDFD_OPEN, (long) pid, (long) flags, 0L),
          captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long pidfd_getfd(int pidfd, int targetFd, int flags) {
    MemorySegment captured = CAPTURED.get();
    try {
      return result(
          (long)
              SYSCALL_3.invokeExact(
                  captured, SYS_PIDFD_GETFD, (long) pidfd, (long) targetFd, (long) flags),
          captured);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long bpf(int command, MemorySegment attributes, int attributesBytes) {
    if (SYS_BPF == 0) {
      return -Errno.ENOSYS;
    }
    MemorySegment captured = CAPTURED.get();
    try {
      return result(
          (long)
              SYSCALL_3.invokeExact(
                  captured, SYS_BPF, (long) command, attributes.address(), (long) attributesBytes),
          captured);
    } catch (Throwable e) {
      throw unexpected(e);
    } finally {
      Reference.reachabilityFence(attributes); // the call knows only its address
    }
  }

  @Override
  public long if_nametoindex(MemorySegment name) {
    MemorySegment captured = CAPTURED.get();
    try {
      int index = (int) IF_NAMETOINDEX.invokeExact(captured, name);
      return index == 0 ? negativeErrno(captured) : index;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public long if_indextoname(int index, MemorySegment name) {
    MemorySegment captured = CAPTURED.get();
    try {
      MemorySegment found = (MemorySegment) IF_INDEXTONAME.invokeExact(captured, index, name);
      return found.equals(MemorySegment.NULL) ? negativeErrno(captured) : 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }
}
