package dev.offramp.linux.tcp;

import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Native memory for the bytes of one queue. One small buffer is kept for the next move; large ones
 * come as pages that the kernel has zeroed already, where an arena would write them once more.
 */
final class QueueBuffer implements AutoCloseable {
  private static final int KEPT_BYTES = 2 << 20;

  // include/uapi/asm-generic/mman-common.h
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;

  private static final AtomicReference<@Nullable MemorySegment> KEPT = new AtomicReference<>();

  private final @Nullable LibC mappedBy;
  private final MemorySegment whole;
  private final MemorySegment bytes;

  private QueueBuffer(@Nullable LibC mappedBy, MemorySegment whole, long bytes) {
    this.mappedBy = mappedBy;
    this.whole = whole;
    this.bytes = whole.asSlice(0, bytes);
  }

  /** Room for {@code bytes}, with anything in it. */
  static QueueBuffer of(LibC libc, long bytes) throws LinuxException {
    if (bytes > KEPT_BYTES) {
      return new QueueBuffer(libc, map(libc, bytes), bytes);
    }
    MemorySegment kept = KEPT.getAndSet(null);
    return new QueueBuffer(
        null, kept == null ? Arena.ofAuto().allocate(KEPT_BYTES, Long.BYTES) : kept, bytes);
  }

  @SuppressWarnings("restricted") // The kernel has just given these pages, and close() ends them.
  private static MemorySegment map(LibC libc, long bytes) throws LinuxException {
    long address =
        LinuxException.check(
            libc.mmap(0, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0),
            "mmap for a queue's bytes");
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  MemorySegment bytes() {
    return bytes;
  }

  @Override
  public void close() {
    LibC libc = mappedBy;
    if (libc == null) {
      KEPT.set(whole);
    } else {
      libc.munmap(whole.address(), whole.byteSize());
    }
  }
}
