package dev.offramp.linux.tcp;

import dev.offramp.linux.libc.LibC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The eBPF program of a {@link Fence}, loaded when it is first asked for. Thread-safe. The
 * descriptor stays open for as long as the process lives: one for all sockets and stacks.
 */
final class FenceProgram {
  static final FenceProgram OF_PROCESS = new FenceProgram();

  // include/uapi/linux/bpf.h
  private static final int BPF_PROG_LOAD = 5;
  private static final int BPF_PROG_TYPE_SOCKET_FILTER = 1;

  /** r0 = 0 (keep no byte of the segment); exit. */
  private static final byte[] DROP_ALL = {
    (byte) 0xB7, 0, 0, 0, 0, 0, 0, 0, (byte) 0x95, 0, 0, 0, 0, 0, 0, 0
  };

  private static final int INSTRUCTION_BYTES = 8;

  // union bpf_attr of BPF_PROG_LOAD, as far as Linux 4.4 has it; newer kernels take the rest as 0.
  private static final int ATTRIBUTES_BYTES = 48;
  private static final int ATTRIBUTES_TYPE = 0;
  private static final int ATTRIBUTES_COUNT = 4;
  private static final int ATTRIBUTES_INSTRUCTIONS = 8;
  private static final int ATTRIBUTES_LICENSE = 16;

  private static final long NOT_LOADED = -1;

  private volatile long descriptor = NOT_LOADED;

  /**
   * Its descriptor.
   *
   * @param libc to load it with, when that has not been done
   * @return a negative errno where the kernel refuses; it can be asked again
   */
  long descriptor(LibC libc) {
    return descriptor == NOT_LOADED ? load(libc) : descriptor;
  }

  private synchronized long load(LibC libc) {
    if (descriptor != NOT_LOADED) {
      return descriptor;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment instructions = arena.allocate(DROP_ALL.length, Long.BYTES);
      MemorySegment.copy(DROP_ALL, 0, instructions, ValueLayout.JAVA_BYTE, 0, DROP_ALL.length);
      MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, Long.BYTES);
      attributes.set(ValueLayout.JAVA_INT, ATTRIBUTES_TYPE, BPF_PROG_TYPE_SOCKET_FILTER);
      attributes.set(ValueLayout.JAVA_INT, ATTRIBUTES_COUNT, DROP_ALL.length / INSTRUCTION_BYTES);
      attributes.set(ValueLayout.ADDRESS, ATTRIBUTES_INSTRUCTIONS, instructions);
      attributes.set(ValueLayout.ADDRESS, ATTRIBUTES_LICENSE, arena.allocateFrom("Apache-2.0"));
      // The kernel makes the descriptor close-on-exec.
      long loaded = libc.bpf(BPF_PROG_LOAD, attributes, ATTRIBUTES_BYTES);
      if (loaded >= 0) {
        descriptor = loaded;
      }
      return loaded;
    }
  }
}
