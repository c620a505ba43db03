package dev.offramp.benchmarks.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class StreamCountsTest {
  private final StreamCounts counts = new StreamCounts();

  @Test
  void bytesOfRegisteredMemoryAreToldFromOthers() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(100);
      counts.watch(memory.asSlice(10, 50));
      ByteBuffer header = ByteBuffer.allocateDirect(16);
      ByteBuffer inside = memory.asSlice(20, 30).asByteBuffer();
      ByteBuffer outside = memory.asSlice(60, 30).asByteBuffer();
      ByteBuffer[] buffers = {header, inside, outside};
      inside.position(4);
      int[] before = {0, 4, 0};
      header.position(16);
      inside.position(24);
      outside.position(7);
      counts.count(counts.written(), buffers, 0, 3, before);
    }
    assertThat(counts.written().calls()).isEqualTo(1);
    assertThat(counts.written().bytes()).isEqualTo(16 + 20 + 7);
    assertThat(counts.written().registeredBytes()).isEqualTo(20);
    assertThat(counts.read().calls()).isZero();
  }

  @Test
  void callsThatMoveNothingAndHeapBuffersAreNotCopiesSpared() {
    ByteBuffer heap = ByteBuffer.allocate(8);
    counts.count(counts.read(), new ByteBuffer[] {heap}, 0, 1, new int[] {0});
    assertThat(counts.read().calls()).isZero();
    heap.position(8);
    counts.count(counts.read(), new ByteBuffer[] {heap}, 0, 1, new int[] {0});
    assertThat(counts.read().calls()).isEqualTo(1);
    assertThat(counts.read().registeredBytes()).isZero();
    counts.reset();
    assertThat(counts.read().bytes()).isZero();
  }
}
