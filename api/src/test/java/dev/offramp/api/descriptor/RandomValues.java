package dev.offramp.api.descriptor;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.random.RandomGenerator;

/** Random values of the kinds that fields have, with a taste for the ends of each range. */
record RandomValues(RandomGenerator random) {
  private static final long UINT32_END = 1L << 32;

  long uint32() {
    return within(0, UINT32_END - 1);
  }

  long uint63() {
    return within(0, Long.MAX_VALUE);
  }

  int range(int min, int max) {
    return (int) within(min, max);
  }

  private long within(long min, long max) {
    return switch (random.nextInt(8)) {
      case 0 -> min;
      case 1 -> max;
      case 2 -> Math.min(max, min + random.nextLong(300));
      default -> max == Long.MAX_VALUE ? random.nextLong(min, max) : random.nextLong(min, max + 1);
    };
  }

  long uint64() {
    return random.nextLong();
  }

  boolean bool() {
    return random.nextBoolean();
  }

  <E extends Enum<E>> E choice(Class<E> type) {
    E[] all = type.getEnumConstants();
    return all[random.nextInt(all.length)];
  }

  Octets octets(int maxBytes) {
    return exactly(range(0, maxBytes));
  }

  Octets exactly(int bytes) {
    byte[] content = new byte[bytes];
    random.nextBytes(content);
    return Octets.copyOf(content);
  }

  /** At least one character, at most {@code maxBytes} bytes, in one to four bytes each. */
  String text(int maxBytes) {
    StringBuilder text = new StringBuilder();
    int room = range(1, maxBytes);
    while (room >= 4) {
      int bytes = random.nextInt(1, 5);
      text.appendCodePoint(
          switch (bytes) {
            case 1 -> random.nextInt(0x80);
            case 2 -> random.nextInt(0x80, 0x800);
            case 3 -> random.nextInt(0x800, 0xD800);
            default -> random.nextInt(0x1_0000, 0x11_0000);
          });
      room -= bytes;
    }
    return text.append("x".repeat(Math.max(room, text.isEmpty() ? 1 : 0))).toString();
  }

  MacAddress mac() {
    return new MacAddress(random.nextLong(1L << 48));
  }

  VlanTag vlan() {
    return new VlanTag(range(1, 4094), range(0, 7), bool());
  }

  InetSocketAddress endpoint(boolean v6) {
    return new InetSocketAddress(address(v6), range(1, 65535));
  }

  /** A unicast address. */
  InetAddress address(boolean v6) {
    byte[] octets = new byte[v6 ? 16 : 4];
    random.nextBytes(octets);
    if (v6) {
      octets[0] = (byte) (bool() ? 0x20 : 0xFE);
      octets[1] = (byte) 0x80;
    } else {
      octets[0] = (byte) random.nextInt(1, 224);
    }
    try {
      return v6 && bool()
          ? Inet6Address.getByAddress(null, octets, range(0, Integer.MAX_VALUE))
          : InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
