package dev.offramp.models;

import java.io.Serial;

/** Thrown when an adapter reaches for memory that is not mapped for it. */
public final class DmaFaultException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final long deviceAddress;

  /**
   * Says what was reached for.
   *
   * @param deviceAddress where
   * @param sizeBytes how much
   */
  public DmaFaultException(long deviceAddress, long sizeBytes) {
    super(
        "no mapping holds [%d] bytes at device address [%#x]".formatted(sizeBytes, deviceAddress));
    this.deviceAddress = deviceAddress;
  }

  /** Where the adapter reached. */
  public long deviceAddress() {
    return deviceAddress;
  }
}
