package dev.offramp.tck.trace;

import dev.offramp.api.descriptor.Octets;

/**
 * One thing that happened at a port.
 *
 * @param number its place in the order, from 0
 * @param nanos the kit's clock
 * @param kind what kind of thing
 * @param place where: a register, an offset in a slab, a method
 * @param bytes what was written or sent; empty when there are none
 * @param text the rest, for people
 */
public record TraceEvent(
    int number, long nanos, Kind kind, String place, Octets bytes, String text) {
  /** Kinds of events. */
  public enum Kind {
    /** The kit calls the driver. */
    CALL,
    /** The driver returns. */
    RETURN,
    /** The driver throws. */
    THROW,
    /** A line of the driver's log. */
    LOG,
    /** A call of RnicEvents. */
    EVENT,
    /** The driver looks up a setting. */
    SETTING,
    /** A register is written. */
    REGISTER_WRITE,
    /** A register is read. */
    REGISTER_READ,
    /** The driver changed memory that the device can reach, and then wrote a register. */
    DMA,
    /** Memory was allocated or mapped. */
    MEMORY,
    /** The adapter's function is reset. */
    RESET,
    /** A stream is asked for. */
    PREPARE,
    /** A stream is let go. */
    ACTIVATE,
    /** A stream is given up. */
    ABANDON,
    /** A model has claimed a 4-tuple. */
    CLAIM,
    /** A model puts in a connection that it decoded. */
    INSTALL,
    /** Octets go to the peer. */
    SENT,
    /** Octets came from the peer. */
    RECEIVED,
    /** The driver's side sends a FIN. */
    FIN,
    /** The driver's side sends a RST. */
    RST,
    /** Something was made to go wrong. */
    FAULT
  }

  /** Whether it can be seen from outside the driver: a device or peer could tell. */
  public boolean isOutput() {
    return switch (kind) {
      case REGISTER_WRITE, DMA, RESET, PREPARE, ACTIVATE, ABANDON, SENT, FIN, RST -> true;
      default -> false;
    };
  }

  /** One line. */
  @Override
  public String toString() {
    return "%5d %-14s %s%s%s"
        .formatted(
            number,
            kind,
            place,
            bytes.isEmpty() ? "" : " [" + bytes + "]",
            text.isEmpty() ? "" : " " + text);
  }
}
