package dev.offramp.cli.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.SpiVersion;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** The example of docs/vendor.md keeps the promises that the page makes. */
final class VendorSnippetTest {
  private static final Device DEVICE = new Device("acme0", Device.Kind.ADAPTER, 0xACE1, 1);

  private final DeviceWindow window = mock(DeviceWindow.class);
  private final DmaSlab slab = mock(DmaSlab.class);
  private final DriverContext context = mock(DriverContext.class);
  private final AcmeDriver driver = new AcmeDriver();

  VendorSnippetTest() {
    when(context.device()).thenReturn(DEVICE);
    when(context.window()).thenReturn(window);
    when(window.await32(anyInt(), anyLong(), anyInt(), anyInt(), any())).thenReturn(1);
    when(window.allocate(anyLong(), anyLong())).thenReturn(slab);
    when(slab.segment()).thenReturn(Arena.ofAuto().allocate(256));
    when(slab.deviceAddress()).thenReturn(0x1000L);
  }

  @Test
  void runsWithThisSpiAndServesItsOwnDevicesOnly() {
    assertThat(SpiVersion.running().runs(driver.compiledSpiVersion())).isTrue();
    assertThat(driver.matches(DEVICE)).isTrue();
    assertThat(driver.matches(new Device("softiwarp", Device.Kind.HOST_STREAM, 0, 0))).isFalse();
  }

  @Test
  void saysWhatItSawWhenTheAdapterDoesNotComeUp() {
    when(window.await32(anyInt(), anyLong(), anyInt(), anyInt(), any())).thenReturn(0xBAD0);
    assertThatExceptionOfType(RnicException.class)
        .isThrownBy(() -> driver.open(context))
        .withMessageContaining("acme0")
        .withMessageContaining("0000bad0");
  }

  @Test
  void refusesWhatItCannotContinue() throws Exception {
    assertThatExceptionOfType(TransferException.class)
        .isThrownBy(() -> driver.open(context).arrive(connection(true)))
        .satisfies(
            e -> assertThat(e.refusals().getFirst().reason()).isEqualTo(RefusalReason.TIMESTAMPS));
    verify(window, never()).allocate(anyLong(), anyLong());
  }

  @Test
  void isSilentUntilActivated() throws Exception {
    RnicArrival arrival = driver.open(context).arrive(connection(false));
    verify(window, never()).write64(anyInt(), anyLong(), anyLong());
    assertThat(arrival.activate()).isSameAs(arrival.prepared());
    var order = inOrder(window);
    order.verify(window).fence();
    order.verify(window).write64(0, 0x20, 0x1000);
  }

  @Test
  void leavesNothingBehindWhenAbandoned() throws Exception {
    driver.open(context).arrive(connection(false)).abandon();
    verify(slab).close();
    verify(window, never()).write64(anyInt(), anyLong(), anyLong());
  }

  private static IwarpConnectionDescriptor connection(boolean timestamps) {
    InetAddress host = InetAddress.getLoopbackAddress();
    return IwarpConnectionDescriptor.builder()
        .present(DescriptorFields.LOCAL_ADDRESS, new InetSocketAddress(host, 7), "test")
        .present(DescriptorFields.REMOTE_ADDRESS, new InetSocketAddress(host, 8), "test")
        .present(DescriptorFields.TIMESTAMPS, timestamps, "test")
        .present(DescriptorFields.SND_NXT, 1000L, "test")
        .present(DescriptorFields.RCV_NXT, 2000L, "test")
        .build();
  }
}
