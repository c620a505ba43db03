package dev.offramp.provider.chelsio;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/** Bytes and completions that tests expect. */
final class Patterns {
  private Patterns() {}

  /** Fills memory with bytes that only the same seed gives again. */
  static void fill(MemorySegment segment, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    long at = 0;
    for (; at + Long.BYTES <= segment.byteSize(); at += Long.BYTES) {
      segment.set(ValueLayout.JAVA_LONG_UNALIGNED, at, random.nextLong());
    }
    for (; at < segment.byteSize(); at++) {
      segment.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
    }
  }

  static MemorySegment bytes(int size, long seed) {
    MemorySegment segment = MemorySegment.ofArray(new byte[size]);
    fill(segment, seed);
    return segment;
  }

  /** A success without anything special. */
  static Completion done(long id, Operation operation, long bytes) {
    return completion(id, operation, CompletionStatus.SUCCESS, bytes);
  }

  static Completion completion(long id, Operation operation, CompletionStatus status, long bytes) {
    return new Completion(
        id, operation, status, bytes, false, OptionalInt.empty(), OptionalLong.empty());
  }
}
