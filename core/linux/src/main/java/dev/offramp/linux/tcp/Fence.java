package dev.offramp.linux.tcp;

import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;

/**
 * What keeps every segment from a socket. For a classic filter the kernel builds and compiles a
 * program each time, the dearest call of a whole move (10 to 19 us); an eBPF program is loaded once
 * and then only referred to (1 us). Where the kernel refuses eBPF, as in a container or an
 * unprivileged user namespace, the classic filter does the same. Thread-safe.
 */
public final class Fence {
  private final LibC libc;
  private final FenceProgram program;

  /** Set when the kernel has refused the program, so that it is not asked again. */
  private volatile boolean classicOnly;

  /** A fence for the sockets of {@code libc}; asks for nothing before it is first put up. */
  public Fence(LibC libc) {
    this(libc, FenceProgram.OF_PROCESS);
  }

  Fence(LibC libc, FenceProgram program) {
    this.libc = libc;
    this.program = program;
  }

  /**
   * From here on the socket takes no segment and answers none; replaces its filter.
   *
   * @throws LinuxException when the kernel refuses; its filter is the one before
   */
  public void attachTo(OsSocket socket) throws LinuxException {
    if (!attachProgram(socket)) {
      // What the program could not do the classic filter may; else the kernel says why not.
      SocketFilter.dropAll().attachTo(socket);
    }
  }

  private boolean attachProgram(OsSocket socket) {
    if (classicOnly) {
      return false;
    }
    long descriptor = program.descriptor(libc);
    if (descriptor < 0) {
      classicOnly = true;
      return false;
    }
    return socket.trySetInt(Opt.SO_ATTACH_BPF, (int) descriptor) >= 0;
  }
}
