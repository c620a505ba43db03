package dev.offramp.models;

import java.io.Serial;

/** Thrown when an adapter reaches for memory that is not mapped for it. */
public final class DmaFaultException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** No address. */
  public static final long UNKNOWN = -1;

  /** The words of MemorySession of JDK 25; there is no type of its own for it. */
  private static final String CLOSED = "Already closed";

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

  /** Memory went on another thread while the adapter used it. */
  private DmaFaultException(IllegalStateException cause) {
    super("memory was given back while the adapter used it", cause);
    this.deviceAddress = UNKNOWN;
  }

  /**
   * What the JDK says of a segment whose arena another thread closes meanwhile: an IOMMU reports
   * that as a fault, too.
   *
   * @throws IllegalStateException {@code seen} itself when it says anything else
   */
  public static DmaFaultException of(IllegalStateException seen) {
    if (!CLOSED.equals(seen.getMessage())) {
      throw seen;
    }
    return new DmaFaultException(seen);
  }

  /** Where the adapter reached; {@link #UNKNOWN} when it was there a moment before. */
  public long deviceAddress() {
    return deviceAddress;
  }
}
