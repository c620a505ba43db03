package dev.offramp.provider.chelsio.vectors;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** What production code makes of a vector. */
@FunctionalInterface
interface Binding {
  /** How production code and vector differ; empty when they do not. */
  Optional<String> difference(Vector vector);

  /** Writes into memory that holds rubbish before; returns how many bytes count. */
  @FunctionalInterface
  interface Encoder {
    long encode(Input in, MemorySegment segment, long offset);
  }

  /** Reads the fields. */
  @FunctionalInterface
  interface Decoder {
    void decode(Decoded decoded, MemorySegment segment);
  }

  /** An encoder must give the vector's bytes and touch none after them. */
  static Binding encodes(Encoder encoder) {
    return vector -> {
      int before = 24;
      int after = 64;
      byte rubbish = (byte) 0xA5;
      byte[] memory = new byte[before + vector.out().length + after];
      Arrays.fill(memory, rubbish);
      long size = encoder.encode(vector.in(), MemorySegment.ofArray(memory), before);
      byte[] made = Arrays.copyOfRange(memory, before, (int) (before + size));
      for (int i = 0; i < memory.length; i++) {
        boolean outside = i < before || i >= before + size;
        if (outside && memory[i] != rubbish) {
          return Optional.of(
              "byte [%d] outside of the structure was changed".formatted(i - before));
        }
      }
      return compare(vector.out(), made);
    };
  }

  /** A value must be the vector's bytes, most significant first. */
  static Binding computes(ToLongFunction<Input> value, int sizeBytes) {
    return encodes((in, segment, offset) -> {
      long number = value.applyAsLong(in);
      for (int i = 0; i < sizeBytes; i++) {
        segment.set(
            ValueLayout.JAVA_BYTE,
            offset + i,
            (byte) (number >>> (Byte.SIZE * (sizeBytes - 1 - i))));
      }
      return sizeBytes;
    });
  }

  /**
   * A decoder must give the vector's values; and the bytes, made anew from what was decoded, must
   * be the vector's, so that no field is left out.
   */
  static Binding decodes(Decoder decoder) {
    return vector -> {
      Decoded decoded = new Decoded(vector);
      decoder.decode(decoded, MemorySegment.ofArray(vector.out()));
      return decoded.difference().or(() -> compare(vector.out(), decoded.bytes()));
    };
  }

  static Optional<String> compare(byte[] expected, byte[] made) {
    return Arrays.equals(expected, made)
        ? Optional.empty()
        : Optional.of(
            "expected [%s], made [%s]"
                .formatted(HexFormat.of().formatHex(expected), HexFormat.of().formatHex(made)));
  }
}
