package dev.offramp.models;

/** The interrupt lines of an adapter. Safe for any thread. */
@FunctionalInterface
public interface Interrupts {
  /**
   * Raises one; nothing happens when nobody listens.
   *
   * @param vector 0 and up
   */
  void raise(int vector);
}
