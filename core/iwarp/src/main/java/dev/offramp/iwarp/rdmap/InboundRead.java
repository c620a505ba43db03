package dev.offramp.iwarp.rdmap;

import org.jspecify.annotations.Nullable;

/** A peer's Read or Atomic Request that waits for its answer; used again and again. */
final class InboundRead {
  boolean atomic;

  /** Where the peer wants the answer: copied back untouched. */
  int sinkStag;

  long sinkOffset;

  /** What is read; null for a zero-length Read. */
  @Nullable Region source;

  /** Offset of the first byte within the source. */
  long sourceOffset;

  long length;
  long sent;

  /** Answer of an atomic operation, done already. */
  int request;

  long original;
}
