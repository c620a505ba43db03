package dev.offramp.runtime.mpa;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** MPA frames as bytes, made without the engine that is under test (RFC 5044, section 7.1.1). */
final class RawFrame {
  static final int CRC = 0x40;
  static final int REJECT = 0x20;
  static final int ENHANCED = 0x10;
  static final int HEADER_BYTES = 20;

  private RawFrame() {}

  static byte[] request(int flags, int revision, byte[] privateData) {
    return frame("MPA ID Req Frame", flags, revision, privateData.length, privateData);
  }

  static byte[] reply(int flags, int revision, byte[] privateData) {
    return frame("MPA ID Rep Frame", flags, revision, privateData.length, privateData);
  }

  /** With a PD_Length that need not be true. */
  static byte[] frame(String key, int flags, int revision, int pdLength, byte[] privateData) {
    return ByteBuffer.allocate(HEADER_BYTES + privateData.length)
        .put(key.getBytes(StandardCharsets.US_ASCII))
        .put((byte) flags)
        .put((byte) revision)
        .putShort((short) pdLength)
        .put(privateData)
        .array();
  }

  /** The enhanced block (RFC 6581, section 9), then private data. */
  static byte[] enhanced(int ird, int ord, byte[] privateData) {
    return ByteBuffer.allocate(4 + privateData.length)
        .putShort((short) ird)
        .putShort((short) ord)
        .put(privateData)
        .array();
  }

  /** Bytes that differ at every place. */
  static byte[] data(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 7 + i / 256 + length);
    }
    return bytes;
  }
}
