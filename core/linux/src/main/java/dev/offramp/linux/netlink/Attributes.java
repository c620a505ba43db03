package dev.offramp.linux.netlink;

import dev.offramp.api.descriptor.MacAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

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

  private static final int NOT_THERE = -1;

  private final ByteBuffer bytes;
  private final int offset;

  private Attributes(ByteBuffer bytes, int offset) {
    this.bytes = bytes;
    this.offset = offset;
  }

  /** The attributes from {@code offset} to the limit, all of which are checked. */
  static Attributes parse(ByteBuffer bytes, int offset) throws NetlinkFormatException {
    for (int at = offset; at < bytes.limit(); ) {
      at = next(bytes, at);
    }
    return new Attributes(bytes, offset);
  }

  /** The values of a list in which the types say nothing. */
  static List<ByteBuffer> values(ByteBuffer bytes) throws NetlinkFormatException {
    List<ByteBuffer> values = new ArrayList<>();
    for (int at = 0; at < bytes.limit(); ) {
      int following = next(bytes, at);
      values.add(value(bytes, at));
      at = following;
    }
    return values;
  }

  /** Where the attribute behind the one at {@code at} begins, or would. */
  private static int next(ByteBuffer bytes, int at) throws NetlinkFormatException {
    int left = bytes.limit() - at;
    if (left < HEADER_BYTES) {
      throw new NetlinkFormatException(left + " bytes at " + at + " are no attribute header");
    }
    int length = length(bytes, at);
    if (length < HEADER_BYTES || length > left) {
      throw new NetlinkFormatException(
          "attribute of " + length + " bytes at " + at + ", expected 4.." + left);
    }
    return following(bytes, at);
  }

  /** At least 4 further, so every walk ends; the last attribute need not be padded. */
  private static int following(ByteBuffer bytes, int at) {
    return at + (int) Math.min(NetlinkMessage.align(length(bytes, at)), bytes.limit() - at);
  }

  private static int length(ByteBuffer bytes, int at) {
    return Short.toUnsignedInt(bytes.getShort(at));
  }

  private static ByteBuffer value(ByteBuffer bytes, int at) {
    return bytes.slice(at + HEADER_BYTES, length(bytes, at) - HEADER_BYTES).order(bytes.order());
  }

  /** Where the last attribute of that type is: there are few, and few of them are asked for. */
  private int find(int type) {
    int found = NOT_THERE;
    for (int at = offset; at < bytes.limit(); at = following(bytes, at)) {
      if ((Short.toUnsignedInt(bytes.getShort(at + 2)) & TYPE_MASK) == type) {
        found = at;
      }
    }
    return found;
  }

  /** The attributes inside another one; none when that is missing. */
  Attributes nested(int type) throws NetlinkFormatException {
    ByteBuffer value = raw(type).orElse(null);
    return value == null ? new Attributes(bytes, bytes.limit()) : parse(value, 0);
  }

  OptionalInt u32(int type) throws NetlinkFormatException {
    int at = find(type, Integer.BYTES);
    return at == NOT_THERE ? OptionalInt.empty() : OptionalInt.of(bytes.getInt(at + HEADER_BYTES));
  }

  OptionalInt u16(int type) throws NetlinkFormatException {
    int at = find(type, Short.BYTES);
    return at == NOT_THERE
        ? OptionalInt.empty()
        : OptionalInt.of(Short.toUnsignedInt(bytes.getShort(at + HEADER_BYTES)));
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
    int at = find(type);
    return at == NOT_THERE ? Optional.empty() : Optional.of(value(bytes, at));
  }

  boolean has(int type) {
    return find(type) != NOT_THERE;
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

  /** The same for one that has to have so many bytes when it is there. */
  private int find(int type, int least) throws NetlinkFormatException {
    int at = find(type);
    if (at != NOT_THERE && length(bytes, at) - HEADER_BYTES < least) {
      throw new NetlinkFormatException(
          "attribute "
              + type
              + " has "
              + (length(bytes, at) - HEADER_BYTES)
              + " bytes, expected "
              + least);
    }
    return at;
  }
}
