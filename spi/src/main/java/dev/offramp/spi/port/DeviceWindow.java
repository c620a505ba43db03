package dev.offramp.spi.port;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.apiguardian.api.API;

/**
 * An adapter's registers, the memory that it can reach, and its interrupts. Registers are
 * little-endian, as PCI is; a driver swaps where its device wants it otherwise. All accesses of one
 * thread reach the device in program order.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface DeviceWindow {
  /** How many bytes a base address register spans; 0 when the adapter has no such register. */
  long sizeBytes(int bar);

  int read32(int bar, long offset);

  long read64(int bar, long offset);

  void write32(int bar, long offset, int value);

  void write64(int bar, long offset, long value);

  /**
   * Writes 64 consecutive bytes as one burst, for write-combined doorbells.
   *
   * @param source a slab that holds the bytes
   * @param sourceOffset where they begin, a multiple of 8
   */
  void write512(int bar, long offset, DmaSlab source, long sourceOffset);

  /**
   * Memory that both the host and the adapter can reach, zeroed.
   *
   * @param sizeBytes how much
   * @param alignmentBytes a power of two
   * @throws OutOfDeviceMemoryException when there is not enough
   */
  DmaSlab allocate(long sizeBytes, long alignmentBytes);

  /**
   * Memory of an application made reachable for the adapter, as long as the mapping is open.
   *
   * @param segment native memory
   */
  DmaMapping map(MemorySegment segment);

  /**
   * Says who is told of interrupts. Called on an event loop's thread.
   *
   * @param vector 0 and up
   */
  void onInterrupt(int vector, EventLoop loop, Runnable handler);

  /**
   * Waits until {@code (read32(bar, offset) & mask) == value}, with a deadline.
   *
   * @return the last value read, whether it matched or not
   */
  int await32(int bar, long offset, int mask, int value, Duration deadline);

  /** Waits until all earlier writes have reached the device's memory view (a store fence). */
  void fence();

  /**
   * Has the adapter's function reset by whoever owns it: for a driver whose device answers no
   * command any more and still has connections. Afterwards the adapter is as it was before a driver
   * brought it up: it has forgotten queues, filters and connections, takes no segment of theirs,
   * sends none, says nothing to their peers, and reaches no memory. What the host has stays: slabs,
   * mappings, and who is told of interrupts. A register write that comes after it may find the new
   * device.
   *
   * <p>It is the whole function that goes, with all that others have on it, such as the port's
   * Ethernet: a last resort. For any thread; it waits, a second or more, so no lock may be held
   * that the handler of an interrupt or whoever looks at the device needs.
   *
   * <p>Sources: irdma's {@code request_reset}, by which the vendor's RDMA driver asks the Ethernet
   * driver that owns the function; {@code VFIO_DEVICE_RESET} of Linux's VFIO; the PCI Express base
   * specification's function level reset.
   *
   * @return whether that has happened when this returns; false where the platform has no such means
   *     or the adapter is gone, and then nothing has changed
   */
  default boolean reset() {
    return false;
  }
}
