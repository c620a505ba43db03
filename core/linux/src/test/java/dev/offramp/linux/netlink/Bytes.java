package dev.offramp.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Builds what a kernel sends, byte for byte and little-endian, without the code under test. */
final class Bytes {
  private byte[] bytes = {};

  static Bytes empty() {
    return new Bytes();
  }

  Bytes u8(int... values) {
    for (int value : values) {
      append(new byte[] {(byte) value});
    }
    return this;
  }

  Bytes u16(int value) {
    return u8(value, value >>> 8);
  }

  Bytes u32(int value) {
    return u16(value).u16(value >>> 16);
  }

  Bytes attribute(int type, Bytes value) {
    u16(value.bytes.length + 4).u16(type);
    append(value.bytes);
    return pad();
  }

  Bytes attribute(int type, String text) {
    return attribute(type, empty().append(text.getBytes(StandardCharsets.UTF_8)).u8(0));
  }

  Bytes message(int type, int flags, int sequence, Bytes payload) {
    u32(payload.bytes.length + 16).u16(type).u16(flags).u32(sequence).u32(0);
    append(payload.bytes);
    return pad();
  }

  Bytes append(byte[] more) {
    int length = bytes.length;
    bytes = Arrays.copyOf(bytes, length + more.length);
    System.arraycopy(more, 0, bytes, length, more.length);
    return this;
  }

  ByteBuffer buffer() {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  byte[] array() {
    return bytes.clone();
  }

  private Bytes pad() {
    while (bytes.length % 4 != 0) {
      u8(0);
    }
    return this;
  }
}
