package dev.offramp.linux.netlink;

import static dev.offramp.linux.libc.LinuxException.check;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Announcements of links, addresses, neighbours, routes, rules and next-hop objects of one network
 * namespace: that of the thread which opened it. {@link #await} is for one thread, {@link #wake}
 * for any. Keeps the namespace alive until it is closed.
 */
public final class ChangeFeed implements AutoCloseable {
  // include/linux/socket.h, include/uapi/linux/netlink.h, include/uapi/linux/rtnetlink.h
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int NETLINK_ROUTE = 0;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_TRUNC = 0x20;
  private static final int NLMSG_NOOP = 1;
  private static final int NLM_F_REQUEST_AND_ACK = 1 | 4;

  /** One bit for each RTNLGRP_*, from 1: link, neigh, v4 address, route, rule, v6, nexthop. */
  private static final int GROUPS =
      bit(1) | bit(3) | bit(5) | bit(7) | bit(8) | bit(9) | bit(11) | bit(19) | bit(32);

  // struct sockaddr_nl: u16 family, u16 pad, u32 pid, u32 groups
  private static final int ADDRESS_BYTES = 12;
  private static final int GROUPS_OFFSET = 8;

  // struct pollfd: s32 fd, s16 events, s16 revents
  private static final int POLLFD_BYTES = 8;
  private static final short POLLIN = 1;
  private static final int BUFFER_BYTES = 64 << 10;

  /** So that a flood does not keep its reader from telling of it. */
  private static final int MAX_DATAGRAMS = 4_096;

  private final LibC libc;
  private final int fd;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(BUFFER_BYTES, 8);
  private final MemorySegment pollfd = arena.allocate(POLLFD_BYTES, 8);

  private ChangeFeed(LibC libc, int fd) {
    this.libc = libc;
    this.fd = fd;
  }

  /**
   * Subscribes in the network namespace of the calling thread; needs no privilege.
   *
   * @throws dev.offramp.linux.libc.LinuxException when the kernel refuses
   */
  public static ChangeFeed open(LibC libc) throws IOException {
    int fd =
        (int)
            check(
                libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_ROUTE),
                "socket(AF_NETLINK, NETLINK_ROUTE)");
    ChangeFeed feed = new ChangeFeed(libc, fd);
    try {
      feed.buffer.set(ValueLayout.JAVA_SHORT, 0, (short) AF_NETLINK);
      feed.buffer.set(ValueLayout.JAVA_INT, GROUPS_OFFSET, GROUPS);
      check(libc.bind(fd, feed.buffer, ADDRESS_BYTES), "bind(AF_NETLINK, groups)");
      return feed;
    } catch (IOException | RuntimeException e) {
      feed.close();
      throw e;
    }
  }

  /**
   * Waits for news or {@link #wake}, in the kernel, and takes all that is there.
   *
   * @return what may have changed; nothing, maybe
   * @throws dev.offramp.linux.libc.LinuxException when the socket fails; not for lost news, which
   *     is {@link PathChanges#all}
   */
  public PathChanges await() throws IOException {
    pollfd.set(ValueLayout.JAVA_INT, 0, fd);
    pollfd.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
    pollfd.set(ValueLayout.JAVA_SHORT, 6, (short) 0);
    long ready = libc.poll(pollfd, 1, -1);
    if (ready != -Errno.EINTR) {
      check(ready, "poll(netlink)");
    }
    PathChanges changes = new PathChanges();
    for (int i = 0; i < MAX_DATAGRAMS; i++) {
      long bytes = libc.recv(fd, buffer, BUFFER_BYTES, MSG_DONTWAIT | MSG_TRUNC);
      if (bytes == -Errno.EAGAIN) {
        break;
      }
      if (bytes == -Errno.EINTR) {
        continue;
      }
      if (bytes == -Errno.ENOBUFS || bytes > BUFFER_BYTES) {
        changes.lost();
        continue;
      }
      read((int) check(bytes, "recv(netlink)"), changes);
    }
    return changes;
  }

  private void read(int bytes, PathChanges changes) {
    byte[] datagram = buffer.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
    try {
      for (NetlinkMessage message :
          NetlinkMessage.parse(ByteBuffer.wrap(datagram).order(ByteOrder.nativeOrder()))) {
        changes.add(message);
      }
    } catch (NetlinkFormatException e) {
      // Somebody's news: whose, cannot be read.
      changes.lost();
    }
  }

  /** Has {@link #await} return: the kernel acknowledges a message that asks for nothing. */
  public void wake() throws IOException {
    try (Arena own = Arena.ofConfined()) {
      MemorySegment noop = own.allocate(NetlinkMessage.HEADER_BYTES, 8);
      noop.set(ValueLayout.JAVA_INT, 0, NetlinkMessage.HEADER_BYTES);
      noop.set(ValueLayout.JAVA_SHORT, 4, (short) NLMSG_NOOP);
      noop.set(ValueLayout.JAVA_SHORT, 6, (short) NLM_F_REQUEST_AND_ACK);
      check(libc.send(fd, noop, NetlinkMessage.HEADER_BYTES, 0), "send(netlink, NLMSG_NOOP)");
    }
  }

  /** Unsubscribes. When no thread is in {@link #await}, and once. */
  @Override
  public void close() {
    libc.close(fd);
    arena.close();
  }

  private static int bit(int group) {
    return 1 << (group - 1);
  }
}
