package dev.offramp.runtime.move;

import dev.offramp.spi.Rnic;

/**
 * An RNIC that is up.
 *
 * @param name by which applications ask for it
 * @param rnic the RNIC
 * @param stack what its connections' TCP runs on: two RNICs with the same one can hand a socket to
 *     each other; an adapter is its own
 */
public record OpenRnic(String name, Rnic rnic, Object stack) {
  /** Whether a connection can move from here to {@code other} without moving TCP. */
  boolean sharesStackWith(OpenRnic other) {
    return stack.equals(other.stack);
  }
}
