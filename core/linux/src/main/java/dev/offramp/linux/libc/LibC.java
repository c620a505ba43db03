package dev.offramp.linux.libc;

import java.lang.foreign.MemorySegment;

/**
 * libc and system calls, one to one: same names, same order of arguments, no policy.
 *
 * <p>Every call returns what the C function returns, or a negative errno on failure: the kernel's
 * own convention. No call throws. Segments are passed to the kernel as they are, so they must be
 * native (or {@link MemorySegment#NULL}), alive and as long as the stated length. Implementations
 * may be called from any thread; calls that concern the calling thread ({@link #setns}, {@link
 * #unshare}, {@link #ptrace}) need a platform thread.
 */
public interface LibC {
  // ---- sockets: socket(2), bind(2), ...

  long socket(int domain, int type, int protocol);

  long bind(int fd, MemorySegment address, int addressBytes);

  long connect(int fd, MemorySegment address, int addressBytes);

  long listen(int fd, int backlog);

  long accept4(int fd, MemorySegment address, MemorySegment addressBytes, int flags);

  long shutdown(int fd, int how);

  long getsockname(int fd, MemorySegment address, MemorySegment addressBytes);

  long getpeername(int fd, MemorySegment address, MemorySegment addressBytes);

  /**
   * getsockopt(2).
   *
   * @param valueBytes a {@code socklen_t}, read and written
   */
  long getsockopt(int fd, int level, int name, MemorySegment value, MemorySegment valueBytes);

  long setsockopt(int fd, int level, int name, MemorySegment value, int valueBytes);

  long send(int fd, MemorySegment data, long dataBytes, int flags);

  long recv(int fd, MemorySegment data, long dataBytes, int flags);

  long sendto(int fd, MemorySegment data, long dataBytes, int flags, MemorySegment to, int toBytes);

  long recvfrom(
      int fd,
      MemorySegment data,
      long dataBytes,
      int flags,
      MemorySegment from,
      MemorySegment fromBytes);

  /** sendmsg(2): {@code message} is a {@code struct msghdr}. */
  long sendmsg(int fd, MemorySegment message, int flags);

  /** recvmsg(2): {@code message} is a {@code struct msghdr}, read and written. */
  long recvmsg(int fd, MemorySegment message, int flags);

  // ---- descriptors

  long open(MemorySegment path, int flags, int mode);

  long close(int fd);

  long dup(int fd);

  long dup3(int oldFd, int newFd, int flags);

  long fcntl(int fd, int command, long argument);

  long ioctl(int fd, long request, MemorySegment argument);

  long read(int fd, MemorySegment data, long dataBytes);

  long write(int fd, MemorySegment data, long dataBytes);

  /** poll(2); blocks for up to {@code timeoutMillis}, for ever when negative. */
  long poll(MemorySegment pollfds, long count, int timeoutMillis);

  // ---- memory

  /** mmap(2); the address as a positive number, or a negative errno. */
  long mmap(long address, long bytes, int protection, int flags, int fd, long offset);

  long munmap(long address, long bytes);

  // ---- namespaces

  /** setns(2): moves the calling thread. */
  long setns(int fd, int type);

  /** unshare(2): concerns the calling thread. */
  long unshare(int flags);

  long mount(
      MemorySegment source,
      MemorySegment target,
      MemorySegment type,
      long flags,
      MemorySegment data);

  long umount2(MemorySegment target, int flags);

  // ---- processes

  long getpid();

  long gettid();

  long kill(int pid, int signal);

  long tgkill(int pid, int tid, int signal);

  long pidfd_open(int pid, int flags);

  long pidfd_getfd(int pidfd, int targetFd, int flags);

  /**
   * bpf(2), which glibc does not wrap.
   *
   * @return also {@code -ENOSYS} on a machine whose number of this call is not known
   */
  long bpf(int command, MemorySegment attributes, int attributesBytes);

  /** ptrace(2): the tracer is the calling thread. */
  long ptrace(long request, int pid, long address, long data);

  /** waitpid(2); {@code status} is an {@code int} that is written, or NULL. */
  long waitpid(int pid, MemorySegment status, int options);

  long prctl(int option, long arg2, long arg3, long arg4, long arg5);

  // ---- interfaces

  /** if_nametoindex(3), but a negative errno instead of 0. */
  long if_nametoindex(MemorySegment name);

  /**
   * if_indextoname(3), but 0, or a negative errno instead of NULL.
   *
   * @param name IF_NAMESIZE (16) bytes that are written
   */
  long if_indextoname(int index, MemorySegment name);
}
