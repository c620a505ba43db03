package dev.offramp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.transfer.Departure;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the peer does while a connection is frozen is found out after the resume. */
class FrozenEventsIT {
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
  void dataThenFin(TcpPair.Family family) throws Exception {
    try (TcpPair pair = TcpPair.open(namespace, family)) {
      try (Departure departure = stack.depart(pair.near())) {
        Bytes.write(pair.far(), "while frozen");
        pair.far().shutdownOutput();
        assertThat(ConnectionQueues.of(departure.descriptor()).unread().length()).isZero();
      }
      assertThat(Bytes.read(pair.near(), 12)).isEqualTo("while frozen");
      assertThat(pair.near().read(ByteBuffer.allocate(1))).isEqualTo(-1);
      Bytes.write(pair.near(), "answer");
      assertThat(Bytes.read(pair.far(), 6)).isEqualTo("answer");
    }
  }

  @ParameterizedTest
  @EnumSource(TcpPair.Family.class)
  void reset(TcpPair.Family family) throws Exception {
    try (TcpPair pair = TcpPair.open(namespace, family)) {
      try (Departure departure = stack.depart(pair.near())) {
        pair.far().setOption(StandardSocketOptions.SO_LINGER, 0);
        pair.far().close();
        departure.resume();
      }
      assertThatThrownBy(() -> pair.near().read(ByteBuffer.allocate(1)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("reset");
    }
  }

  /** Readers and writers at the gate wait, and go on. */
  @ParameterizedTest
  @EnumSource(TcpPair.Family.class)
  void usersOfAGate(TcpPair.Family family) throws Exception {
    try (TcpPair pair = TcpPair.open(namespace, family)) {
      GatedChannel near = stack.gate(pair.near());
      StringBuilder seen = new StringBuilder();
      Thread reader;
      try (Departure departure = stack.depart(near)) {
        reader =
            Thread.ofPlatform()
                .start(() -> {
                  try {
                    seen.append(Bytes.read(near, 4));
                  } catch (IOException e) {
                    seen.append(e);
                  }
                });
        Bytes.write(pair.far(), "data");
        Bytes.await(() -> reader.getState() == Thread.State.WAITING);
        assertThat(departure.descriptor()).isNotNull();
      }
      reader.join();
      assertThat(seen).hasToString("data");
      stack.depart(near).release();
      assertThatThrownBy(() -> near.read(ByteBuffer.allocate(1)))
          .isInstanceOf(java.nio.channels.ClosedChannelException.class);
      assertThat(near.isOpen()).isFalse();
    }
  }
}
