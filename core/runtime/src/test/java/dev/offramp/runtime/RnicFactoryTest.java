package dev.offramp.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.offramp.api.OfframpOptions;
import dev.offramp.linux.HostStack;
import dev.offramp.runtime.device.Adapters;
import dev.offramp.runtime.driver.DriverRegistry;
import dev.offramp.runtime.loop.NioEventLoops;
import dev.offramp.runtime.stream.ResidentStack;
import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicDriver;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.DeviceWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How the runtime opens an adapter, and what is given back in which order. */
class RnicFactoryTest {
  private static final Device DEVICE = new Device("factory-test", Device.Kind.ADAPTER, 0xACE1, 1);

  private final DeviceWindow window = mock(DeviceWindow.class);
  private final RnicDriver driver = mock(RnicDriver.class);
  private final DriverRegistry drivers = mock(DriverRegistry.class);
  private final NioEventLoops loops = new NioEventLoops();
  private final List<DriverContext> contexts = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private Adapters.Registration registration;

  @BeforeEach
  void provide() throws Exception {
    registration = Adapters.provide(DEVICE, window);
    when(drivers.driverFor(any())).thenReturn(driver);
    when(driver.id()).thenReturn("acme");
  }

  @AfterEach
  void close() {
    registration.close();
    loops.close();
  }

  private RnicFactory.Opened open(String rnic) throws RnicException {
    OfframpOptions options =
        OfframpOptions.builder()
            .rnic(rnic)
            .setting("acme.depth", "3")
            .setting("other.depth", "4")
            .build();
    return new RnicFactory(options, drivers, loops, new ResidentStack(), HostStack.create())
        .open(rnic, told::add);
  }

  @Test
  void theDriverGetsTheWindowAndItsSettings() throws Exception {
    Rnic rnic = mock(Rnic.class);
    when(driver.open(any()))
        .thenAnswer(call -> {
          contexts.add(call.getArgument(0));
          return rnic;
        });
    RnicFactory.Opened opened = open(DEVICE.name());
    DriverContext context = contexts.getFirst();
    assertThat(opened.rnic().rnic()).isSameAs(rnic);
    assertThat(context.device()).isEqualTo(DEVICE);
    assertThat(context.window()).isSameAs(window);
    assertThat(context.settings()).isEqualTo(Map.of("depth", "3"));
    assertThatThrownBy(context::streams)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is an adapter");
    assertThatThrownBy(() -> open(DEVICE.name()))
        .isInstanceOf(RnicException.class)
        .hasMessageContaining("in use by another Offramp");
    opened.close();
    open(DEVICE.name()).close();
  }

  @Test
  void anAdapterIsFreeAgainWhenItsDriverFailed() throws Exception {
    when(driver.open(any())).thenThrow(new RnicException("status [0]"));
    assertThatThrownBy(() -> open(DEVICE.name())).hasMessage("status [0]");
    assertThatThrownBy(() -> open(DEVICE.name())).hasMessage("status [0]");
  }

  @Test
  void anAdapterIsFreeAgainWhenClosingFailed() throws Exception {
    Rnic rnic = mock(Rnic.class);
    when(driver.open(any())).thenReturn(rnic);
    doThrow(new IllegalStateException("stuck")).when(rnic).close();
    RnicFactory.Opened opened = open(DEVICE.name());
    assertThatThrownBy(opened::close).hasMessage("stuck");
    Adapters.lease(DEVICE.name()).close();
  }

  @Test
  void whatThereIsIsNamed() {
    assertThatThrownBy(() -> open("nothing"))
        .isInstanceOf(RnicException.class)
        .hasMessageContaining("no RNIC [nothing]; there are: ")
        .hasMessageContaining("factory-test")
        .hasMessageContaining("softiwarp-detached");
  }
}
