package dev.offramp.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.spi.port.DmaSlab;
import dev.offramp.spi.port.OutOfDeviceMemoryException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ModelWindowTest {
  private final ModelClock clock = new ModelClock();
  private final ModelLoop loop = new ModelLoop("toy", clock);

  @AfterEach
  void close() {
    assertThat(loop.failures()).isEmpty();
    loop.close();
  }

  private ModelWindow window(Faults faults) {
    return new ModelWindow(ToyModel.factory(), loop, new SimulatedLink(loop, clock), clock, faults);
  }

  @Test
  void registersAreTheModels() {
    ModelWindow window = window(Faults.NONE);
    window.write32(0, 8, 0x8000_0001);
    window.write64(0, 16, 0x0102_0304_0506_0708L);
    assertThat(window.read32(0, 8)).isEqualTo(0x8000_0001);
    assertThat(window.read64(0, 16)).isEqualTo(0x0102_0304_0506_0708L);
    assertThat(window.read32(0, 16)).isEqualTo(0x0506_0708);
    try (DmaSlab slab = window.allocate(128, 64)) {
      slab.segment().set(ValueLayout.JAVA_INT, 64, 0xABCD);
      window.fence();
      window.write512(0, 0x80, slab, 64);
      assertThat(window.read32(0, 0x80)).isEqualTo(0xABCD);
      assertThatIllegalArgumentException().isThrownBy(() -> window.write512(0, 0x80, slab, 4));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> window(Faults.NONE).write512(0, 0x80, slab, 0))
          .withMessageContaining("another window");
    }
    assertThat(window.sizeBytes(0)).isEqualTo(0x1000);
    assertThat(window.sizeBytes(2)).isZero();
  }

  @Test
  void accessesBesideTheRegistersAreNamed() {
    ModelWindow window = window(Faults.NONE);
    for (long offset : new long[] {-4, 2, 0x1000, 0xFFE}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> window.read32(0, offset))
          .withMessageContaining("expected a multiple of 4 below its size [0x1000]");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> window.write64(1, 0, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> window.write64(0, 0xFFC, 0));
  }

  @Test
  void anAdapterThatIsGoneReadsAllOnes() {
    ModelWindow window = window(Faults.NONE);
    window.write32(0, 8, 1);
    window.unplug();
    assertThat(window.read32(0, 8)).isEqualTo(-1);
    assertThat(window.read64(0, 8)).isEqualTo(-1);
    window.write32(0, 12, 5);
    assertThat(((ToyModel) window.model()).closed).isTrue();
    assertThat(window.model().read32(0, 12)).isZero();
  }

  @Test
  void faultsOfTheWindowComeWhenTheyAreDue() {
    NthFault gone = new NthFault(ModelWindow.GONE, 3, 1);
    ModelWindow window = window(gone);
    window.write32(0, 8, 1);
    assertThat(window.read32(0, 8)).isOne();
    assertThat(gone.hasHappened()).isFalse();
    assertThat(window.read32(0, 8)).isEqualTo(-1);
    assertThat(gone.hasHappened()).isTrue();

    assertThat(window(new NthFault(ModelWindow.READ, 1, 0xDEAD)).read32(0, 8)).isEqualTo(0xDEAD);
    ModelWindow lossy = window(new NthFault(ModelWindow.WRITE, 1, 1));
    lossy.write32(0, 8, 1);
    assertThat(lossy.read32(0, 8)).isZero();
    assertThatThrownBy(() -> window(new NthFault(ModelWindow.ALLOCATE, 1, 1)).allocate(8, 8))
        .isInstanceOf(OutOfDeviceMemoryException.class);
    try (Arena arena = Arena.ofConfined()) {
      assertThatThrownBy(() -> window(new NthFault(ModelWindow.MAP, 1, 1)).map(arena.allocate(8)))
          .isInstanceOf(OutOfDeviceMemoryException.class);
    }
  }

  @Test
  void waitsForAValue() {
    ModelWindow window = window(Faults.NONE);
    loop.execute(() -> window.write32(0, 8, 0xF3));
    assertThat(window.await32(0, 8, 0x0F, 3, Duration.ofMinutes(1))).isEqualTo(0xF3);
  }

  /** The deadline is a minute; the clock is put forward, so nobody waits that long. */
  @Test
  void aDeviceThatIsSilentIsGivenUp() {
    ModelWindow window = window(Faults.NONE);
    window.write32(0, 8, 0x10);
    clock.hurry(TimeUnit.SECONDS.toNanos(1));
    assertThat(window.await32(0, 8, 1, 1, Duration.ofMinutes(1))).isEqualTo(0x10);
  }

  @Test
  void interruptsReachTheHandlerOnItsLoop() throws Exception {
    ModelWindow window = window(Faults.NONE);
    Semaphore told = new Semaphore(0);
    window.onInterrupt(
        3,
        loop,
        () -> {
          assertThat(loop.isLoopThread()).isTrue();
          told.release();
        });
    window.write32(0, ToyModel.RAISE, 3);
    assertThat(told.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
    // Nobody listens to that one.
    window.write32(0, ToyModel.RAISE, 4);
    window.unplug();
    window.write32(0, ToyModel.RAISE, 3);
    loop.run(() -> {});
    assertThat(told.availablePermits()).isZero();
  }

  @Test
  void interruptsThatNobodyHasLookedAtAreOne() throws Exception {
    ModelWindow window = window(Faults.NONE);
    AtomicInteger told = new AtomicInteger();
    window.onInterrupt(0, loop, told::incrementAndGet);
    CountDownLatch busy = new CountDownLatch(1);
    loop.execute(() -> {
      try {
        busy.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
    for (int i = 0; i < 10; i++) {
      window.write32(0, ToyModel.RAISE, 0);
    }
    busy.countDown();
    loop.run(() -> {});
    assertThat(told).hasValue(1);
    window.write32(0, ToyModel.RAISE, 0);
    loop.run(() -> {});
    assertThat(told).hasValue(2);
  }

  @Test
  void aLostInterruptIsLost() {
    ModelWindow window = window(new NthFault(ModelWindow.INTERRUPT, 1, 1));
    AtomicInteger told = new AtomicInteger();
    window.onInterrupt(0, loop, told::incrementAndGet);
    window.write32(0, ToyModel.RAISE, 0);
    loop.run(() -> {});
    assertThat(told).hasValue(0);
    window.write32(0, ToyModel.RAISE, 0);
    loop.run(() -> {});
    assertThat(told).hasValue(1);
  }

  @Test
  void everyPlaceOfTheWindowIsListed() {
    RecordedFaults record = new RecordedFaults();
    ModelWindow window = window(record);
    window.onInterrupt(0, loop, () -> {});
    window.write32(0, ToyModel.RAISE, 0);
    window.read32(0, 0);
    window.allocate(8, 8).close();
    try (Arena arena = Arena.ofConfined()) {
      window.map(arena.allocate(8)).close();
    }
    assertThat(record.seen().keySet())
        .containsExactlyInAnyOrderElementsOf(ModelWindow.faultPlaces());
  }
}
