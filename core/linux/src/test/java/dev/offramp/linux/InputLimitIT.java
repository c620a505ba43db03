package dev.offramp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Input that ends at one octet, on the real kernel. */
@Timeout(60)
class InputLimitIT {
  private static final int BYTES = 30_000_000;

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

  /** In the middle of a segment; the other direction drains, and nothing is lost afterwards. */
  @ParameterizedTest
  @EnumSource(TcpPair.Family.class)
  void inputEndsThereAndOutputGoesOn(TcpPair.Family family) throws Exception {
    try (TcpPair pair = TcpPair.open(namespace, family)) {
      int heard = 0;
      FutureTask<Boolean> sending = start(() -> write(pair.far(), BYTES));
      for (int beyond : new int[] {1, 1_001, 7_000}) {
        int step = 0;
        InputLimit found = null;
        while (found == null) {
          step = (int) stack.profile(pair.near()).unreadBytes() + beyond;
          found = stack.limitInput(pair.near(), step).orElse(null);
        }
        try (InputLimit limit = found) {
          assertThat(limit).isNotNull();
          pair.near().configureBlocking(true);
          assertThat(read(pair.near(), heard, step)).isTrue();
          heard += step;
          write(pair.near(), 50_000);
          assertThat(read(pair.far(), 0, 50_000)).isTrue();
          pair.near().configureBlocking(false);
          // Acknowledged although nothing is taken: the departure waits for it.
          try (Departure departure =
              stack.depart(
                  pair.near(),
                  Drain.within(Duration.ofSeconds(20)),
                  ChannelUsers.excludedByCaller())) {
            IwarpConnectionDescriptor d = departure.descriptor();
            assertThat(d.value(DescriptorFields.UNREAD).isEmpty()).isTrue();
            assertThat(d.value(DescriptorFields.UNACKNOWLEDGED).isEmpty()).isTrue();
          }
          assertThat(pair.near().read(ByteBuffer.allocate(1))).isZero();
        }
      }
      pair.near().configureBlocking(true);
      assertThat(read(pair.near(), heard, BYTES - heard)).isTrue();
      assertThat(sending.get()).isTrue();
    }
  }

  private InputLimit limit(SocketChannel channel, int furtherBytes) throws Exception {
    return stack
        .limitInput(channel, furtherBytes)
        .orElseThrow(() -> new AssertionError("TCP has more than " + furtherBytes));
  }

  @Test
  void whatIsThereAlreadyCannotBeLimited() throws Exception {
    try (TcpPair pair = TcpPair.open(namespace, TcpPair.Family.IPV4)) {
      Bytes.write(pair.far(), "unread");
      Bytes.awaitUnread(stack, pair.near(), 6);
      assertThat(stack.limitInput(pair.near(), 5)).isEmpty();
      Bytes.write(pair.far(), "more");
      assertThat(Bytes.read(pair.near(), 10)).isEqualTo("unreadmore");
    }
  }

  /** A FIN behind what is cut off must not come early. */
  @Test
  void theEndOfTheStreamStaysWhereItIs() throws Exception {
    try (TcpPair pair = TcpPair.open(namespace, TcpPair.Family.IPV4)) {
      try (InputLimit limit = limit(pair.near(), 4)) {
        assertThat(limit).isNotNull();
        Bytes.write(pair.far(), "abcd");
        Bytes.write(pair.far(), "efgh");
        pair.far().shutdownOutput();
        assertThat(Bytes.read(pair.near(), 4)).isEqualTo("abcd");
        pair.near().configureBlocking(false);
        assertThat(pair.near().read(ByteBuffer.allocate(1))).isZero();
        pair.near().configureBlocking(true);
      }
      assertThat(Bytes.read(pair.near(), 4)).isEqualTo("efgh");
      assertThat(pair.near().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
  }

  @Test
  void aResetIsHeard() throws Exception {
    try (TcpPair pair = TcpPair.open(namespace, TcpPair.Family.IPV4);
        InputLimit limit = limit(pair.near(), 4)) {
      assertThat(limit).isNotNull();
      pair.far().setOption(StandardSocketOptions.SO_LINGER, 0);
      pair.far().close();
      assertThatThrownBy(() -> pair.near().read(ByteBuffer.allocate(1)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("reset");
    }
  }

  private static FutureTask<Boolean> start(java.util.concurrent.Callable<Boolean> code) {
    FutureTask<Boolean> task = new FutureTask<>(code);
    Thread.ofPlatform().daemon(true).start(task);
    return task;
  }

  private static byte at(int position) {
    return (byte) (position * 31 + (position >> 8) * 7);
  }

  private static boolean write(SocketChannel to, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      bytes.put(at(bytes.position()));
    }
    bytes.flip();
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
    return true;
  }

  private static boolean read(SocketChannel from, int first, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      if (from.read(bytes) < 0) {
        return false;
      }
    }
    for (int i = 0; i < count; i++) {
      if (bytes.get(i) != at(first + i)) {
        return false;
      }
    }
    return true;
  }
}
