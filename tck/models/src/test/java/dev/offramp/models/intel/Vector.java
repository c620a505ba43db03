package dev.offramp.models.intel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** One line of the golden vectors: what Linux's driver was given, and the bytes it made of it. */
final class Vector {
  private final String structure;
  private final Map<String, Object> in;
  private final byte[] out;

  private Vector(String structure, Map<String, Object> in, byte[] out) {
    this.structure = structure;
    this.in = in;
    this.out = out;
  }

  /** Those of one structure; there are always some. */
  static List<Vector> of(String file, String structure) {
    List<Vector> vectors =
        all(file).stream().filter(vector -> vector.structure.equals(structure)).toList();
    assertThat(vectors).as("vectors of %s in %s", structure, file).isNotEmpty();
    return vectors;
  }

  /** Those of one file. */
  static List<Vector> all(String file) {
    List<Vector> vectors = new ArrayList<>();
    InputStream in =
        Objects.requireNonNull(
            Vector.class.getResourceAsStream("vectors/" + file + ".jsonl"), file);
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Map<String, Object> json = JSON.std.mapFrom(line);
        vectors.add(
            new Vector(
                String.valueOf(json.get("structure")),
                map(json.getOrDefault("in", Map.of())),
                HexFormat.of().parseHex(String.valueOf(json.get("out")))));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return vectors;
  }

  @SuppressWarnings("unchecked") // JSON objects have string keys
  static Map<String, Object> map(Object json) {
    return (Map<String, Object>) json;
  }

  IntelChip chip() {
    return number("gen") == 1 ? IntelChip.X722 : IntelChip.E810;
  }

  boolean has(String name) {
    return in.containsKey(name);
  }

  long number(String name) {
    return number(value(name));
  }

  /** The input itself, as JSON has it. */
  Object value(String name) {
    return Objects.requireNonNull(in.get(name), name);
  }

  static long number(Object value) {
    return switch (value) {
      case Number number -> number.longValue();
      case Boolean flag -> flag ? 1 : 0;
      case String text -> parse(text);
      default -> throw new IllegalArgumentException("seen [" + value + "]");
    };
  }

  private static long parse(String text) {
    return text.indexOf(':') > 0
        ? Long.parseLong(text.replace(":", ""), 16)
        : Long.parseUnsignedLong(text.substring(2), 16);
  }

  boolean flag(String name) {
    return number(name) != 0;
  }

  String text(String name) {
    return (String) value(name);
  }

  /** Four words of an address. */
  int[] addressWords(String name) {
    String hex = text(name);
    int[] words = new int[4];
    for (int i = 0; i < words.length; i++) {
      words[i] = Integer.parseUnsignedInt(hex.substring(8 * i, 8 * i + 8), 16);
    }
    return words;
  }

  String structure() {
    return structure;
  }

  /** The bytes. */
  byte[] out() {
    return out.clone();
  }

  long[] words() {
    return words(out);
  }

  static long[] words(byte[] bytes) {
    long[] words = new long[bytes.length / Long.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(words);
    return words;
  }

  static byte[] bytes(long[] words) {
    ByteBuffer bytes =
        ByteBuffer.allocate(words.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(words);
    return bytes.array();
  }

  /** Asserts that a field has what the input of that name says. */
  void check(Field field, String name) {
    check(field, name, number(name));
  }

  void check(Field field, String name, long expected) {
    assertThat(field.get(words())).as("%s of %s", name, this).isEqualTo(expected);
  }

  /** Asserts that no bit is set outside of {@code fields}: nothing is left undecoded. */
  void checkNothingElse(Field... fields) {
    long[] rest = words();
    for (Field field : fields) {
      field.set(rest, 0);
    }
    assertThat(rest).as("undecoded bits of %s", this).containsOnly(0L);
  }

  @Override
  public String toString() {
    return structure + in + " = " + HexFormat.of().formatHex(out);
  }
}
