package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.MessageKind;
import dev.offramp.api.rdma.StreamEnd;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Short messages go into the batch when they are posted; nothing else may show that they do. */
final class ShortMessagesTest {
  private static final int BATCH_BYTES = 4096;

  private final MemoryTable memory = new MemoryTable(new SplittableRandom(3), 10);
  private final Region region =
      memory.register(0, Arena.ofAuto().allocate(8192), 0, EnumSet.allOf(Access.class));
  private final LocalBuffers piece = new LocalBuffers(1);
  private final Log log = new Log();
  private RdmapStream stream;

  @BeforeEach
  void begin() {
    begin(BATCH_BYTES);
  }

  private void begin(int batchBytes) {
    stream =
        new RdmapStream(
            StreamConfig.builder(MpaRole.INITIATOR).emss(1460).batchBytes(batchBytes).build(),
            memory);
    // The first FPDU has rules of its own.
    stream.postWrite(0, piece.clear(), 0, 0);
    Wire.take(stream);
    stream.pollCompletions(log, 10);
    log.all.clear();
  }

  private void send(long id, int bytes) {
    assertThat(stream.postSend(id, piece.clear().add(region, 0, bytes), false, false, 0))
        .isEqualTo(Posted.ACCEPTED);
  }

  @Test
  void whatIsSentIsWhatTheMemoryHeldWhenItWasPosted() {
    region.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 0x11);
    send(1, 1);
    region.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 0x22);
    assertThat(Wire.ulpdus(Wire.take(stream))).containsExactly(Wire.send(1, 0, "11"));
  }

  /** Those before, between and behind it are too long for that, or other operations. */
  @Test
  void theOrderStaysThatOfPosting() {
    send(1, 8);
    send(2, 3000);
    send(3, 8);
    stream.postRead(4, region, 0, 8, 1, 0);
    send(5, 0);
    List<String> sent = Wire.ulpdus(Wire.take(stream));
    assertThat(sent.stream().map(ulpdu -> ulpdu.substring(0, 36)))
        .containsExactly(
            Wire.send(1, 0, ""),
            Wire.untagged(0x01, 0x43, 0, 0, 2, 0, ""),
            Wire.untagged(0x01, 0x43, 0, 0, 2, 1436, ""),
            Wire.send(2, 2872, ""),
            Wire.send(3, 0, ""),
            Wire.untagged(0x41, 0x41, 0, 1, 1, 0, ""),
            Wire.send(4, 0, ""));
    stream.pollCompletions(log, 10);
    assertThat(log.all).extracting(Completion::id).containsExactly(1L, 2L, 3L);
  }

  @Test
  void aRegionThatIsInvalidFailsTheMessage() {
    memory.remove(region);
    send(1, 8);
    assertThat(Wire.take(stream)).isEmpty();
    stream.pollCompletions(log, 10);
    assertThat(log.all)
        .extracting(Completion::status)
        .containsExactly(CompletionStatus.INVALID_REGION);
  }

  @Test
  void aBatchIsNoLongerThanItMayBe() {
    begin(1);
    send(1, 8);
    send(2, 8);
    assertThat(takeBatch()).isEqualTo(32);
    assertThat(takeBatch()).isEqualTo(32);
    assertThat(stream.hasNothingToSend()).isTrue();
  }

  /** More than the batch has room for. */
  @Test
  void manyMessagesArriveWholeAndInOrder() {
    begin(1 << 20);
    for (int i = 0; i < 128; i++) {
      send(i, 512);
    }
    List<String> sent = Wire.ulpdus(Wire.take(stream));
    assertThat(sent).hasSize(128);
    for (int i = 0; i < 128; i++) {
      assertThat(sent.get(i)).startsWith(Wire.send(1 + i, 0, ""));
    }
  }

  /** An owner sees a batch from pollTransmit on, and gets the same one until it is written. */
  @Test
  void aBatchThatIsOutGrowsNoMore() {
    send(1, 8);
    stream.pollTransmit(0);
    send(2, 8);
    assertThat(takeBatch()).isEqualTo(32);
    assertThat(takeBatch()).isEqualTo(32);
  }

  @Test
  void nothingCompletesBeforeItIsWritten() {
    send(1, 8);
    stream.transmitted();
    assertThat(stream.completionCount()).isZero();
    stream.pollTransmit(0);
    stream.transmitted();
    assertThat(stream.completionCount()).isZero();
    assertThat(stream.hasNothingToSend()).isFalse();
    assertThat(stream.isQuiet()).isFalse();
    Wire.take(stream);
    assertThat(stream.completionCount()).isEqualTo(1);
    assertThat(stream.isQuiet()).isTrue();
  }

  /** RFC 5040, section 7: nothing but the Terminate goes out once an error was found. */
  @Test
  void whatNobodyHasSeenIsTakenBackWhenTheStreamEnds() {
    send(1, 8);
    Wire.take(stream);
    send(2, 8);
    long octets = stream.sent().streamBytes();
    stream.receive(ByteBuffer.wrap(Wire.fpdu(Wire.send(9, 9, "ff"))));
    assertThat(stream.end()).containsInstanceOf(StreamEnd.TerminatedLocally.class);
    assertThat(stream.sent().streamBytes()).isEqualTo(octets - 32);
    assertThat(stream.sent().messages().get(MessageKind.SEND)).isEqualTo(1);
    List<String> sent = Wire.ulpdus(Wire.take(stream));
    assertThat(sent).hasSize(1);
    assertThat(sent.getFirst()).startsWith("4147");
    stream.pollCompletions(log, 10);
    assertThat(log.all)
        .extracting(Completion::status)
        .containsExactly(CompletionStatus.SUCCESS, CompletionStatus.FLUSHED);
  }

  @Test
  void aLostConnectionFlushesThem() {
    send(1, 8);
    stream.connectionLost(new StreamEnd.Reset());
    stream.pollCompletions(log, 10);
    assertThat(log.all).extracting(Completion::status).containsExactly(CompletionStatus.FLUSHED);
    assertThat(stream.pollTransmit(0).isEmpty()).isTrue();
  }

  /** What one write of a socket with room takes. */
  private long takeBatch() {
    var batch = stream.pollTransmit(0);
    long bytes = batch.remainingBytes();
    for (int i = 0; i < batch.length(); i++) {
      ByteBuffer buffer = batch.buffers()[batch.offset() + i];
      buffer.position(buffer.limit());
    }
    stream.transmitted();
    return bytes;
  }
}
