package dev.offramp.provider.chelsio.vectors;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What was decoded, compared with a vector's values, and the bytes that follow from it. */
final class Decoded {
  private final Vector vector;
  private final byte[] bytes;
  private final Set<String> seen = new HashSet<>();
  private final List<String> differences = new ArrayList<>();

  Decoded(Vector vector) {
    this.vector = vector;
    this.bytes = new byte[vector.out().length];
  }

  Input in() {
    return vector.in();
  }

  /** A field of whole bytes, most significant first. */
  Decoded field(String name, long value, int at, int sizeBytes) {
    return bits(name, value, at, sizeBytes, 0);
  }

  /** A field of bits in a word of {@code sizeBytes}. */
  Decoded bits(String name, long value, int at, int sizeBytes, int shift) {
    check(name, value);
    return raw(value << shift, at, sizeBytes);
  }

  /** A field in the host's order. */
  Decoded little(String name, long value, int at, int sizeBytes) {
    check(name, value);
    long swapped = Long.reverseBytes(value) >>> (Byte.SIZE * (Long.BYTES - sizeBytes));
    return raw(swapped, at, sizeBytes);
  }

  /** Bytes that no value of the vector stands for. */
  Decoded raw(long value, int at, int sizeBytes) {
    for (int i = 0; i < sizeBytes; i++) {
      bytes[at + i] |= (byte) (value >>> (Byte.SIZE * (sizeBytes - 1 - i)));
    }
    return this;
  }

  /** A value of the vector, where it has it. */
  void check(String name, long value) {
    seen.add(name);
    if (vector.in().has(name) && expected(name) != value) {
      differences.add("[%s]: expected [%#x], decoded [%#x]".formatted(name, expected(name), value));
    }
  }

  void ignore(String name) {
    seen.add(name);
  }

  void differ(String what) {
    differences.add(what);
  }

  private long expected(String name) {
    return switch (vector.in().values().get(name)) {
      case String text when text.equals("sq") -> 1;
      case String text when text.equals("rq") -> 0;
      case null, default -> vector.in().number(name);
    };
  }

  Optional<String> difference() {
    for (String name : vector.in().names()) {
      if (!seen.contains(name)) {
        differences.add("[" + name + "] was not decoded");
      }
    }
    return differences.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", differences));
  }

  byte[] bytes() {
    return bytes.clone();
  }
}
