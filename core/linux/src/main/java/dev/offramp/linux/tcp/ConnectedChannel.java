package dev.offramp.linux.tcp;

import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.libc.SocketAddresses;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;

/**
 * Makes a {@link SocketChannel} of a connected socket that another process has made. Java has no
 * call for that. A fresh channel is left where connecting is under way ({@link SilentConnect}), the
 * socket is put in the place of its descriptor, and the channel finishes: from then on it is a
 * connected channel like any other, with both addresses right.
 */
public final class ConnectedChannel {
  // include/uapi/asm-generic/poll.h, include/linux/net.h
  private static final short POLLOUT = 4;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int O_CLOEXEC = 0x80000;

  private ConnectedChannel() {}

  /**
   * A channel over a duplicate of {@code socket}'s descriptor. The channel takes itself for a
   * non-blocking one; whether the socket is, is not touched, as other processes share that: whoever
   * owns the connection sets it by {@link SocketChannel#configureBlocking}.
   *
   * @param socket TCP, connected; stays the caller's
   * @throws IOException when the kernel refuses; nothing is left open, and no segment was sent
   */
  public static SocketChannel over(FileDescriptors descriptors, OsSocket socket)
      throws IOException {
    OsSocket.Name remote = socket.remoteName();
    StandardProtocolFamily family =
        remote.family() == SocketAddresses.AF_INET6
            ? StandardProtocolFamily.INET6
            : StandardProtocolFamily.INET;
    FileDescriptors.Opened opened = open(descriptors, family);
    SocketChannel channel = opened.channel();
    boolean finished = false;
    try {
      channel.configureBlocking(false);
      SilentConnect.begin(socket.libc(), channel, remote.address());
      finish(opened, socket);
      finished = true;
      return channel;
    } finally {
      if (!finished) {
        channel.close();
      }
    }
  }

  private static FileDescriptors.Opened open(
      FileDescriptors descriptors, StandardProtocolFamily family) throws IOException {
    try {
      return descriptors.open(() -> SocketChannel.open(family));
    } catch (UnsupportedOperationException e) {
      throw new IOException("this host, or JVM, has no IPv6", e);
    }
  }

  /**
   * Finishing asks whether the socket is writable, which one is not whose peer does not read: then
   * a stand-in with the same local address is asked instead.
   */
  private static void finish(FileDescriptors.Opened opened, OsSocket socket) throws IOException {
    int place = opened.socket().fd();
    boolean writable = (socket.poll(POLLOUT, 0) & POLLOUT) != 0;
    if (writable) {
      put(socket, place);
    } else {
      putStandIn(socket, place);
    }
    if (!opened.channel().finishConnect()) {
      throw new IOException("a channel that does not finish connecting over a connected socket");
    }
    if (!writable) {
      put(socket, place);
    }
  }

  /** A datagram socket is writable, has a local address, and sends nothing unless told. */
  private static void putStandIn(OsSocket socket, int place) throws IOException {
    LibC libc = socket.libc();
    OsSocket.Name local = socket.localName();
    int fd =
        (int)
            LinuxException.check(
                libc.socket(local.family(), SOCK_DGRAM_CLOEXEC, 0), "socket(SOCK_DGRAM)");
    try {
      OsSocket standIn = new OsSocket(libc, fd);
      standIn.bind(local.address(), local.family());
      put(standIn, place);
    } catch (LinuxException e) {
      throw new IOException(
          "the send buffer is full, and the UDP port of the same number cannot be had to stand in"
              + " for it: "
              + e.getMessage()
              + "; let the peer read, and try again",
          e);
    } finally {
      libc.close(fd);
    }
  }

  private static void put(OsSocket socket, int place) throws LinuxException {
    LinuxException.check(socket.libc().dup3(socket.fd(), place, O_CLOEXEC), "dup3");
  }
}
