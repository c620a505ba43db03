package dev.offramp.benchmarks.posting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class HeldWindowTest {
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final HeldWindow window = new HeldWindow(device(), Arena.ofAuto().allocate(64, 64));

  @Test
  void whatWasHeldBackReachesTheDeviceInOrder() {
    window.write32(2, 8, 1);
    window.hold();
    window.write32(2, 12, -1);
    window.write512(2, 64, slab(), 128);
    window.write64(0, 16, Long.MIN_VALUE);
    assertThat(seen).containsExactly("write32[2, 8, 1]");
    assertThat(window.release()).isEqualTo(3);
    assertThat(seen)
        .containsExactly(
            "write32[2, 8, 1]",
            "write32[2, 12, -1]",
            "write512[2, 64, slab, 128]",
            "write64[0, 16, -9223372036854775808]");
    window.write32(2, 8, 2);
    assertThat(seen).last().isEqualTo("write32[2, 8, 2]");
    assertThat(window.release()).isZero();
  }

  @Test
  void otherThreadsAreNotHeldBack() {
    window.hold();
    CompletableFuture.runAsync(() -> window.write32(2, 8, 7)).join();
    assertThat(seen).containsExactly("write32[2, 8, 7]");
    assertThat(window.release()).isZero();
  }

  private DeviceWindow device() {
    return (DeviceWindow)
        Proxy.newProxyInstance(
            HeldWindowTest.class.getClassLoader(),
            new Class<?>[] {DeviceWindow.class},
            (proxy, method, arguments) -> {
              seen.add(method.getName() + Arrays.toString(arguments));
              return null;
            });
  }

  private static DmaSlab slab() {
    MemorySegment memory = Arena.ofAuto().allocate(256, 64);
    return new DmaSlab() {
      @Override
      public long deviceAddress() {
        return 0;
      }

      @Override
      public MemorySegment segment() {
        return memory;
      }

      @Override
      public void close() {
        // Nobody else has it.
      }

      @Override
      public String toString() {
        return "slab";
      }
    };
  }
}
