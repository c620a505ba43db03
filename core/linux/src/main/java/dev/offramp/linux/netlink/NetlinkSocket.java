package dev.offramp.linux.netlink;

import static dev.offramp.linux.libc.LinuxException.check;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A socket of rtnetlink (NETLINK_ROUTE). It speaks for the network namespace that the thread which
 * opened it was in, whichever thread uses it later. Safe for many threads, one question at a time.
 */
public final class NetlinkSocket implements AutoCloseable {
  // include/linux/socket.h, include/uapi/linux/netlink.h, asm-generic/socket.h
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int NETLINK_ROUTE = 0;
  private static final int SOL_NETLINK = 270;
  private static final int NETLINK_CAP_ACK = 10;
  private static final int NETLINK_EXT_ACK = 11;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int MSG_TRUNC = 0x20;

  /** The kernel answers within the sendto(2), so this is only reached when something is broken. */
  private static final int TIMEOUT_SECONDS = 2;

  /** More than any message about one object; a link with many virtual functions has some kB. */
  private static final int BUFFER_BYTES = 64 << 10;

  /** Late answers to questions that timed out; more than these are not skipped. */
  private static final int MAX_STRAY_DATAGRAMS = 16;

  private final LibC libc;
  private final int fd;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(BUFFER_BYTES, 8);
  private int sequence;
  private boolean closed;

  private NetlinkSocket(LibC libc, int fd) {
    this.libc = libc;
    this.fd = fd;
  }

  /**
   * Opens one in the network namespace of the calling thread.
   *
   * @throws dev.offramp.linux.libc.LinuxException when the kernel refuses
   */
  public static NetlinkSocket open(LibC libc) throws IOException {
    int fd =
        (int)
            check(
                libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_ROUTE),
                "socket(AF_NETLINK, NETLINK_ROUTE)");
    NetlinkSocket socket = new NetlinkSocket(libc, fd);
    try {
      socket.configure();
      return socket;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Asks one question that has one answer.
   *
   * @param answerType the RTM_NEW* that answers it
   * @throws NetlinkException when the kernel says no
   * @throws NetlinkFormatException when its answer is none
   * @throws dev.offramp.linux.libc.LinuxException when the socket fails
   */
  NetlinkMessage ask(Request request, int answerType) throws IOException {
    return answer(request, exchange(request), answerType);
  }

  /**
   * Has something changed, and waits until it is.
   *
   * @param request with NLM_F_ACK
   * @throws NetlinkException when the kernel says no
   * @throws NetlinkFormatException when its answer is none
   * @throws dev.offramp.linux.libc.LinuxException when the socket fails
   */
  void command(Request request) throws IOException {
    NetlinkMessage message = exchange(request);
    if (message.type() != NetlinkMessage.NLMSG_ERROR) {
      throw new NetlinkFormatException(
          request.purpose() + ": answer of type " + message.type() + ", expected NLMSG_ERROR");
    }
    KernelError outcome = KernelError.decode(message);
    if (outcome.errno() != 0) {
      throw new NetlinkException(request.purpose(), outcome);
    }
  }

  private synchronized NetlinkMessage exchange(Request request) throws IOException {
    if (closed) {
      throw new IOException("the netlink socket is closed");
    }
    sequence++;
    byte[] datagram = request.encode(sequence);
    MemorySegment.copy(datagram, 0, buffer, ValueLayout.JAVA_BYTE, 0, datagram.length);
    // To a netlink socket that is not connected send(2) goes to the kernel (netlink_sendmsg).
    long sent;
    do {
      sent = libc.send(fd, buffer, datagram.length, 0);
    } while (sent == -Errno.EINTR);
    if (sent < 0) {
      throw new LinuxException("send(netlink, " + request.purpose() + ")", (int) -sent);
    }
    for (int i = 0; i < MAX_STRAY_DATAGRAMS; i++) {
      for (NetlinkMessage message : receive(request)) {
        if (message.sequence() == sequence) {
          return message;
        }
      }
    }
    throw new NetlinkFormatException(
        request.purpose() + ": no answer among " + MAX_STRAY_DATAGRAMS + " datagrams");
  }

  /** Its descriptor, which stays this object's. */
  int fd() {
    return fd;
  }

  /** Closes it. Further calls do nothing. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      libc.close(fd);
      arena.close();
    }
  }

  private void configure() throws IOException {
    MemorySegment value = buffer.asSlice(0, 16);
    value.set(ValueLayout.JAVA_LONG, 0, TIMEOUT_SECONDS);
    value.set(ValueLayout.JAVA_LONG, 8, 0);
    check(libc.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, value, 16), "setsockopt(SO_RCVTIMEO)");
    value.set(ValueLayout.JAVA_INT, 0, 1);
    // Explanations are a luxury: a kernel that has none (before 4.12) still answers.
    libc.setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, value, 4);
    libc.setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, value, 4);
  }

  private List<NetlinkMessage> receive(Request request) throws IOException {
    long bytes;
    do {
      bytes = libc.recv(fd, buffer, BUFFER_BYTES, MSG_TRUNC);
    } while (bytes == -Errno.EINTR);
    if (bytes < 0) {
      throw new LinuxException("recv(netlink, " + request.purpose() + ")", (int) -bytes);
    }
    if (bytes > BUFFER_BYTES) {
      throw new NetlinkFormatException(
          request.purpose() + ": answer of " + bytes + " bytes, expected at most " + BUFFER_BYTES);
    }
    // A copy: values outlive the buffer.
    byte[] datagram = buffer.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
    return NetlinkMessage.parse(ByteBuffer.wrap(datagram).order(ByteOrder.nativeOrder()));
  }

  private static NetlinkMessage answer(Request request, NetlinkMessage message, int answerType)
      throws IOException {
    if (message.type() == NetlinkMessage.NLMSG_ERROR) {
      throw new NetlinkException(request.purpose(), KernelError.decode(message));
    }
    if (message.type() != answerType) {
      throw new NetlinkFormatException(
          request.purpose() + ": answer of type " + message.type() + ", expected " + answerType);
    }
    return message;
  }
}
