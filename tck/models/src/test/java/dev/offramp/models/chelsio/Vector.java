package dev.offramp.models.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.offramp.api.descriptor.MacAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
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

  /** A test of one line. */
  @FunctionalInterface
  interface Check {
    void run(Vector vector) throws Exception;
  }

  /** Runs a check on all of one structure; there are always some. */
  static void forEach(String file, String structure, Check check) throws Exception {
    int count = 0;
    for (Vector vector : all(file)) {
      if (vector.structure.equals(structure)) {
        count++;
        try {
          check.run(vector);
        } catch (Exception | AssertionError e) {
          throw new AssertionError("vector " + vector, e);
        }
      }
    }
    assertThat(count).as("vectors of %s in %s", structure, file).isPositive();
  }

  private static List<Vector> all(String file) {
    List<Vector> vectors = new ArrayList<>();
    InputStream lines =
        Objects.requireNonNull(
            Vector.class.getResourceAsStream("vectors/chelsio." + file + ".jsonl"), file);
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(lines, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
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

  boolean has(String name) {
    return in.containsKey(name);
  }

  Object value(String name) {
    return Objects.requireNonNull(in.get(name), name);
  }

  /** A number, whether JSON has it as one or as hexadecimal text, or a boolean as 0 or 1. */
  long number(String name) {
    return number(value(name));
  }

  static long number(Object value) {
    return switch (value) {
      case Number number -> number.longValue();
      case Boolean flag -> flag ? 1 : 0;
      case String text -> Long.parseUnsignedLong(text.substring(2), 16);
      default -> throw new IllegalArgumentException("seen [" + value + "]");
    };
  }

  int integer(String name) {
    return (int) number(name);
  }

  boolean flag(String name) {
    return number(name) != 0;
  }

  String text(String name) {
    return (String) value(name);
  }

  byte[] bytes(String name) {
    return HexFormat.of().parseHex(text(name));
  }

  MacAddress mac(String name) {
    return new MacAddress(Long.parseLong(text(name).replace(":", ""), 16));
  }

  InetAddress address(String name) throws IOException {
    return InetAddress.getByName(text(name));
  }

  /** What the host stores in its own order and the chip only echoes. */
  long echoed64(String name) {
    return Long.reverseBytes(number(name));
  }

  static int echoed16(long number) {
    return Short.toUnsignedInt(Short.reverseBytes((short) number));
  }

  List<RiWork.Sge> sges(String name) {
    List<RiWork.Sge> list = new ArrayList<>();
    for (Object entry : (List<?>) value(name)) {
      list.add(sge(entry));
    }
    return list;
  }

  static RiWork.Sge sge(Object json) {
    Map<String, Object> entry = map(json);
    // "lkey" is what the vectors' author calls an SGE's STag.
    return new RiWork.Sge(
        (int) number(Objects.requireNonNull(entry.get("lkey"))),
        number(Objects.requireNonNull(entry.get("length"))),
        number(Objects.requireNonNull(entry.get("addr"))));
  }

  byte[] out() {
    return out.clone();
  }

  MemorySegment segment() {
    return MemorySegment.ofArray(out.clone());
  }

  @Override
  public String toString() {
    return structure + in + " = " + HexFormat.of().formatHex(out);
  }
}
