package dev.offramp.linux.netlink;

import static dev.offramp.linux.libc.LinuxException.check;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Hears of every change to interfaces and neighbours of one network namespace: that of the thread
 * which opened it. What was read after {@link #changed} and before the next time it says no is what
 * the kernel still has. For one thread at a time.
 */
final class ChangeWatch implements AutoCloseable {
  // include/linux/socket.h, include/uapi/linux/netlink.h, include/uapi/linux/rtnetlink.h
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int NETLINK_ROUTE = 0;
  private static final int RTMGRP_LINK = 1;
  private static final int RTMGRP_NEIGH = 4;
  private static final int MSG_DONTWAIT = 0x40;

  // struct sockaddr_nl: u16 family, u16 pad, u32 pid, u32 groups
  private static final int ADDRESS_BYTES = 12;
  private static final int GROUPS = 8;

  /** A flood of news is as good as one: the rest is found next time. */
  private static final int MAX_READ = 256;

  private final LibC libc;
  private final int fd;
  private final MemorySegment memory = Arena.ofAuto().allocate(ADDRESS_BYTES, Long.BYTES);

  private ChangeWatch(LibC libc, int fd) {
    this.libc = libc;
    this.fd = fd;
  }

  static ChangeWatch open(LibC libc) throws IOException {
    int fd =
        (int)
            check(
                libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_ROUTE),
                "socket(AF_NETLINK, NETLINK_ROUTE)");
    ChangeWatch watch = new ChangeWatch(libc, fd);
    try {
      watch.memory.set(ValueLayout.JAVA_SHORT, 0, (short) AF_NETLINK);
      watch.memory.set(ValueLayout.JAVA_INT, GROUPS, RTMGRP_LINK | RTMGRP_NEIGH);
      check(libc.bind(fd, watch.memory, ADDRESS_BYTES), "bind(AF_NETLINK, groups)");
      return watch;
    } catch (IOException | RuntimeException e) {
      watch.close();
      throw e;
    }
  }

  /** Whether anything has changed since the last time this was asked. */
  boolean changed() {
    long read = libc.recv(fd, memory, ADDRESS_BYTES, MSG_DONTWAIT);
    if (read == -Errno.EAGAIN) {
      return false;
    }
    // News, or ENOBUFS: more of them than the socket could keep.
    for (int i = 0; i < MAX_READ && read != -Errno.EAGAIN; i++) {
      read = libc.recv(fd, memory, ADDRESS_BYTES, MSG_DONTWAIT);
    }
    return true;
  }

  @Override
  public void close() {
    libc.close(fd);
  }
}
