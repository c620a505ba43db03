package dev.offramp.provider.intel.ring;

import dev.offramp.provider.intel.layout.BitField;
import dev.offramp.provider.intel.layout.Generation;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of one golden vector, by the conventions of whoever made them: numbers of 32 bits are
 * numbers, of 64 bits texts in hexadecimal, addresses in their usual forms.
 */
final class Vector {
  private final Map<String, Object> in;
  private final byte[] out;

  private Vector(Map<String, Object> in, byte[] out) {
    this.in = in;
    this.out = out;
  }

  @SuppressWarnings("unchecked") // what jackson-jr makes of a JSON object
  static Vector of(Map<String, Object> line) {
    return new Vector(
        (Map<String, Object>) Objects.requireNonNull(line.get("in")),
        HexFormat.of().parseHex((String) Objects.requireNonNull(line.get("out"))));
  }

  byte[] out() {
    return out.clone();
  }

  int outBytes() {
    return out.length;
  }

  boolean has(String name) {
    return in.get(name) != null;
  }

  private Object value(String name) {
    return Objects.requireNonNull(in.get(name), () -> "no input [" + name + "]");
  }

  long u64(String name) {
    return parse(value(name));
  }

  private static long parse(Object value) {
    return value instanceof Number number
        ? number.longValue()
        : Long.parseUnsignedLong(((String) value).substring(2), 16);
  }

  int u32(String name) {
    return (int) u64(name);
  }

  boolean flag(String name) {
    return (boolean) value(name);
  }

  String text(String name) {
    return (String) value(name);
  }

  byte[] octets(String name) {
    return HexFormat.of().parseHex(text(name));
  }

  /** 48 bits, first octet most significant. */
  long mac(String name) {
    return Long.parseUnsignedLong(text(name).replace(":", ""), 16);
  }

  /** Four words, first octets in word 0. */
  int[] words(String name) {
    String text = text(name);
    int[] words = new int[4];
    for (int i = 0; i < 4; i++) {
      words[i] = Integer.parseUnsignedInt(text.substring(8 * i, 8 * i + 8), 16);
    }
    return words;
  }

  int ipv4(String name) {
    int word = 0;
    for (String octet : text(name).split("\\.", -1)) {
      word = word << 8 | Integer.parseInt(octet);
    }
    return word;
  }

  @SuppressWarnings("unchecked") // what jackson-jr makes of a JSON array
  List<Object> list(String name) {
    return (List<Object>) value(name);
  }

  @SuppressWarnings("unchecked")
  Vector child(String name) {
    return new Vector((Map<String, Object>) value(name), new byte[0]);
  }

  @SuppressWarnings("unchecked")
  static Vector child(Object map) {
    return new Vector((Map<String, Object>) map, new byte[0]);
  }

  Generation generation() {
    return Generation.all().stream()
        .filter(candidate -> candidate.number() == u32("gen"))
        .findFirst()
        .orElseThrow();
  }

  int valid() {
    return u32("valid_bit");
  }

  /** The field's mask when the input of that name is true. */
  long flag(BitField field, String name) {
    return field.of(flag(name));
  }

  /** The value as it is compared: numbers as long. */
  @Nullable Object comparable(String name) {
    Object value = in.get(name);
    if (value instanceof Number number) {
      return number.longValue();
    }
    Predicate<String> isNumber = text -> text.startsWith("0x");
    return value instanceof String text && isNumber.test(text) ? Long.valueOf(parse(text)) : value;
  }

  @Override
  public String toString() {
    return in.toString();
  }
}
