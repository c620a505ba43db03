package dev.offramp.checker;

import dev.offramp.checker.qual.MessageSequenceNumber;
import dev.offramp.checker.qual.PlainNumber;
import dev.offramp.checker.qual.STag;
import dev.offramp.checker.qual.SequenceNumber;
import org.checkerframework.framework.type.AnnotatedTypeMirror;

/** What the annotation of a type says about a number. */
enum NumberKind {
  SEQUENCE_NUMBER("a sequence number"),
  MESSAGE_SEQUENCE_NUMBER("an MSN"),
  STAG("an STag"),
  PLAIN("a plain number"),
  ANY("a number");

  private final String words;

  NumberKind(String words) {
    this.words = words;
  }

  static NumberKind of(AnnotatedTypeMirror type) {
    if (type.hasPrimaryAnnotation(SequenceNumber.class)) {
      return SEQUENCE_NUMBER;
    }
    if (type.hasPrimaryAnnotation(MessageSequenceNumber.class)) {
      return MESSAGE_SEQUENCE_NUMBER;
    }
    if (type.hasPrimaryAnnotation(STag.class)) {
      return STAG;
    }
    return type.hasPrimaryAnnotation(PlainNumber.class) ? PLAIN : ANY;
  }

  /** Counts modulo 2^32. */
  boolean wraps() {
    return this == SEQUENCE_NUMBER || this == MESSAGE_SEQUENCE_NUMBER;
  }

  boolean isPlain() {
    return this == PLAIN;
  }

  boolean isSpecial() {
    return this == STAG || wraps();
  }

  @Override
  public String toString() {
    return words;
  }
}
