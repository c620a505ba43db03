package dev.offramp.linux.net;

import static dev.offramp.linux.libc.LinuxException.check;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.NativeAccess;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Says that the process which has set a namespace's filters lives: a Unix socket with an abstract
 * name, which is one of the network namespace and goes with its process, however that ends
 * (unix(7)). Filters stay.
 */
final class NicClaim implements AutoCloseable {
  // include/linux/socket.h, include/linux/net.h
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int CLOSED = -1;

  /** As ss shows it, with an @ for the octet 0 that makes a name abstract. */
  static final String NAME = "@offramp-nic";

  private final LibC libc;
  private int fd;

  private NicClaim(LibC libc, int fd) {
    this.libc = libc;
    this.fd = fd;
  }

  /**
   * Takes the place for this process.
   *
   * @throws NicInUseException when another one has it, or this one already
   */
  static NicClaim take(NetworkNamespace namespace) throws IOException {
    LibC libc = NativeAccess.libc();
    return namespace.call(() -> {
      int fd = (int) check(libc.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0), "socket(AF_UNIX)");
      NicClaim claim = new NicClaim(libc, fd);
      long bound = claim.bind();
      if (bound < 0) {
        claim.close();
        if (bound == -Errno.EADDRINUSE) {
          throw new NicInUseException(namespace);
        }
        check(bound, "bind(" + NAME + ")");
      }
      return claim;
    });
  }

  private long bind() {
    byte[] name = NAME.getBytes(StandardCharsets.US_ASCII);
    name[0] = 0;
    try (Arena arena = Arena.ofConfined()) {
      // struct sockaddr_un: u16 family, then the name, whose length is the address's
      MemorySegment address = arena.allocate(Short.BYTES + (long) name.length, Short.BYTES);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, Short.BYTES, name.length);
      return libc.bind(fd, address, (int) address.byteSize());
    }
  }

  /** Gives it back. Idempotent. */
  @Override
  public synchronized void close() {
    if (fd != CLOSED) {
      libc.close(fd);
      fd = CLOSED;
    }
  }
}
