package dev.offramp.provider.chelsio.vectors;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The values of a vector by their names: numbers, or strings of hexadecimal digits after 0x. */
record Input(Map<String, Object> values, String place) {
  @SuppressWarnings("unchecked")
  static Input of(Object json, String place) {
    return new Input((Map<String, Object>) json, place);
  }

  static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  Set<String> names() {
    return values.keySet();
  }

  boolean has(String name) {
    return values.get(name) != null;
  }

  long number(String name) {
    return number(value(name), name);
  }

  int int32(String name) {
    return (int) number(name);
  }

  boolean flag(String name) {
    return value(name) instanceof Boolean set ? set : number(name) != 0;
  }

  String text(String name) {
    return String.valueOf(value(name));
  }

  byte[] bytes(String name) {
    return hex(text(name));
  }

  Input part(String name) {
    return of(value(name), place + " " + name);
  }

  List<Input> parts(String name) {
    return ((List<?>) value(name)).stream().map(json -> of(json, place + " " + name)).toList();
  }

  int[] ints(String name) {
    return ((List<?>) value(name)).stream().mapToInt(n -> (int) number(n, name)).toArray();
  }

  /** An address's octets as one or two words. */
  ByteBuffer address(String name) {
    try {
      return ByteBuffer.wrap(InetAddress.getByName(text(name)).getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(place + ": " + name, e);
    }
  }

  private Object value(String name) {
    Object value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(place + ": no value [" + name + "]");
    }
    return value;
  }

  private long number(Object value, String name) {
    return switch (value) {
      case Boolean set -> set ? 1 : 0;
      case Number number -> number.longValue();
      case String text when text.startsWith("0x") -> Long.parseUnsignedLong(text.substring(2), 16);
      default -> throw new IllegalArgumentException(place + ": [" + name + "] is [" + value + "]");
    };
  }
}
