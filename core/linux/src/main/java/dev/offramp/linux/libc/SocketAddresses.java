package dev.offramp.linux.libc;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;

/**
 * {@code sockaddr_in} and {@code sockaddr_in6} (include/uapi/linux/in.h, in6.h) as the JDK's
 * addresses, scope ids and v4-mapped addresses included.
 *
 * <pre>
 * sockaddr_in:  u16 family, be16 port, u8 address[4], u8 zero[8]
 * sockaddr_in6: u16 family, be16 port, be32 flowinfo, u8 address[16], u32 scope_id
 * </pre>
 */
public final class SocketAddresses {
  public static final int AF_INET = 2;
  public static final int AF_INET6 = 10;

  /** As long as any address: sizeof(struct sockaddr_storage). */
  public static final int MAX_BYTES = 128;

  private static final int IN_BYTES = 16;
  private static final int IN6_BYTES = 28;
  private static final int PORT = 2;
  private static final int ADDRESS4 = 4;
  private static final int ADDRESS6 = 8;
  private static final int ZERO4 = 8;
  private static final int FLOW_INFO = 4;
  private static final int SCOPE_ID = 24;
  private static final int MAPPED_PREFIX_BYTES = 12;

  /** The last four octets of ::ffff:0:0/96, before the IPv4 address. */
  private static final int MAPPED_WORD = 0xFFFF;

  private static final ValueLayout.OfShort BE16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt BE32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private SocketAddresses() {}

  /**
   * Writes {@code address} for a socket of {@code family}.
   *
   * @param family {@link #AF_INET} or {@link #AF_INET6}; an IPv4 address in the latter is v4-mapped
   * @return the length written, bytes
   */
  public static int encode(InetSocketAddress address, int family, MemorySegment to) {
    to.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, (short) family);
    to.set(BE16, PORT, (short) address.getPort());
    byte[] ip = address.getAddress().getAddress();
    if (family == AF_INET) {
      if (!(address.getAddress() instanceof Inet4Address)) {
        throw new IllegalArgumentException("an IPv6 address on an IPv4 socket: " + address);
      }
      putWord(ip, 0, to, ADDRESS4);
      to.set(ValueLayout.JAVA_LONG_UNALIGNED, ZERO4, 0);
      return IN_BYTES;
    }
    to.set(ValueLayout.JAVA_INT_UNALIGNED, FLOW_INFO, 0);
    if (address.getAddress() instanceof Inet6Address v6) {
      for (int i = 0; i < ip.length; i += Integer.BYTES) {
        putWord(ip, i, to, ADDRESS6 + i);
      }
      to.set(ValueLayout.JAVA_INT_UNALIGNED, SCOPE_ID, v6.getScopeId());
    } else {
      to.set(ValueLayout.JAVA_LONG_UNALIGNED, ADDRESS6, 0);
      to.set(BE32, ADDRESS6 + 8, MAPPED_WORD);
      putWord(ip, 0, to, ADDRESS6 + MAPPED_PREFIX_BYTES);
      to.set(ValueLayout.JAVA_INT_UNALIGNED, SCOPE_ID, 0);
    }
    return IN6_BYTES;
  }

  /** Four octets: bulk copies cost more for so few. */
  private static void putWord(byte[] from, int index, MemorySegment to, int offset) {
    to.set(
        BE32,
        offset,
        from[index] << 24
            | (from[index + 1] & 0xFF) << 16
            | (from[index + 2] & 0xFF) << 8
            | (from[index + 3] & 0xFF));
  }

  /** The address family of a {@code sockaddr}. */
  public static int family(MemorySegment from) {
    return Short.toUnsignedInt(from.get(ValueLayout.JAVA_SHORT_UNALIGNED, 0));
  }

  /** Whether a {@code sockaddr_in6} carries an IPv4 address (::ffff:0:0/96). */
  public static boolean isMapped(MemorySegment from) {
    if (family(from) != AF_INET6) {
      return false;
    }
    return from.get(ValueLayout.JAVA_LONG_UNALIGNED, ADDRESS6) == 0
        && from.get(BE32, ADDRESS6 + 8) == MAPPED_WORD;
  }

  /**
   * Reads an address; a v4-mapped one becomes an {@link Inet4Address}, as the JDK has it.
   *
   * @throws IOException when it is of another family
   */
  public static InetSocketAddress decode(MemorySegment from) throws IOException {
    int family = family(from);
    int port = Short.toUnsignedInt(from.get(BE16, PORT));
    if (family == AF_INET) {
      byte[] ip = from.asSlice(ADDRESS4, 4).toArray(ValueLayout.JAVA_BYTE);
      return new InetSocketAddress(InetAddress.getByAddress(ip), port);
    }
    if (family != AF_INET6) {
      throw new IOException(
          "a socket address of family " + family + ", expected AF_INET or AF_INET6");
    }
    byte[] ip = from.asSlice(ADDRESS6, 16).toArray(ValueLayout.JAVA_BYTE);
    int scope = from.get(ValueLayout.JAVA_INT_UNALIGNED, SCOPE_ID);
    InetAddress address =
        isMapped(from) || scope == 0
            ? InetAddress.getByAddress(ip)
            : Inet6Address.getByAddress(null, ip, scope);
    return new InetSocketAddress(address, port);
  }
}
