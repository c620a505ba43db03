package dev.offramp.runtime.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;

import dev.offramp.spi.Device;
import dev.offramp.spi.port.DeviceWindow;
import org.junit.jupiter.api.Test;

class AdaptersTest {
  private static final Device DEVICE = new Device("adapters-test", Device.Kind.ADAPTER, 0xACE1, 1);

  private final DeviceWindow window = mock(DeviceWindow.class);

  @Test
  void anAdapterIsThereUntilItsRegistrationIsClosed() {
    try (Adapters.Registration registration = Adapters.provide(DEVICE, window)) {
      assertThat(registration).isNotNull();
      assertThat(Adapters.devices()).contains(DEVICE);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Adapters.provide(DEVICE, window))
          .withMessageContaining("[adapters-test] is there already");
    }
    assertThat(Adapters.devices()).doesNotContain(DEVICE);
    assertThatThrownBy(() -> Adapters.lease(DEVICE.name())).hasMessageContaining("is gone");
  }

  @Test
  void oneDriverAtATimeHasIt() {
    try (Adapters.Registration registration = Adapters.provide(DEVICE, window)) {
      Adapters.Lease first = Adapters.lease(DEVICE.name());
      assertThat(first.window()).isSameAs(window);
      assertThatThrownBy(() -> Adapters.lease(DEVICE.name()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("in use by another Offramp");
      first.close();
      try (Adapters.Lease second = Adapters.lease(DEVICE.name())) {
        // Closing the first one again must not take it from the second.
        first.close();
        assertThatThrownBy(() -> Adapters.lease(DEVICE.name()))
            .hasMessageContaining("in use by another Offramp");
        assertThat(second).isNotNull();
      }
      assertThat(registration).isNotNull();
    }
  }

  /** A registration that is over leaves the next one of the same name alone. */
  @Test
  void closingTwiceTakesNothingFromOthers() {
    Adapters.Registration old = Adapters.provide(DEVICE, window);
    old.close();
    try (Adapters.Registration current = Adapters.provide(DEVICE, window)) {
      old.close();
      assertThat(Adapters.devices()).contains(DEVICE);
      assertThat(current).isNotNull();
    }
  }

  @Test
  void streamsAndTheirNamesAreNotAdapters() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Adapters.provide(new Device("x", Device.Kind.HOST_STREAM, 0, 0), window))
        .withMessageContaining("expected an adapter");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Adapters.provide(new Device("softiwarp", Device.Kind.ADAPTER, 0, 0), window));
  }
}
