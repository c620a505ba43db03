package dev.offramp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.TcpState;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Departures that are resumed, on the real kernel. */
class HostStackIT {
  private TestNamespace namespace;
  private HostStack stack;

  @BeforeEach
  void setUp() throws Exception {
    namespace = new TestNamespace();
    stack = HostStack.create(HostOptions.defaults().withNamespace(namespace));
  }

  @AfterEach
  void tearDown() {
    namespace.close();
  }

  @ParameterizedTest
  @EnumSource(TcpPair.Family.class)
  void aDepartedConnectionIsDescribedAndGoesOn(TcpPair.Family family) throws Exception {
    try (TcpPair pair = TcpPair.open(namespace, family)) {
      Bytes.write(pair.far(), "unread");
      Bytes.awaitUnread(stack, pair.near(), 6);
      IwarpConnectionDescriptor d;
      try (Departure departure = stack.depart(pair.near())) {
        d = departure.descriptor();
      }
      assertThat(d.value(DescriptorFields.LOCAL_ADDRESS)).isEqualTo(pair.near().getLocalAddress());
      assertThat(d.value(DescriptorFields.REMOTE_ADDRESS))
          .isEqualTo(pair.near().getRemoteAddress());
      assertThat(d.value(DescriptorFields.V4_MAPPED_SOCKET))
          .isEqualTo(family == TcpPair.Family.V4_MAPPED);
      assertThat(d.value(DescriptorFields.TCP_STATE)).isEqualTo(TcpState.ESTABLISHED);
      assertThat(d.value(DescriptorFields.UNREAD).toByteArray())
          .isEqualTo("unread".getBytes(StandardCharsets.US_ASCII));
      assertThat(d.value(DescriptorFields.SND_WND)).isPositive();
      assertThat(d.isKnown(DescriptorFields.TS_RECENT)).isFalse();
      assertThat(Bytes.read(pair.near(), 6)).isEqualTo("unread");
      Bytes.assertConnected(pair.near(), pair.far());
    }
  }

  @Test
  void aReleasedConnectionIsGoneInSilence() throws Exception {
    try (TcpPair pair = TcpPair.open(namespace, TcpPair.Family.IPV4)) {
      Departure departure = stack.depart(pair.near());
      departure.release();
      assertThat(pair.near().isOpen()).isFalse();
      departure.close();
      assertThatThrownBy(departure::resume).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(departure::release).isInstanceOf(IllegalStateException.class);
      pair.far().configureBlocking(false);
      assertThat(pair.far().read(ByteBuffer.allocate(1))).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(TcpPair.Family.class)
  void aConnectionReturns(TcpPair.Family family) throws Exception {
    try (TcpPair pair = TcpPair.open(namespace, family)) {
      Bytes.write(pair.far(), "unread");
      Bytes.awaitUnread(stack, pair.near(), 6);
      Departure departure = stack.depart(pair.near());
      assertThatThrownBy(() -> stack.arrive(departure.descriptor()))
          .isInstanceOf(TransferException.class)
          .hasMessageContaining("release");
      departure.release();
      SocketChannel again = stack.arrive(departure.descriptor()).activate();
      assertThat(again.getLocalAddress())
          .isEqualTo(departure.descriptor().value(DescriptorFields.LOCAL_ADDRESS));
      assertThat(Bytes.read(again, 6)).isEqualTo("unread");
      Bytes.assertConnected(again, pair.far());
      again.close();
    }
  }
}
