package dev.offramp.models;

import dev.offramp.spi.Device;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The register side of a modelled adapter. A driver's thread calls it, so it answers from state
 * that is safe to read there, and leaves the work to the model's own {@link ModelPlatform#loop()
 * loop}.
 */
public interface AdapterModel extends AutoCloseable {
  /** What the adapter says of itself: its name and PCI ids. */
  Device device();

  /** How many bytes a base address register spans; 0 when there is none. */
  long barBytes(int bar);

  /** Four bytes; all ones where nothing is, as on PCI. */
  int read32(int bar, long offset);

  long read64(int bar, long offset);

  void write32(int bar, long offset, int value);

  void write64(int bar, long offset, long value);

  /**
   * A burst of 64 bytes.
   *
   * @param bytes to be copied before this returns
   */
  void write512(int bar, long offset, MemorySegment bytes);

  /**
   * Resets the function, as {@link dev.offramp.spi.port.DeviceWindow#reset} has it. For any thread,
   * the loop's too; it waits for the loop.
   *
   * @return whether that has happened; false when the model has no reset, or its registers can no
   *     longer be reached
   */
  default boolean reset() {
    return false;
  }

  /**
   * What the model has against its driver so far, for people: rules that it broke, and why commands
   * were refused, where the chip itself would give a number or nothing. Empty when all is well.
   * Safe for any thread.
   */
  default List<String> complaints() {
    return List.of();
  }

  /** Ends every connection that the adapter has, without a word. Idempotent. */
  @Override
  void close();
}
