package dev.offramp.models.chelsio;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** A command as it lies in memory: big-endian numbers at offsets. Shares no code with the model. */
final class Raw {
  private final byte[] array;
  private final ByteBuffer bytes;

  private Raw(byte[] array) {
    this.array = array;
    this.bytes = ByteBuffer.wrap(array);
  }

  /** So many zeros. */
  static Raw of(int size) {
    return new Raw(new byte[size]);
  }

  /** What is in {@code bytes}, to be read or changed in place. */
  static Raw on(byte[] bytes) {
    return new Raw(bytes);
  }

  Raw u8(int at, int value) {
    bytes.put(at, (byte) value);
    return this;
  }

  Raw u16(int at, int value) {
    bytes.putShort(at, (short) value);
    return this;
  }

  Raw u32(int at, long value) {
    bytes.putInt(at, (int) value);
    return this;
  }

  Raw u64(int at, long value) {
    bytes.putLong(at, value);
    return this;
  }

  Raw mac(int at, long value) {
    return u16(at, (int) (value >>> 32)).u32(at + 2, value);
  }

  Raw put(int at, byte[] more) {
    bytes.put(at, more);
    return this;
  }

  int u8(int at) {
    return bytes.get(at) & 0xFF;
  }

  int u16(int at) {
    return bytes.getShort(at) & 0xFFFF;
  }

  int u32(int at) {
    return bytes.getInt(at);
  }

  long u64(int at) {
    return bytes.getLong(at);
  }

  byte[] bytes() {
    return array;
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(array);
  }
}
