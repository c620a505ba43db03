package dev.offramp.iwarp;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Golden bytes. */
public final class Hex {
  private Hex() {}

  /** Bytes of a hex string; blanks do not count. */
  public static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  /** A buffer with these bytes. */
  public static ByteBuffer buffer(String hex) {
    return ByteBuffer.wrap(bytes(hex));
  }

  /** What remains in a buffer; its position stays. */
  public static String of(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
