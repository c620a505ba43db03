package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.conformance.Rows;
import dev.offramp.iwarp.mpa.MpaTerminate;
import dev.offramp.iwarp.mpa.Mulpdu;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Single rules, seen from the wire. */
final class RdmapRulesTest {
  private static final long BASE = 0x1000;

  private final MemoryTable memory = new MemoryTable(new SplittableRandom(3), 100);
  private final Arena arena = Arena.ofAuto();
  private final Log log = new Log();

  private RdmapStream stream(UnaryOperator<StreamConfig.Builder> options) {
    return new RdmapStream(options.apply(StreamConfig.builder(MpaRole.INITIATOR)).build(), memory);
  }

  private Region region(long size) {
    return memory.register(0, arena.allocate(size, 8), BASE, EnumSet.allOf(Access.class));
  }

  /** So that a piece in the wrong place shows. */
  private static Region numbered(Region region) {
    for (long i = 0; i < region.sizeBytes(); i++) {
      region.segment().set(ValueLayout.JAVA_BYTE, i, (byte) (i * 7 + (i >> 8)));
    }
    return region;
  }

  private static LocalBuffers buffers(Region region, long offset, long length) {
    return new LocalBuffers(1).add(region, offset, length);
  }

  private static void feed(RdmapStream stream, String... ulpdus) {
    ByteArrayOutputStream segment = new ByteArrayOutputStream();
    for (String ulpdu : ulpdus) {
      segment.writeBytes(Wire.fpdu(ulpdu));
    }
    stream.receive(ByteBuffer.wrap(segment.toByteArray()));
  }

  private static List<String> sent(RdmapStream stream) {
    return Wire.ulpdus(Wire.take(stream));
  }

