package dev.offramp.runtime.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.offramp.runtime.migrate.MigrationException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whole sealed messages, such as pieces of memory, that somebody on the way says again, leaves out,
 * puts in another order, or sends back: each is as good as altered.
 */
@Timeout(60)
class SecureLinkTest {
  private static final PreSharedKey KEY = PreSharedKey.of(new byte[32]);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int HELLO_BYTES = 50;
  private static final int PROOF_BYTES = 32;

  private SocketChannel[] left;
  private SocketChannel[] right;
  private SecureLink sender;
  private SecureLink receiver;

  @BeforeEach
  void greet() throws Exception {
    left = Meddler.pair();
    right = Meddler.pair();
    FutureTask<SecureLink> sending =
        started(() -> SecureLink.open(left[0], SecureLink.Role.SENDER, KEY, PATIENCE));
    FutureTask<SecureLink> receiving =
        started(() -> SecureLink.open(right[0], SecureLink.Role.RECEIVER, KEY, PATIENCE));
    write(right[1], read(left[1], HELLO_BYTES));
    write(left[1], read(right[1], HELLO_BYTES));
    write(right[1], read(left[1], PROOF_BYTES));
    write(left[1], read(right[1], PROOF_BYTES));
    sender = sending.get(20, TimeUnit.SECONDS);
    receiver = receiving.get(20, TimeUnit.SECONDS);
  }

  @AfterEach
  void close() throws IOException {
    sender.close();
    receiver.close();
    left[1].close();
    right[1].close();
  }

  private static FutureTask<SecureLink> started(Callable<SecureLink> work) {
    FutureTask<SecureLink> task = new FutureTask<>(work);
    Thread.ofVirtual().start(task);
    return task;
  }

  private static ByteBuffer read(SocketChannel channel, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      assertThat(channel.read(bytes)).isNotNegative();
    }
    return bytes.flip();
  }

  private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
    ByteBuffer left = bytes.duplicate();
    while (left.hasRemaining()) {
      channel.write(left);
    }
  }

  /** One sealed message, as it is on the way. */
  private ByteBuffer piece(int octet) throws IOException {
    sender.send(MessageType.MEMORY, ByteBuffer.allocate(100).put(0, (byte) octet));
    ByteBuffer length = read(left[1], Integer.BYTES);
    ByteBuffer sealed = read(left[1], length.getInt(0));
    return ByteBuffer.allocate(Integer.BYTES + sealed.limit()).put(length).put(sealed).flip();
  }

  private void assertComes(int octet) throws IOException {
    assertThat(receiver.receive().payload().get(0)).isEqualTo((byte) octet);
  }

  private void assertRefused(SecureLink link) {
    assertThat(catchThrowableOfType(MigrationException.class, link::receive).reason())
        .isEqualTo(Reason.ALTERED);
  }

  @Test
  void inTheirOrderTheyCome() throws Exception {
    for (int i = 0; i < 300; i++) {
      write(right[1], piece(i));
      assertComes(i);
    }
  }

  @Test
  void noneComesAgain() throws Exception {
    ByteBuffer first = piece(1);
    write(right[1], first);
    assertComes(1);
    write(right[1], first);
    assertRefused(receiver);
  }

  @Test
  void noneIsLeftOut() throws Exception {
    piece(1);
    write(right[1], piece(2));
    assertRefused(receiver);
  }

  @Test
  void noneIsSentBack() throws Exception {
    write(left[1], piece(1));
    assertRefused(sender);
  }

  @Test
  void noneOfAnotherExchangeComes() throws Exception {
    ByteBuffer old = piece(1);
    close();
    greet();
    write(right[1], old);
    assertRefused(receiver);
  }
}
