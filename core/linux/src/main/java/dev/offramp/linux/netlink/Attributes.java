package dev.offramp.linux.netlink;

import dev.offramp.api.descriptor.MacAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiConsumer;

/**
 * The attributes of a message, or of an attribute that nests some.
 *
 * <pre>
 * struct nlattr: u16 len (header included), u16 type; bit 15: nested, bit 14: network byte order
 * </pre>
 *
 * <p>An attribute that repeats counts with its last value, as in the kernel's nla_parse. A getter
 * finds nothing when the attribute is missing, and throws when it is there with a wrong size.
 */
final class Attributes {
  private static final int HEADER_BYTES = 4;
  private static final int TYPE_MASK = 0x3FFF;
  private static final int ETHERNET_ADDRESS_BYTES = 6;

  private final Map<Integer, ByteBuffer> values;

  private Attributes(Map<Integer, ByteBuffer> values) {
    this.values = values;
  }

  /** The attributes from {@code offset} to the limit. */
  static Attributes parse(ByteBuffer bytes, int offset) throws NetlinkFormatException {
    Map<Integer, ByteBuffer> values = new HashMap<>();
    walk(bytes, offset, values::put);
    return new Attributes(values);
  }

  /** The values of a list in which the types say nothing. */
  static List<ByteBuffer> values(ByteBuffer bytes) throws NetlinkFormatException {
    List<ByteBuffer> values = new ArrayList<>();
    walk(bytes, 0, (type, value) -> values.add(value));
    return values;
  }

  private static void walk(ByteBuffer bytes, int offset, BiConsumer<Integer, ByteBuffer> visitor)
      throws NetlinkFormatException {
    int at = offset;
    while (at < bytes.limit()) {
      int left = bytes.limit() - at;
      if (left < HEADER_BYTES) {
        throw new NetlinkFormatException(left + " bytes at " + at + " are no attribute header");
      }
      int length = Short.toUnsignedInt(bytes.getShort(at));
      if (length < HEADER_BYTES || length > left) {
        throw new NetlinkFormatException(
            "attribute of " + length + " bytes at " + at + ", expected 4.." + left);
      }
      int type = Short.toUnsignedInt(bytes.getShort(at + 2)) & TYPE_MASK;
      visitor.accept(
          type, bytes.slice(at + HEADER_BYTES, length - HEADER_BYTES).order(bytes.order()));
      // At least 4, so this ends; the last attribute need not be padded.
      at += (int) Math.min(NetlinkMessage.align(length), left);
    }
  }

  /** The attributes inside another one; none when that is missing. */
  Attributes nested(int type) throws NetlinkFormatException {
    ByteBuffer value = values.get(type);
    return value == null ? new Attributes(Map.of()) : parse(value, 0);
  }

  OptionalInt u32(int type) throws NetlinkFormatException {
    ByteBuffer value = values.get(type);
    if (value == null) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(sized(type, value, Integer.BYTES).getInt(0));
  }

  OptionalInt u16(int type) throws NetlinkFormatException {
    ByteBuffer value = values.get(type);
    if (value == null) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(Short.toUnsignedInt(sized(type, value, Short.BYTES).getShort(0)));
  }

  /** A string, with or without its final NUL. */
  Optional<String> text(int type) {
    return bytes(type)
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .map(text -> text.indexOf('\0') < 0 ? text : text.substring(0, text.indexOf('\0')));
  }

  /** An Ethernet address; nothing when the link layer has addresses of another size. */
  Optional<MacAddress> mac(int type) {
    return bytes(type).filter(bytes -> bytes.length == ETHERNET_ADDRESS_BYTES).map(MacAddress::of);
  }

  Optional<InetAddress> address(int type) throws NetlinkFormatException {
    byte[] octets = bytes(type).orElse(null);
    return octets == null ? Optional.empty() : Optional.of(toAddress(type, octets));
  }

  Optional<ByteBuffer> raw(int type) {
    return Optional.ofNullable(values.get(type));
  }

  boolean has(int type) {
    return values.containsKey(type);
  }

  static InetAddress toAddress(int type, byte[] octets) throws NetlinkFormatException {
    try {
      return InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new NetlinkFormatException(
          "attribute " + type + " has " + octets.length + " bytes, expected 4 or 16");
    }
  }

  private Optional<byte[]> bytes(int type) {
    return raw(type)
        .map(value -> {
          byte[] bytes = new byte[value.limit()];
          value.get(0, bytes);
          return bytes;
        });
  }

  private static ByteBuffer sized(int type, ByteBuffer value, int bytes)
      throws NetlinkFormatException {
    if (value.limit() < bytes) {
      throw new NetlinkFormatException(
          "attribute " + type + " has " + value.limit() + " bytes, expected " + bytes);
    }
    return value;
  }
}
