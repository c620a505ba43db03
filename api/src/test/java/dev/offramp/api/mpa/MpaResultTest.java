package dev.offramp.api.mpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.AbsentFieldException;
import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class MpaResultTest {
  private static final String SOURCE = "test";

  private static IwarpConnectionDescriptor.Builder plain() {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    return IwarpConnectionDescriptor.builder()
        .present(DescriptorFields.LOCAL_ADDRESS, new InetSocketAddress(loopback, 1), SOURCE)
        .present(DescriptorFields.REMOTE_ADDRESS, new InetSocketAddress(loopback, 2), SOURCE);
  }

  private static IwarpConnectionDescriptor.Builder agreed() {
    return plain()
        .present(DescriptorFields.MPA_ROLE, MpaRole.INITIATOR, SOURCE)
        .present(DescriptorFields.MPA_REVISION, 2, SOURCE)
        .present(DescriptorFields.MPA_CRC, true, SOURCE)
        .present(DescriptorFields.MPA_SEND_MARKERS, false, SOURCE)
        .present(DescriptorFields.MPA_RECEIVE_MARKERS, true, SOURCE)
        .present(DescriptorFields.IRD, 3, SOURCE)
        .present(DescriptorFields.ORD, 4, SOURCE);
  }

  @Test
  void everyFieldIsInItsPlace() {
    Octets privateData = Octets.copyOf(new byte[] {1, 2, 3});
    IwarpConnectionDescriptor d =
        agreed()
            .present(DescriptorFields.PEER_IRD, 5, SOURCE)
            .present(DescriptorFields.PEER_ORD, 6, SOURCE)
            .present(DescriptorFields.RTR, RtrKind.WRITE, SOURCE)
            .present(DescriptorFields.REMOTE_PRIVATE_DATA, privateData, SOURCE)
            .build();
    MpaResult result = MpaResult.of(d);
    assertThat(result)
        .isEqualTo(
            new MpaResult(
                MpaRole.INITIATOR, 2, true, false, true, 3, 4, 5, 6, RtrKind.WRITE, privateData));
    assertThat(result.withReadDepths(1, 2))
        .isEqualTo(
            new MpaResult(
                MpaRole.INITIATOR, 2, true, false, true, 1, 2, 5, 6, RtrKind.WRITE, privateData));
  }

  @Test
  void whatThePeerHasNotAnnouncedIsUnknown() {
    assertThat(MpaResult.of(agreed().build()))
        .isEqualTo(
            new MpaResult(
                MpaRole.INITIATOR,
                2,
                true,
                false,
                true,
                3,
                4,
                -1,
                -1,
                RtrKind.NONE,
                Octets.empty()));
  }

  @Test
  void aDescriptorThatSaysTooLittleIsRefused() {
    IwarpConnectionDescriptor d =
        plain().present(DescriptorFields.MPA_ROLE, MpaRole.RESPONDER, SOURCE).build();
    assertThatThrownBy(() -> MpaResult.of(d))
        .isInstanceOf(AbsentFieldException.class)
        .hasMessageContaining("mpaRevision");
  }
}
