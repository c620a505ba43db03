package dev.offramp.models;

import dev.offramp.api.descriptor.Octets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/** One entry of a {@link RecordingWindow}'s trace; {@code toString} is a line for people. */
public sealed interface WindowAccess {
  /**
   * A register was read.
   *
   * @param bits its width, 32 or 64
   * @param value what it gave, unsigned
   */
  record Read(int bar, long offset, int bits, long value) implements WindowAccess {
    @Override
    public String toString() {
      return "read%d   bar %d [%#08x] = %s".formatted(bits, bar, offset, hex(bits, value));
    }
  }

  /**
   * A register was written.
   *
   * @param bits its width, 32 or 64
   * @param value what, unsigned
   */
  record Write(int bar, long offset, int bits, long value) implements WindowAccess {
    @Override
    public String toString() {
      return "write%d  bar %d [%#08x] = %s".formatted(bits, bar, offset, hex(bits, value));
    }
  }

  /** 64 bytes were written as one. */
  record Burst(int bar, long offset, Octets bytes) implements WindowAccess {
    @Override
    public String toString() {
      return "write512 bar %d [%#08x] = %s".formatted(bar, offset, hex(bytes));
    }
  }

  /**
   * A register was waited for.
   *
   * @param seen the last value
   */
  record Await(int bar, long offset, long mask, long value, long seen) implements WindowAccess {
    @Override
    public String toString() {
      return "await32  bar %d [%#08x] & %08x == %08x: %s %08x"
          .formatted(
              bar, offset, mask, value, (seen & mask) == value ? "seen" : "gave up at", seen);
    }
  }

  /** Bytes of a slab are not what they were. */
  record Memory(int slab, long offset, Octets bytes) implements WindowAccess {
    @Override
    public String toString() {
      return "memory   slab %d [%#06x] = %s".formatted(slab, offset, hex(bytes));
    }
  }

  /**
   * A slab was allocated.
   *
   * @param slab its number, from 1
   */
  record Allocate(int slab, long sizeBytes, long alignmentBytes, long deviceAddress)
      implements WindowAccess {
    @Override
    public String toString() {
      return "allocate slab %d: %d bytes, aligned to %d, at %#x"
          .formatted(slab, sizeBytes, alignmentBytes, deviceAddress);
    }
  }

  /** A slab was given back. */
  record Free(int slab) implements WindowAccess {
    @Override
    public String toString() {
      return "free     slab " + slab;
    }
  }

  /** An application's memory was mapped. */
  record Map(long sizeBytes, long deviceAddress) implements WindowAccess {
    @Override
    public String toString() {
      return "map      %d bytes at %#x".formatted(sizeBytes, deviceAddress);
    }
  }

  /** A mapping was ended. */
  record Unmap(long deviceAddress) implements WindowAccess {
    @Override
    public String toString() {
      return "unmap    %#x".formatted(deviceAddress);
    }
  }

  /** A handler for a vector was set. */
  record Listen(int vector) implements WindowAccess {
    @Override
    public String toString() {
      return "listen   vector " + vector;
    }
  }

  /** A vector's handler was called. */
  record Interrupt(int vector) implements WindowAccess {
    @Override
    public String toString() {
      return "interrupt vector " + vector;
    }
  }

  /** A store fence. */
  record Fence() implements WindowAccess {
    @Override
    public String toString() {
      return "fence";
    }
  }

  /**
   * A reset of the function was asked for.
   *
   * @param done whether it has happened
   */
  record Reset(boolean done) implements WindowAccess {
    @Override
    public String toString() {
      return "reset    " + (done ? "done" : "not to be had");
    }
  }

  /** The bytes of a segment. */
  static Octets copyOf(MemorySegment bytes) {
    return Octets.copyOf(bytes.toArray(ValueLayout.JAVA_BYTE));
  }

  private static String hex(int bits, long value) {
    return HexFormat.of().toHexDigits(value, bits / 4);
  }

  private static String hex(Octets bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }
}
