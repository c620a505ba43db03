package dev.offramp.api.descriptor;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/** An immutable run of bytes: queue contents, private data. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class Octets {
  private static final Octets EMPTY = new Octets(new byte[0]);
  private static final int SHOWN_BYTES = 16;

  private final byte[] bytes;

  private Octets(byte[] bytes) {
    this.bytes = bytes;
  }

  public static Octets empty() {
    return EMPTY;
  }

  /** A copy of {@code bytes}. */
  public static Octets copyOf(byte[] bytes) {
    return bytes.length == 0 ? EMPTY : new Octets(bytes.clone());
  }

  /** A copy of what remains in {@code buffer}, whose position does not change. */
  public static Octets copyOf(ByteBuffer buffer) {
    if (!buffer.hasRemaining()) {
      return EMPTY;
    }
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return new Octets(bytes);
  }

  public int length() {
    return bytes.length;
  }

  public boolean isEmpty() {
    return bytes.length == 0;
  }

  /** A read-only view of all bytes, from position 0. Each call gives a new one. */
  public ByteBuffer asByteBuffer() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  /** A copy of all bytes. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  /** These bytes followed by {@code next}. */
  public Octets concat(Octets next) {
    if (isEmpty()) {
      return next;
    }
    if (next.isEmpty()) {
      return this;
    }
    byte[] both = Arrays.copyOf(bytes, Math.addExact(bytes.length, next.bytes.length));
    System.arraycopy(next.bytes, 0, both, bytes.length, next.bytes.length);
    return new Octets(both);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Octets that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** The length and the first bytes in hex. */
  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    String shown = hex.formatHex(bytes, 0, Math.min(bytes.length, SHOWN_BYTES));
    return bytes.length
        + " bytes"
        + (isEmpty() ? "" : " " + shown)
        + (bytes.length > SHOWN_BYTES ? "…" : "");
  }
}
