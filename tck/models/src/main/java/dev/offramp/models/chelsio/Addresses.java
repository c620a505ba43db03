package dev.offramp.models.chelsio;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** IP addresses inside commands. */
final class Addresses {
  static final int V4_BYTES = 4;
  static final int V6_BYTES = 16;

  private Addresses() {}

  /** The address of {@code bytes} octets, 4 or 16, with a port. */
  static InetSocketAddress at(MemorySegment from, long offset, int bytes, int port) {
    return new InetSocketAddress(at(from, offset, bytes), port);
  }

  static InetAddress at(MemorySegment from, long offset, int bytes) {
    try {
      // An IPv4-mapped IPv6 address becomes an IPv4 one here, as the JDK has it.
      return InetAddress.getByAddress(from.asSlice(offset, bytes).toArray(ValueLayout.JAVA_BYTE));
    } catch (UnknownHostException e) {
      throw new AssertionError("an address of " + bytes + " octets", e);
    }
  }

  static boolean isZero(MemorySegment from, long offset, long bytes) {
    for (long i = 0; i < bytes; i++) {
      if (from.get(ValueLayout.JAVA_BYTE, offset + i) != 0) {
        return false;
      }
    }
    return true;
  }
}