  @Test
  @Rows({96, 97, 119})
  void everyOpcodeHasItsGoldenHeader() {
    RdmapStream stream = stream(b -> b.extensions(true, true).readDepths(9, 9));
    Region region = region(8);
    region.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 0xAB);
    LocalBuffers one = buffers(region, 0, 1);
    stream.postSend(1, one, false, false, 0x77);
    stream.postSend(2, one, false, true, 0x77);
    stream.postSend(3, one, true, false, 0x77);
    stream.postSend(4, one, true, true, 0x77);
    stream.postImmediate(5, 0x0102030405060708L, false);
    stream.postImmediate(6, 0x0102030405060708L, true);
    stream.postWrite(7, one, 0x99, -2);
    stream.postRead(8, region, 0, 8, 0x55, -8);
    stream.postFetchAdd(9, region, 0, 0x44, 16, 3, 4);
    stream.postCompareSwap(10, region, 0, 0x44, 16, 5, 6, 7, 8);
    String sink = "%08x%016x".formatted(region.stag(), BASE);
    String atomic = "00000044" + "0000000000000010";
    assertThat(sent(stream))
        .containsExactly(
            Wire.untagged(0x41, 0x43, 0, 0, 1, 0, "ab"),
            Wire.untagged(0x41, 0x44, 0x77, 0, 2, 0, "ab"),
            Wire.untagged(0x41, 0x45, 0, 0, 3, 0, "ab"),
            Wire.untagged(0x41, 0x46, 0x77, 0, 4, 0, "ab"),
            Wire.untagged(0x41, 0x48, 0, 0, 5, 0, "0102030405060708"),
            Wire.untagged(0x41, 0x49, 0, 0, 6, 0, "0102030405060708"),
            Wire.tagged(0xC1, 0x40, 0x99, -2, "ab"),
            Wire.untagged(
                0x41, 0x41, 0, 1, 1, 0, sink + "00000008" + "00000055" + "fffffffffffffff8"),
            Wire.untagged(
                0x41,
                0x4A,
                0,
                1,
                2,
                0,
                "00000000"
                    + "00000002"
                    + atomic
                    + "0000000000000003"
                    + "0000000000000004"
                    + "00".repeat(16)),
            Wire.untagged(
                0x41,
                0x4A,
                0,
                1,
                3,
                0,
                "00000002"
                    + "00000003"
                    + atomic
                    + "0000000000000007"
                    + "0000000000000008"
                    + "0000000000000005"
                    + "0000000000000006"));
  }

  @Test
  @Rows({1, 74, 77, 78, 80, 81, 83})
  void segmentsFollowTheMulpduInForce() {
    RdmapStream stream = stream(b -> b.emss(1000).batchBytes(1));
    Region region = numbered(region(10_000));
    stream.postSend(1, buffers(region, 0, 5_000), false, false, 0);
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    take(stream, wire);
    stream.setEmss(500);
    take(stream, wire);
    stream.setEmss(60_000);
    take(stream, wire);
    List<String> ulpdus = Wire.ulpdus(wire.toByteArray());
    int first = Mulpdu.of(1000, false);
    int second = Mulpdu.of(500, false);
    assertThat(ulpdus).hasSize(3);
    assertThat(ulpdus.get(0)).hasSize(2 * first).startsWith(header(0x01, 0));
    assertThat(ulpdus.get(1)).hasSize(2 * second).startsWith(header(0x01, first - 18));
    assertThat(ulpdus.get(2)).startsWith(header(0x41, first + second - 36));
    // All of the message is there, once.
    assertThat(payload(ulpdus, 18)).isEqualTo(hex(region, 5_000));
  }

  @Test
  @Rows({1, 74, 77, 81, 83})
  void segmentsOfAWriteNameTheirPlace() {
    RdmapStream stream = stream(b -> b.emss(1000));
    Region region = numbered(region(2_500));
    stream.postWrite(1, buffers(region, 0, 2_500), 0x0ABC_DEF0, 0xFFFF_F000L);
    List<String> ulpdus = sent(stream);
    int room = Mulpdu.of(1000, false) - 14;
    assertThat(ulpdus).hasSize((2_500 + room - 1) / room);
    for (int i = 0; i < ulpdus.size(); i++) {
      int control = i == ulpdus.size() - 1 ? 0xC1 : 0x81;
      assertThat(ulpdus.get(i))
          .startsWith(Wire.tagged(control, 0x40, 0x0ABC_DEF0, 0xFFFF_F000L + (long) i * room, ""));
    }
    assertThat(payload(ulpdus, 14)).isEqualTo(hex(region, 2_500));
  }

  private static String payload(List<String> ulpdus, int headerBytes) {
    return ulpdus.stream()
        .map(ulpdu -> ulpdu.substring(2 * headerBytes))
        .collect(Collectors.joining());
  }

  private static String hex(Region region, int length) {
    return HexFormat.of()
        .formatHex(region.segment().asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
  }

  private static String header(int control, int offset) {
    return Wire.untagged(control, 0x43, 0, 0, 1, offset, "");
  }

  private static void take(RdmapStream stream, ByteArrayOutputStream to) {
    var batch = stream.pollTransmit(0);
    for (int i = 0; i < batch.length(); i++) {
      ByteBuffer buffer = batch.buffers()[batch.offset() + i];
      byte[] some = new byte[buffer.remaining()];
      buffer.get(some);
      to.writeBytes(some);
    }
    stream.transmitted();
  }

  @Test
  @Rows({3, 21})
  void noUlpduIsLongerThanMpaTakes() {
    RdmapStream stream = stream(b -> b.emss(1 << 20));
    Region region = region(200_000);
    stream.postSend(1, buffers(region, 0, 200_000), false, false, 0);
    stream.postWrite(2, buffers(region, 0, 200_000), 1, 0);
    assertThat(sent(stream)).allMatch(u -> u.length() <= 2 * Mulpdu.MAX_BYTES);
  }

  @Test
  @Rows(82)
  void messagesOfFourGibibytesAreRefused() {
    RdmapStream stream = stream(b -> b.maxBuffers(64));
    Region region = region(1 << 26);
    LocalBuffers huge = new LocalBuffers(64);
    for (int i = 0; i < 64; i++) {
      huge.add(region, 0, 1 << 26);
    }
    assertThat(stream.postSend(1, huge, false, false, 0)).isEqualTo(Posted.TOO_LONG);
    assertThat(stream.postWrite(1, huge, 0, 0)).isEqualTo(Posted.TOO_LONG);
    assertThat(stream.pollTransmit(0).isEmpty()).isTrue();
  }

  @Test
  @Rows(84)
  void aZeroLengthMessageIsOneSegment() {
    RdmapStream stream = stream(b -> b);
    stream.postSend(1, new LocalBuffers(1), false, false, 0);
    stream.postWrite(2, new LocalBuffers(1), 7, 8);
    assertThat(sent(stream)).containsExactly(Wire.send(1, 0, ""), Wire.write(7, 8, ""));
  }

  @Test
  @Rows({58, 113})
  void outstandingReadsNeverExceedTheOrd() {
    RdmapStream stream = stream(b -> b.readDepths(16, 3));
    Region region = region(64);
    for (int i = 0; i < 8; i++) {
      stream.postRead(i, region, 8L * i, 8, 5, 0);
    }
    stream.postSend(9, new LocalBuffers(1), false, false, 0);
    assertThat(sent(stream)).hasSize(3);
    assertThat(sent(stream)).isEmpty();
    for (int i = 0; i < 5; i++) {
      feed(stream, Wire.tagged(0xC1, 0x42, region.stag(), BASE + 8L * i, "cd".repeat(8)));
      assertThat(sent(stream)).hasSize(i < 4 ? 1 : 2);
      stream.pollCompletions(log, 9);
      assertThat(log.all).hasSize(i + 1);
    }
    assertThat(log.all).allMatch(Completion::isSuccess);
  }

  @Test
  @Rows({102, 110})
  void aReadSeesWhatWasWrittenBeforeIt() {
    RdmapStream stream = stream(b -> b);
    Region region = region(8);
    feed(
        stream,
        Wire.write(region.stag(), BASE, "0102030405060708"),
        Wire.readRequest(1, 0x11, 0x22, 8, region.stag(), BASE),
        Wire.readRequest(2, 0x33, 0x44, 2, region.stag(), BASE + 6));
    assertThat(sent(stream))
        .containsExactly(
            Wire.tagged(0xC1, 0x42, 0x11, 0x22, "0102030405060708"),
            Wire.tagged(0xC1, 0x42, 0x33, 0x44, "0708"));
  }

  @Test
  @Rows({24, 86, 101, 105, 111})
  void deliveryWaitsForTheLastOctetAndWritesAreNotDelivered() {
    RdmapStream stream = stream(b -> b);
    Region region = region(16);
    stream.postReceive(1, buffers(region, 0, 16));
    byte[] wire = Wire.fpdu(Wire.send(1, 0, "ab".repeat(16)));
    stream.receive(ByteBuffer.wrap(wire, 0, wire.length - 1));
    assertThat(stream.completionCount()).isZero();
    assertThat(region.segment().get(ValueLayout.JAVA_BYTE, 0)).isZero();
    stream.receive(ByteBuffer.wrap(wire, wire.length - 1, 1));
    assertThat(stream.completionCount()).isOne();
    feed(stream, Wire.write(region.stag(), BASE, "ff"));
    assertThat(stream.completionCount()).isOne();
  }

  @Test
  @Rows({85, 86})
  void aWriteBetweenTheSegmentsOfASendIsFine() {
    RdmapStream stream = stream(b -> b);
    Region region = region(16);
    stream.postReceive(1, buffers(region, 0, 8));
    feed(
        stream,
        Wire.untagged(0x01, 0x43, 0, 0, 1, 0, "0102"),
        Wire.write(region.stag(), BASE + 8, "ff"),
        Wire.untagged(0x41, 0x43, 0, 0, 1, 2, "03"));
    stream.pollCompletions(log, 9);
    assertThat(log.all).extracting(Completion::bytes).containsExactly(3L);
    assertThat(region.segment().get(ValueLayout.JAVA_LONG, 0) & 0xFFFFFF).isEqualTo(0x030201);
  }

  @Test
  @Rows({109, 111})
  void completionWaitsForTcpAndForEarlierWork() {
    RdmapStream stream = stream(b -> b);
    Region region = region(8);
    stream.postRead(1, region, 0, 8, 5, 0);
    stream.postSend(2, buffers(region, 0, 8), false, false, 0);
    var batch = stream.pollTransmit(0);
    assertThat(stream.completionCount()).isZero();
    for (int i = 0; i < batch.length(); i++) {
      ByteBuffer buffer = batch.buffers()[batch.offset() + i];
      buffer.position(buffer.limit());
    }
    stream.transmitted();
    assertThat(stream.completionCount()).isZero();
    feed(stream, Wire.tagged(0xC1, 0x42, region.stag(), BASE, "cd".repeat(8)));
    stream.pollCompletions(log, 9);
    assertThat(log.all).extracting(Completion::id).containsExactly(1L, 2L);
  }

  @Test
  @Rows(118)
  void aFullQueueRefusesUntilCompletionsArePolled() {
    RdmapStream stream = stream(b -> b.queueDepths(2, 1));
    Region region = region(8);
    assertThat(stream.postReceive(1, buffers(region, 0, 8))).isEqualTo(Posted.ACCEPTED);
    assertThat(stream.postReceive(2, buffers(region, 0, 8))).isEqualTo(Posted.QUEUE_FULL);
    for (int i = 0; i < 2; i++) {
      assertThat(stream.postWrite(i, new LocalBuffers(1), 0, 0)).isEqualTo(Posted.ACCEPTED);
    }
    Wire.take(stream);
    feed(stream, Wire.send(1, 0, "00"));
    assertThat(stream.completionCount()).isEqualTo(3);
    assertThat(stream.postWrite(2, new LocalBuffers(1), 0, 0)).isEqualTo(Posted.QUEUE_FULL);
    assertThat(stream.postReceive(2, buffers(region, 0, 8))).isEqualTo(Posted.QUEUE_FULL);
    assertThat(stream.pollCompletions(log, 9)).isEqualTo(3);
    assertThat(stream.postWrite(2, new LocalBuffers(1), 0, 0)).isEqualTo(Posted.ACCEPTED);
    assertThat(stream.postReceive(2, buffers(region, 0, 8))).isEqualTo(Posted.ACCEPTED);
  }

  @Test
  @Rows({94, 95, 118})
  void postingRefusesWhatIsNotAllowed() {
    RdmapStream stream = stream(b -> b.readDepths(1, 0).maxBuffers(1));
    Region own = region(8);
    Region foreign = memory.register(9, arena.allocate(8, 8), 0, EnumSet.allOf(Access.class));
    Region constant =
        memory.register(0, arena.allocate(8, 8).asReadOnly(), 0, EnumSet.of(Access.REMOTE_READ));
    assertThat(stream.postSend(1, buffers(foreign, 0, 8), false, false, 0))
        .isEqualTo(Posted.NO_ACCESS);
    assertThat(stream.postReceive(1, buffers(constant, 0, 8))).isEqualTo(Posted.NO_ACCESS);
    assertThat(stream.postRead(1, own, 0, 8, 0, 0)).isEqualTo(Posted.NOT_OFFERED);
    assertThat(stream.postImmediate(1, 0, false)).isEqualTo(Posted.NOT_OFFERED);
    assertThat(stream.postFetchAdd(1, own, 0, 0, 0, 0, 0)).isEqualTo(Posted.NOT_OFFERED);
    assertThat(
            stream.postSend(1, new LocalBuffers(2).add(own, 0, 1).add(own, 1, 1), false, false, 0))
        .isEqualTo(Posted.TOO_MANY_BUFFERS);
    RdmapStream reader = stream(b -> b);
    assertThat(reader.postRead(1, constant, 0, 8, 0, 0)).isEqualTo(Posted.NO_ACCESS);
  }

  @Test
  @Rows(95)
  void aSourceThatIsInvalidatedUnderWayEndsTheStream() {
    RdmapStream stream = stream(b -> b.batchBytes(1));
    Region region = region(10_000);
    stream.postSend(1, buffers(region, 0, 10_000), false, false, 0);
    take(stream, new ByteArrayOutputStream());
    memory.remove(region);
    assertThat(sent(stream)).last().asString().startsWith("4147").contains("00000000" + "00000000");
    assertThat(region.isBusy()).isFalse();
    stream.pollCompletions(log, 9);
    assertThat(log.all.getFirst().status()).isEqualTo(CompletionStatus.FLUSHED);
  }

  @ParameterizedTest
  @EnumSource(MpaTerminate.class)
  @Rows({59, 67, 69, 89})
  void errorsOfStartUpAreTheOnlyMessage(MpaTerminate cause) {
    for (MpaRole role : MpaRole.values()) {
      RdmapStream stream =
          new RdmapStream(StreamConfig.builder(role).rtr(RtrKind.WRITE).build(), memory);
      stream.terminate(cause, "test");
      assertThat(stream.wantsHalfClose()).isFalse();
      assertThat(sent(stream))
          .containsExactly(
              Wire.untagged(0x41, 0x47, 0, 2, 1, 0, "20%02x0000".formatted(cause.code())));
      assertThat(stream.wantsHalfClose()).isTrue();
    }
  }

  @Test
  @Rows({47, 114, 115})
  void waysInWhichTcpEndsStayDistinct() {
    RdmapStream truncated = stream(b -> b);
    truncated.receive(ByteBuffer.wrap(new byte[] {0, 14, 1}));
    truncated.peerClosed();
    assertThat(truncated.end()).contains(new StreamEnd.TruncatedByPeer());

    RdmapStream reset = stream(b -> b);
    // Long enough to be lent, not copied next to its headers.
    Region region = region(1000);
    reset.postSend(1, buffers(region, 0, 1000), false, false, 0);
    assertThat(reset.pollTransmit(0).isEmpty()).isFalse();
    assertThat(region.isBusy()).isTrue();
    reset.connectionLost(new StreamEnd.Reset());
    assertThat(region.isBusy()).isFalse();
    assertThat(reset.end()).contains(new StreamEnd.Reset());
    assertThat(reset.pollTransmit(0).isEmpty()).isTrue();
    reset.pollCompletions(log, 9);
    assertThat(log.all.getFirst().status()).isEqualTo(CompletionStatus.FLUSHED);
    assertThat(reset.wantsHalfClose()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"-1", "2147483647", "-2147483648", "-2"})
  @Rows(79)
  void msnsWrap(int msn) {
    StreamPosition start =
        new StreamPosition(msn, msn, msn, msn, OptionalInt.of(msn), msn, 512 * 77, 4 * 99, true);
    RdmapStream stream = stream(b -> b.start(start).extensions(true, true).readDepths(9, 9));
    Region region = region(8);
    for (int i = 0; i < 3; i++) {
      stream.postSend(i, new LocalBuffers(1), false, false, 0);
      stream.postRead(i, region, 0, 0, 0, 0);
      stream.postReceive(i, buffers(region, 0, 8));
      feed(stream, Wire.send(msn + i, 0, ""), Wire.readRequest(msn + i, 0, 0, 0, 0, 0));
    }
    feed(stream, fetchAdd(msn + 3, region), fetchAdd(msn + 4, region));
    List<String> sent = sent(stream);
    assertThat(sent)
        .contains(Wire.send(msn, 0, ""), Wire.send(msn + 1, 0, ""), Wire.send(msn + 2, 0, ""));
    for (int i = 0; i < 3; i++) {
      assertThat(sent).contains(Wire.readRequest(msn + i, 0, 0, 0, 0, 0));
    }
    assertThat(sent).anyMatch(u -> u.startsWith(Wire.untagged(0x41, 0x4B, 0, 3, msn, 0, "")));
    assertThat(sent).anyMatch(u -> u.startsWith(Wire.untagged(0x41, 0x4B, 0, 3, msn + 1, 0, "")));
    assertThat(stream.end()).isEmpty();
    assertThat(stream.position().sendMsn()).isEqualTo(msn + 3);
    assertThat(stream.position().receiveMsn()).isEqualTo(msn + 3);
    assertThat(stream.position().requestMsn()).isEqualTo(msn + 3);
    assertThat(stream.position().atomicResponseMsn()).isEqualTo(msn + 2);
    assertThat(stream.position().peerRequestMsn()).hasValue(msn + 5);
    assertThat(stream.position().receivedOctets()).isGreaterThan(4 * 99);
  }

  @ParameterizedTest
  @CsvSource({"1", "77", "-1", "0", "-2147483648"})
  @Rows(79)
  void learnsTheNumberOfThePeersRequestsFromTheFirstOne(int msn) {
    RdmapStream stream = stream(b -> b.start(unknownRequests()).readDepths(9, 9));
    assertThat(stream.position().peerRequestMsn()).isEmpty();
    assertThat(stream.state().position().peerRequestMsn()).isEmpty();
    feed(stream, Wire.readRequest(msn, 0, 0, 0, 0, 0));
    assertThat(stream.position().peerRequestMsn()).hasValue(msn + 1);
    feed(stream, Wire.readRequest(msn + 1, 0, 0, 0, 0, 0));
    assertThat(stream.end()).isEmpty();
    feed(stream, Wire.readRequest(msn + 1, 0, 0, 0, 0, 0));
    assertThat(stream.end()).isPresent();
  }

  private static StreamPosition unknownRequests() {
    return new StreamPosition(3, 3, 3, 3, OptionalInt.empty(), 3, 0, 0, true);
  }

  private static String fetchAdd(int msn, Region target) {
    String header = "%08x%08x%08x%016x".formatted(0, 1, target.stag(), BASE);
    return Wire.untagged(0x41, 0x4A, 0, 1, msn, 0, header + "00".repeat(32));
  }

  @Test
  @Rows({113, 123})
  void atomicsAndReadsShareTheOrd() {
    RdmapStream stream = stream(b -> b.extensions(true, false).readDepths(9, 2));
    Region region = region(64);
    stream.postFetchAdd(1, region, 0, 5, 0, 1, 0);
    stream.postRead(2, region, 8, 8, 5, 0);
    stream.postCompareSwap(3, region, 16, 5, 0, 0, 0, 0, 0);
    assertThat(sent(stream)).hasSize(2);
    feed(stream, Wire.untagged(0x41, 0x4B, 0, 3, 1, 0, "00000001" + "00".repeat(8)));
    assertThat(sent(stream)).hasSize(1);
  }

  @Test
  @Rows({104, 123})
  void atomicsAndReadsShareTheIrdAndAreAnsweredInOrder() {
    RdmapStream stream = stream(b -> b.extensions(true, false).readDepths(2, 2));
    Region region = region(8);
    feed(stream, fetchAdd(1, region), Wire.readRequest(2, 7, 8, 0, 0, 0));
    assertThat(stream.end()).isEmpty();
    List<String> sent = sent(stream);
    assertThat(sent).hasSize(2);
    assertThat(sent.getFirst()).startsWith(Wire.untagged(0x41, 0x4B, 0, 3, 1, 0, ""));
    assertThat(sent.getLast()).isEqualTo(Wire.tagged(0xC1, 0x42, 7, 8, ""));
    assertThat(stream.completionCount()).as("the ULP sees nothing of it").isZero();
    feed(stream, fetchAdd(3, region), Wire.readRequest(4, 7, 8, 0, 0, 0), fetchAdd(5, region));
    assertThat(sent(stream)).last().asString().startsWith("4147").contains("1202");
  }

  @Test
  @Rows(125)
  void immediateDataUsesReceivesUpInTheOrderOfTheMessages() {
    RdmapStream stream = stream(b -> b.extensions(false, true));
    Region region = region(16);
    stream.postReceive(1, buffers(region, 0, 8));
    stream.postReceive(2, buffers(region, 8, 8));
    String immediate = "0102030405060708";
    feed(stream, Wire.untagged(0x41, 0x48, 0, 0, 1, 0, immediate), Wire.send(2, 0, "ff"));
    stream.pollCompletions(log, 9);
    assertThat(log.all).extracting(Completion::id).containsExactly(1L, 2L);
    assertThat(log.all.getFirst().immediate()).hasValue(0x0102030405060708L);
    feed(stream, Wire.untagged(0x41, 0x49, 0, 0, 3, 0, immediate));
    assertThat(sent(stream)).singleElement().asString().startsWith("4147").contains("1202");
  }

  @Test
  @Rows({104, 113})
  void withoutIrdEvenOneReadIsTooMany() {
    RdmapStream stream = stream(b -> b.readDepths(0, 0));
    feed(stream, Wire.readRequest(1, 0, 0, 0, 0, 0));
    assertThat(sent(stream).getFirst()).contains("00000000" + "1202e000");
  }
}
