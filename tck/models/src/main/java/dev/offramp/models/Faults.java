package dev.offramp.models;

/**
 * What is to go wrong in a model. A model asks by name at each place where a real device can fail;
 * the names are constants of the model. Safe for any thread.
 */
@FunctionalInterface
public interface Faults {
  /** The answer of a place that works. */
  long NO_FAULT = 0;

  /** Nothing goes wrong. */
  Faults NONE = place -> NO_FAULT;

  /**
   * Asked once each time that the model comes by.
   *
   * @param place which of the model's places
   * @return {@link #NO_FAULT}, or what the place is to do instead: an error code, or 1
   */
  long at(String place);
}
