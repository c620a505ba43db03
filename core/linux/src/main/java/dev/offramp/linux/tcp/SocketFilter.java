package dev.offramp.linux.tcp;

import dev.offramp.linux.libc.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A classic BPF program on a socket: {@code struct sock_filter} (include/uapi/linux/filter.h), 8
 * bytes each. Attaching and detaching one on a TCP socket that is in repair, or to be, needs
 * CAP_NET_ADMIN here anyway.
 */
public final class SocketFilter {
  private static final int INSTRUCTION_BYTES = 8;
  private static final int FPROG_BYTES = 16;
  private static final int FPROG_FILTER = 8;

  /** Longer programs get memory of their own. */
  private static final int MAX_SCRATCH_BYTES = 512;

  private static final SocketFilter NO_PROGRAM = new SocketFilter(new byte[0]);

  /** BPF_RET | BPF_K with k = 0: keep no byte, that is, drop the segment. */
  private static final SocketFilter DROP_ALL =
      new SocketFilter(new byte[] {0x06, 0, 0, 0, 0, 0, 0, 0});

  private final byte[] instructions;

  private SocketFilter(byte[] instructions) {
    this.instructions = instructions;
  }

  /** The fence: the socket takes no segment, and answers none. */
  public static SocketFilter dropAll() {
    return DROP_ALL;
  }

  /** A program from its instructions, 8 bytes each. */
  public static SocketFilter of(byte[] instructions) {
    if (instructions.length % INSTRUCTION_BYTES != 0) {
      throw new IllegalArgumentException(
          instructions.length + " bytes; expected a multiple of " + INSTRUCTION_BYTES);
    }
    return new SocketFilter(instructions.clone());
  }

  /**
   * The program that is attached; an empty one when there is none.
   *
   * @throws LinuxException with EACCES when it is an eBPF program, which cannot be read back
   */
  public static SocketFilter attachedTo(OsSocket socket) throws LinuxException {
    int count = read(socket, MemorySegment.NULL, 0);
    if (count == 0) {
      return NO_PROGRAM;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment program = arena.allocate((long) count * INSTRUCTION_BYTES, Integer.BYTES);
      read(socket, program, count);
      return new SocketFilter(program.toArray(ValueLayout.JAVA_BYTE));
    }
  }

  /** SO_GET_FILTER counts in instructions: asked with 0 it says how many there are. */
  private static int read(OsSocket socket, MemorySegment to, int count) throws LinuxException {
    Scratch scratch = Scratch.own();
    Opt option = Opt.SO_GET_FILTER;
    LinuxException.check(
        socket
            .libc()
            .getsockopt(socket.fd(), option.level(), option.number(), to, scratch.length(count)),
        "getsockopt(SO_GET_FILTER)");
    return scratch.length();
  }

  /** Whether a {@code struct sock_fprog} is the program of {@link #dropAll}. */
  @SuppressWarnings("restricted") // the memory is the caller's own, and as long as it says
  public static boolean isDropAll(MemorySegment fprog) {
    long count = fprog.get(ValueLayout.JAVA_SHORT, 0) & 0xFFFFL;
    MemorySegment program =
        fprog.get(ValueLayout.ADDRESS, FPROG_FILTER).reinterpret(count * INSTRUCTION_BYTES);
    return dropAll().equals(new SocketFilter(program.toArray(ValueLayout.JAVA_BYTE)));
  }

  public boolean isEmpty() {
    return instructions.length == 0;
  }

  /** Makes this the socket's only program; an empty one takes away what is there. */
  public void attachTo(OsSocket socket) throws LinuxException {
    if (isEmpty()) {
      socket.setInt(Opt.SO_DETACH_FILTER, 0);
      return;
    }
    if (instructions.length <= MAX_SCRATCH_BYTES) {
      MemorySegment memory = Scratch.own().value(FPROG_BYTES + instructions.length);
      attach(socket, memory, memory.asSlice(FPROG_BYTES));
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      attach(
          socket,
          arena.allocate(FPROG_BYTES, Long.BYTES),
          arena.allocate(instructions.length, Integer.BYTES));
    }
  }

  private void attach(OsSocket socket, MemorySegment memory, MemorySegment program)
      throws LinuxException {
    MemorySegment fprog = memory.asSlice(0, FPROG_BYTES);
    MemorySegment.copy(instructions, 0, program, ValueLayout.JAVA_BYTE, 0, instructions.length);
    fprog.set(ValueLayout.JAVA_LONG, 0, instructions.length / INSTRUCTION_BYTES);
    fprog.set(ValueLayout.ADDRESS, FPROG_FILTER, program);
    socket.set(Opt.SO_ATTACH_FILTER, fprog);
  }

  @Override
  public boolean equals(@org.jspecify.annotations.Nullable Object other) {
    return other instanceof SocketFilter that && Arrays.equals(instructions, that.instructions);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(instructions);
  }

  @Override
  public String toString() {
    return "SocketFilter[" + instructions.length / INSTRUCTION_BYTES + " instructions]";
  }
}
