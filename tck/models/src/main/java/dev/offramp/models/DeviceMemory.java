package dev.offramp.models;

import java.lang.foreign.MemorySegment;

/**
 * The host's memory as an adapter sees it: by device address, and only what was allocated or mapped
 * for it. Safe for use by several threads; look-ups do not lock.
 */
public interface DeviceMemory {
  /**
   * The bytes behind a device address.
   *
   * @throws DmaFaultException when not all of them are mapped, in one piece
   */
  MemorySegment at(long deviceAddress, long sizeBytes) throws DmaFaultException;
}
