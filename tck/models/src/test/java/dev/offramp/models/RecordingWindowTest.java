package dev.offramp.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.spi.port.DmaMapping;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RecordingWindowTest {
  private final ModelClock clock = new ModelClock();

  @Test
  void everyAccessIsInTheTraceInOrder() {
    try (ModelLoop loop = new ModelLoop("toy", clock);
        Arena arena = Arena.ofConfined();
        ModelWindow window =
            new ModelWindow(
                ToyModel.factory(), loop, new SimulatedLink(loop, clock), clock, Faults.NONE)) {
      RecordingWindow recording = new RecordingWindow(window);
      recording.onInterrupt(2, loop, () -> {});
      DmaSlab slab = recording.allocate(256, 64);
      DmaMapping mapping = recording.map(arena.allocate(32));
      slab.segment().set(ValueLayout.JAVA_LONG, 64, 0x1122_3344_5566_7788L);
      slab.segment().set(ValueLayout.JAVA_BYTE, 255, (byte) 9);
      recording.fence();
      recording.write512(0, 0x80, slab, 64);
      recording.write32(0, 8, -2);
      recording.write64(0, 16, 5);
      assertThat(recording.read32(0, 8)).isEqualTo(-2);
      assertThat(recording.read64(0, 16)).isEqualTo(5);
      assertThat(recording.await32(0, 8, 0xF, 0xE, Duration.ofMinutes(1))).isEqualTo(-2);
      recording.write32(0, ToyModel.RAISE, 2);
      loop.run(() -> {});
      assertThat(recording.reset()).as("toys have none").isFalse();
      mapping.close();
      slab.close();
      slab.close();
      long at = ((WindowAccess.Map) recording.trace().get(2)).deviceAddress();
      String[] lines = recording.printed().split("\n");
      assertThat(lines[0]).isEqualTo("listen   vector 2");
      assertThat(lines[1]).startsWith("allocate slab 1: 256 bytes, aligned to 64, at 0x5b");
      assertThat(lines)
          .contains(
              "fence",
              "memory   slab 1 [0x0040] = 8877665544332211",
              "memory   slab 1 [0x00ff] = 09",
              "write32  bar 0 [0x000008] = fffffffe",
              "write64  bar 0 [0x000010] = 0000000000000005",
              "read32   bar 0 [0x000008] = fffffffe",
              "read64   bar 0 [0x000010] = 0000000000000005",
              "await32  bar 0 [0x000008] & 0000000f == 0000000e: seen fffffffe",
              "write32  bar 0 [0x000040] = 00000002",
              "interrupt vector 2",
              "reset    not to be had",
              "map      32 bytes at 0x%x".formatted(at),
              "unmap    0x%x".formatted(at))
          .endsWith("free     slab 1");
      // The bytes are told before the doorbell that they are for.
      assertThat(recording.printed().indexOf("memory"))
          .isLessThan(recording.printed().indexOf("write512"));
      assertThat(window.memory().leaks()).isEmpty();
      recording.clear();
      assertThat(recording.trace()).isEmpty();
    }
  }
}
