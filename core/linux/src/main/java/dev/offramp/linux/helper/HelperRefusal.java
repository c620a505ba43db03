package dev.offramp.linux.helper;

import dev.offramp.linux.libc.Errno;

/** Why the helper does not do what it was asked. */
public enum HelperRefusal {
  /** The client's user is not one that is served. */
  USER(Errno.EACCES, "this user is not served; start the helper with --user"),
  /** Not a request, of another version, or larger than any. */
  FORM(Errno.EINVAL, "this is no request"),
  /** A request comes with exactly one descriptor. */
  DESCRIPTORS(Errno.EINVAL, "a request comes with exactly one descriptor"),
  /** The descriptor is not a TCP socket over IP. */
  NOT_TCP(Errno.EPROTONOSUPPORT, "only sockets of TCP over IPv4 or IPv6 are served"),
  /** The socket belongs to another user than the client. */
  OWNER(Errno.EACCES, "the socket was made by another user"),
  /** The socket is in another network namespace than the helper. */
  NAMESPACE(Errno.EACCES, "the socket is in another network namespace"),
  /** A listening socket is no connection. */
  LISTENING(Errno.EINVAL, "a listening socket is no connection"),
  /** The option is not one that a hand-over needs. */
  OPTION(Errno.EPERM, "only TCP_REPAIR, SO_SNDBUFFORCE, SO_RCVBUFFORCE and the fence are set"),
  /** The value is out of bounds. */
  VALUE(Errno.EINVAL, "the value is out of bounds");

  private final int errno;
  private final String text;

  HelperRefusal(int errno, String text) {
    this.errno = errno;
    this.text = text;
  }

  int errno() {
    return errno;
  }

  /** For people. */
  public String text() {
    return text;
  }
}
