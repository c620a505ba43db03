package dev.offramp.cli.demo;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Bytes that look random and can be made again from a seed, and their digests. */
public final class Pattern {
  private static final long VIEW_BYTES = 1L << 28;

  private Pattern() {}

  /** Fills a segment; its size must be a multiple of 8. */
  public static void fill(MemorySegment segment, long seed) {
    long state = seed | 1;
    for (long offset = 0; offset < segment.byteSize(); offset += Long.BYTES) {
      state = next(state);
      segment.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, state);
    }
  }

  /** Fills what remains of a buffer, a multiple of 8; returns the state to go on with. */
  static long fill(ByteBuffer buffer, long state) {
    long current = state;
    while (buffer.remaining() >= Long.BYTES) {
      current = next(current);
      buffer.putLong(current);
    }
    return current;
  }

  /** SHA-256 of a segment, in hex. */
  public static String digest(MemorySegment segment) {
    MessageDigest digest = sha256();
    for (long at = 0; at < segment.byteSize(); at += VIEW_BYTES) {
      digest.update(
          segment.asSlice(at, Math.min(VIEW_BYTES, segment.byteSize() - at)).asByteBuffer());
    }
    return hex(digest);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Marsaglia's xorshift with shifts 13, 7, 17. */
  private static long next(long state) {
    long x = state;
    x ^= x << 13;
    x ^= x >>> 7;
    x ^= x << 17;
    return x;
  }
}
