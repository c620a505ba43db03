package dev.offramp.tck.wire;

import java.util.SortedSet;
import java.util.TreeSet;

/** The registered Terminates, layer, type and code in one number (RFC 6580, 6581, 7306). */
public final class Triples {
  private Triples() {}

  /** All of them: {@code 0x1102} for 1/1/02. */
  public static SortedSet<Integer> registered() {
    return new TreeSet<>(TerminateCheck.registered());
  }
}
