package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.conformance.Rows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A scripted peer breaks each rule once; exactly one Terminate has to answer. */
final class ProtocolErrorTest {
  private static final int DOMAIN = 1;
  private static final int OTHER_DOMAIN = 2;
  private static final int SIZE = 64;
  private static final long BASE = 0x1000;
  private static final String TERMINATE =
      "4147" + "00000000" + "00000002" + "00000001" + "00000000";
  private static final byte CANARY = 0x5A;
  private static final int IRD = 2;

  private final MemoryTable memory = new MemoryTable(new SplittableRandom(3), 100);
  private final Arena arena = Arena.ofAuto();
  private final Log log = new Log();
  private Region region;
  private Region inbox;
  private RdmapStream stream;

  @BeforeEach
  void open() {
    region = register(DOMAIN, BASE, EnumSet.allOf(Access.class));
    inbox = region;
    stream = stream(false);
  }

  private RdmapStream stream(boolean extensions) {
    return new RdmapStream(
        StreamConfig.builder(MpaRole.RESPONDER)
            .domain(DOMAIN)
            .readDepths(IRD, 2)
            .extensions(extensions, extensions)
            .build(),
        memory);
  }

  private Region register(int domain, long base, Set<Access> access) {
    MemorySegment segment = arena.allocate(SIZE, 8);
    segment.fill(CANARY);
    return memory.register(domain, segment, base, access);
  }

  private void feed(String... ulpdus) {
    for (String ulpdu : ulpdus) {
      stream.receive(ByteBuffer.wrap(Wire.fpdu(ulpdu)));
    }
  }

  private void postReceive(long length) {
    inbox = register(DOMAIN, 0, Set.of());
    assertThat(stream.postReceive(9, new LocalBuffers(1).add(inbox, 0, length)))
        .isEqualTo(Posted.ACCEPTED);
  }

  /** The one Terminate has to have this payload, and then silence. */
  private void expect(String payload) {
    List<String> sent = Wire.ulpdus(Wire.take(stream));
    assertThat(sent).last().isEqualTo(TERMINATE + payload.replace(" ", ""));
    assertThat(sent.stream().filter(u -> u.startsWith(TERMINATE))).hasSize(1);
    assertThat(stream.wantsHalfClose()).isTrue();
    assertThat(stream.end()).get().isInstanceOf(StreamEnd.TerminatedLocally.class);
    feed(Wire.send(1, 0, "00"), Wire.write(region.stag(), BASE, "ff"));
    assertThat(Wire.take(stream)).isEmpty();
    stream.pollCompletions(log, 100);
    assertThat(log.all).noneMatch(Completion::isSuccess);
    assertUntouched();
  }

  private void assertUntouched() {
    for (byte b : region.segment().toArray(ValueLayout.JAVA_BYTE)) {
      assertThat(b).isEqualTo(CANARY);
    }
  }

  private static String copy(String ulpdu, int headerBytes) {
    return "%04x".formatted(ulpdu.length() / 2) + ulpdu.substring(0, 2 * headerBytes);
  }

  /** A wrong tagged segment. */
  private void taggedError(String control, String ulpdu) {
    feed(ulpdu);
    expect(control + "c000" + copy(ulpdu, 14));
  }

  /** A wrong untagged segment. */
  private void untaggedError(String control, String ulpdu) {
    feed(ulpdu);
    expect(control + "c000" + copy(ulpdu, 18));
  }

  /** A wrong Read Request. */
  private void readError(String control, String ulpdu) {
    feed(ulpdu);
    expect(control + "e000" + copy(ulpdu, 46));
  }

  // ---- MPA

  @Test
  @Rows({20, 48, 49, 116})
  void wrongCrc() {
    byte[] bad = Wire.fpdu(Wire.send(1, 0, "00"));
    bad[bad.length - 1] ^= 1;
    stream.receive(ByteBuffer.wrap(bad));
    assertThat(stream.wantsHalfClose()).isFalse();
    expect("20020000");
  }

  @Test
  @Rows({47, 48, 49})
  void wrongMarker() {
    stream =
        new RdmapStream(
            StreamConfig.builder(MpaRole.RESPONDER).markers(false, true).crc(false).build(),
            memory);
    byte[] bytes = new byte[40];
    bytes[3] = 8;
    bytes[5] = 18;
    stream.receive(ByteBuffer.wrap(bytes));
    assertThat(stream.wantsHalfClose()).as("TCP stays for the Terminate").isFalse();
    byte[] sent = Wire.take(stream);
    assertThat(sent).startsWith(0, 22, 0x41, 0x47);
    assertThat(sent[20]).isEqualTo((byte) 0x20);
    assertThat(sent[21]).isEqualTo((byte) 0x03);
  }

  @Test
  @Rows({48, 87, 112})
  void streamingBytesAfterTheSwitchAreAnError() {
    byte[] text = "GET / HTTP/1.1 ".repeat(5_000).getBytes(StandardCharsets.US_ASCII);
    stream.receive(ByteBuffer.wrap(text));
    assertThat(stream.end()).get().isInstanceOf(StreamEnd.TerminatedLocally.class);
    assertThat(stream.wantsHalfClose()).as("the Terminate comes first").isFalse();
    expect("20020000");
  }

  // ---- DDP

  @Test
  @Rows({76, 93})
  void ddpVersions() {
    for (int version : new int[] {0, 2, 3}) {
      stream = stream(false);
      taggedError("1104", Wire.tagged(0xC0 | version, 0x40, region.stag(), BASE, "ff"));
      stream = stream(false);
      untaggedError("1206", Wire.untagged(0x40 | version, 0x43, 0, 0, 1, 0, "ff"));
    }
  }

  @Test
  @Rows({90, 93})
  void queueNumbers() {
    for (int queue : new int[] {3, 4, 5, 0x7FFF_FFFF, -1}) {
      stream = stream(false);
      untaggedError("1201", Wire.untagged(0x41, 0x43, 0, queue, 1, 0, "ff"));
    }
  }

  @Test
  @Rows({90, 105})
  void noReceiveIsPosted() {
    untaggedError("1202", Wire.send(1, 0, "ff"));
    stream = stream(false);
    untaggedError("1202", Wire.send(1, 0, ""));
  }

  @Test
  @Rows(90)
  void msnOutOfRange() {
    for (int msn : new int[] {0, 2, 3, -1}) {
      stream = stream(false);
      postReceive(SIZE);
      untaggedError("1203", Wire.send(msn, 0, "ff"));
    }
  }

  @Test
  @Rows({86, 90})
  void messageOffsets() {
    for (int offset : new int[] {1, 63, 64, 65, -1}) {
      stream = stream(false);
      postReceive(SIZE);
      untaggedError("1204", Wire.send(1, offset, "ff"));
    }
    stream = stream(false);
    postReceive(SIZE);
    feed(Wire.untagged(0x01, 0x43, 0, 0, 1, 0, "aabb"));
    untaggedError("1204", Wire.send(1, 3, "ff"));
  }

  @Test
  @Rows({90, 106})
  void messageTooLong() {
    for (int length : new int[] {0, 1, 10, 63}) {
      stream = stream(false);
      postReceive(length);
      untaggedError("1205", Wire.send(1, 0, "ff".repeat(length + 1)));
      assertThat(log.receives())
          .last()
          .extracting(Completion::status)
          .isEqualTo(CompletionStatus.MESSAGE_TOO_LONG);
      assertThat(inbox.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(CANARY);
    }
    // Of a message in two segments the first fits, and nothing behind the buffer changes.
    stream = stream(false);
    postReceive(10);
    feed(Wire.untagged(0x01, 0x43, 0, 0, 1, 0, "ff".repeat(10)));
    untaggedError("1205", Wire.send(1, 10, "ff"));
    assertThat(inbox.segment().asSlice(10).toArray(ValueLayout.JAVA_BYTE)).containsOnly(CANARY);
  }

  @Test
  @Rows(106)
  void aMessageOfExactlyTheRightLengthFits() {
    postReceive(10);
    feed(Wire.send(1, 0, "ff".repeat(10)));
    stream.pollCompletions(log, 1);
    assertThat(log.all.getFirst().bytes()).isEqualTo(10);
  }

  @Test
  @Rows({91, 92, 117})
  void writes() {
    taggedError("1100", Wire.write(region.stag() ^ 1, BASE, "ff"));
    stream = stream(false);
    taggedError("1100", Wire.write(region.stag() ^ 0x100, BASE, "ff"));
    stream = stream(false);
    taggedError("1101", Wire.write(region.stag(), BASE - 1, "ff"));
    stream = stream(false);
    taggedError("1101", Wire.write(region.stag(), BASE + SIZE, "ff"));
    stream = stream(false);
    taggedError("1101", Wire.write(region.stag(), BASE + SIZE - 1, "ffff"));
    stream = stream(false);
    taggedError("1103", Wire.write(region.stag(), -1, "ffff"));
    stream = stream(false);
    taggedError("1101", Wire.write(region.stag(), -1, "ff"));
    stream = stream(false);
    region.invalidate();
    taggedError("1100", Wire.write(region.stag(), BASE, "ff"));
  }

  @Test
  @Rows({94, 118})
  void theStagOfAnotherStream() {
    Region foreign = register(OTHER_DOMAIN, BASE, EnumSet.allOf(Access.class));
    taggedError("1102", Wire.write(foreign.stag(), BASE, "ff"));
    stream = stream(false);
    readError("0103", Wire.readRequest(1, 0, 0, 1, foreign.stag(), BASE));
  }

  @Test
  @Rows({91, 118})
  void accessRights() {
    Region closed = register(DOMAIN, BASE, Set.of());
    taggedError("0102", Wire.write(closed.stag(), BASE, "ff"));
    stream = stream(false);
    readError("0102", Wire.readRequest(1, 0, 0, 1, closed.stag(), BASE));
  }

  @Test
  @Rows({84, 91})
  void aRegionAtTheEndOfTheOffsetsDoesNotWrap() {
    Region last = register(DOMAIN, -SIZE, EnumSet.allOf(Access.class));
    feed(Wire.write(last.stag(), -1, "ff"));
    feed(Wire.write(0x1234_5678, 99, ""));
    assertThat(stream.end()).isEmpty();
    assertThat(last.segment().get(ValueLayout.JAVA_BYTE, SIZE - 1)).isEqualTo((byte) 0xFF);
    taggedError("1103", Wire.write(last.stag(), -1, "ffff"));
  }

  // ---- RDMAP

  @Test
  @Rows({96, 117})
  void rdmapVersions() {
    for (int version : new int[] {0x00, 0x80, 0xC0}) {
      stream = stream(false);
      taggedError("0205", Wire.tagged(0xC1, version, region.stag(), BASE, "ff"));
      stream = stream(false);
      untaggedError("0205", Wire.untagged(0x41, version | 3, 0, 0, 1, 0, "ff"));
    }
  }

  @Test
  @Rows({73, 98, 117})
  void unexpectedOpcodes() {
    for (int opcode = 0; opcode < 16; opcode++) {
      stream = stream(false);
      if (opcode != 0) {
        taggedError("0206", Wire.tagged(0xC1, 0x40 | opcode, region.stag(), BASE, "ff"));
      }
      for (int queue = 0; queue < 3; queue++) {
        boolean right =
            (queue == 0 && opcode >= 3 && opcode <= 6)
                || (queue == 1 && opcode == 1)
                || (queue == 2 && opcode == 7);
        if (!right) {
          stream = stream(false);
          untaggedError("0206", Wire.untagged(0x41, 0x40 | opcode, 0, queue, 1, 0, "ff"));
        }
      }
    }
  }

  @Test
  @Rows({75, 96})
  void reservedBitsAreIgnored() {
    postReceive(SIZE);
    feed(Wire.untagged(0x41 | 0x3C, 0x43 | 0x30, 0, 0, 1, 0, "ff"));
    feed(Wire.tagged(0xC1 | 0x3C, 0x40 | 0x30, region.stag(), BASE, "5a"));
    assertThat(stream.end()).isEmpty();
    assertThat(stream.completionCount()).isOne();
  }

  @Test
  @Rows({99, 100, 117})
  void readRequests() {
    readError("0100", Wire.readRequest(1, 7, 8, 1, region.stag() ^ 1, BASE));
    stream = stream(false);
    readError("0101", Wire.readRequest(1, 7, 8, SIZE + 1, region.stag(), BASE));
    stream = stream(false);
    readError("0101", Wire.readRequest(1, 7, 8, 1, region.stag(), BASE - 1));
    stream = stream(false);
    readError("0104", Wire.readRequest(1, 7, 8, 2, region.stag(), -1));
    stream = stream(false);
    readError("1203", Wire.readRequest(2, 7, 8, 1, region.stag(), BASE));
    stream = stream(false);
    untaggedError("02ff", Wire.untagged(0x41, 0x41, 0, 1, 1, 0, "00".repeat(27)));
    stream = stream(false);
    readError("1205", Wire.untagged(0x41, 0x41, 0, 1, 1, 0, "00".repeat(29)));
    stream = stream(false);
    readError("1204", Wire.untagged(0x41, 0x41, 0, 1, 1, 4, "00".repeat(28)));
    stream = stream(false);
    readError("02ff", Wire.untagged(0x01, 0x41, 0, 1, 1, 0, "00".repeat(28)));
  }

  @Test
  @Rows({103, 104, 113})
  void moreReadsThanTheIrd() {
    feed(Wire.readRequest(1, 7, 8, 0, 0xBAD, 77), Wire.readRequest(2, 9, 10, 0, 0xBAD, 77));
    assertThat(stream.end()).isEmpty();
    readError("1202", Wire.readRequest(3, 7, 8, 0, 0, 0));
  }

  @Test
  @Rows({99, 103})
  void zeroLengthReadsAreAnsweredUnchecked() {
    feed(Wire.readRequest(1, 0xCAFE, -5, 0, 0xBAD, 77));
    assertThat(Wire.ulpdus(Wire.take(stream)))
        .containsExactly(Wire.tagged(0xC1, 0x42, 0xCAFE, -5, ""));
  }

  @Test
  @Rows(98)
  void readResponsesThatNobodyAskedFor() {
    taggedError("0206", Wire.tagged(0xC1, 0x42, region.stag(), BASE, "ff"));
    stream = stream(false);
    taggedError("0206", Wire.tagged(0xC1, 0x42, region.stag(), BASE, ""));
  }

  @Test
  @Rows({91, 92, 104})
  void readResponsesToTheWrongPlace() {
    Region foreign = register(OTHER_DOMAIN, BASE, EnumSet.allOf(Access.class));
    Region sink = register(DOMAIN, BASE, EnumSet.allOf(Access.class));
    readResponse("1100", Wire.tagged(0xC1, 0x42, sink.stag() ^ 1, BASE + 8, "ff"), sink);
    readResponse("1102", Wire.tagged(0xC1, 0x42, foreign.stag(), BASE + 8, "ff"), sink);
    readResponse("1101", Wire.tagged(0xC1, 0x42, sink.stag(), BASE + 7, "ff"), sink);
    readResponse("1101", Wire.tagged(0xC1, 0x42, sink.stag(), BASE + 8, "ff".repeat(5)), sink);
    readResponse("1103", Wire.tagged(0xC1, 0x42, sink.stag(), -1, "ffff"), sink);
    readResponse("02ff", Wire.tagged(0xC1, 0x42, sink.stag(), BASE + 8, "ff"), sink);
  }

  private void readResponse(String control, String ulpdu, Region sink) {
    stream = stream(false);
    feed(Wire.write(0, 0, ""));
    assertThat(stream.postRead(5, sink, 8, 4, 0xABC, 0)).isEqualTo(Posted.ACCEPTED);
    Wire.take(stream);
    taggedError(control, ulpdu);
    assertThat(log.others())
        .last()
        .extracting(Completion::status)
        .isEqualTo(CompletionStatus.FLUSHED);
  }

  @Test
  @Rows(107)
  void stagsThatCannotBeInvalidated() {
    Region foreign = register(OTHER_DOMAIN, BASE, EnumSet.allOf(Access.class));
    Region fixed = register(DOMAIN, BASE, EnumSet.of(Access.REMOTE_READ));
    Region stale = register(DOMAIN, BASE, EnumSet.allOf(Access.class));
    stale.invalidate();
    for (int stag : new int[] {0x77, foreign.stag(), fixed.stag(), stale.stag()}) {
      for (int opcode = 4; opcode <= 6; opcode += 2) {
        stream = stream(false);
        postReceive(SIZE);
        untaggedError("0109", Wire.untagged(0x41, 0x40 | opcode, stag, 0, 1, 0, "ff"));
      }
    }
    assertThat(foreign.isValid()).isTrue();
    assertThat(fixed.isValid()).isTrue();
  }

  @Test
  @Rows({24, 93})
  void ulpdusWithoutARoomForTheirHeader() {
    for (String ulpdu :
        List.of("", "c1", "c140", "41430000", "c140000000000000000000000000".substring(2))) {
      stream = stream(false);
      feed(ulpdu);
      List<String> sent = Wire.ulpdus(Wire.take(stream));
      assertThat(sent).hasSize(1);
      assertThat(sent.getFirst()).startsWith(TERMINATE);
    }
  }

  @Test
  @Rows({98, 116})
  void theFirstErrorWins() {
    feed(Wire.write(region.stag() ^ 1, BASE, "ff"), Wire.send(9, 9, "ff"));
    expect("1100c000" + copy(Wire.write(region.stag() ^ 1, BASE, "ff"), 14));
  }

  @Test
  @Rows({89, 108, 114, 115})
  void outstandingWorkIsFlushedInOrder() {
    postReceive(SIZE);
    feed(Wire.send(1, 0, "00"));
    stream.pollCompletions(log, 10);
    log.all.clear();
    postReceive(SIZE);
    stream.postRead(1, region, 0, 8, 1, 0);
    stream.postSend(2, new LocalBuffers(1).add(region, 0, 8), false, false, 0);
    Wire.take(stream);
    stream.postSend(3, new LocalBuffers(1).add(region, 0, 8), false, false, 0);
    feed(Wire.write(region.stag() ^ 1, BASE, "ff"));
    assertThat(Wire.ulpdus(Wire.take(stream))).hasSize(1);
    assertThat(stream.wantsHalfClose()).isTrue();
    stream.pollCompletions(log, 10);
    assertThat(log.others().stream().map(Completion::id)).containsExactly(1L, 2L, 3L);
    assertThat(log.all).allMatch(c -> c.status() == CompletionStatus.FLUSHED || c.id() == 2);
    assertThat(stream.postSend(4, new LocalBuffers(1), false, false, 0))
        .isEqualTo(Posted.STREAM_ENDED);
    assertThat(stream.postReceive(4, new LocalBuffers(1))).isEqualTo(Posted.STREAM_ENDED);
  }

  // ---- a Terminate from the peer

  @Test
  @Rows({100, 108})
  void aTerminateOfThePeerEndsTheStreamInSilence() {
    feed(Wire.write(0, 0, ""));
    stream.postRead(1, region, 0, 8, 1, 0);
    stream.postRead(2, region, 0, 8, 1, 0);
    List<String> sent = Wire.ulpdus(Wire.take(stream));
    stream.postSend(3, new LocalBuffers(1), false, false, 0);
    feed(TERMINATE + "0100e000" + "002e" + sent.get(1));
    assertThat(Wire.take(stream)).isEmpty();
    assertThat(stream.wantsHalfClose()).isTrue();
    stream.pollCompletions(log, 10);
    assertThat(log.others().stream().map(Completion::status))
        .containsExactly(
            CompletionStatus.FLUSHED,
            CompletionStatus.TERMINATED_BY_PEER,
            CompletionStatus.FLUSHED);
    Terminate terminate = ((StreamEnd.TerminatedByPeer) stream.end().orElseThrow()).terminate();
    assertThat(terminate.layer()).isZero();
    assertThat(terminate.type()).isOne();
    assertThat(terminate.headers().length()).isEqualTo(46);
  }

  @Test
  @Rows(108)
  void aTerminateWithAnotherMsnIsWrong() {
    untaggedError("1203", Wire.untagged(0x41, 0x47, 0, 2, 2, 0, "20020000"));
  }

  // ---- RFC 7306

  @Test
  @Rows({121, 126})
  void misalignedAtomics() {
    for (int shift = 1; shift < 8; shift++) {
      stream = stream(true);
      untaggedError("0207", atomic(1, 0, region.stag(), BASE + shift));
    }
    stream = stream(true);
    untaggedError("0206", atomic(1, 9, region.stag(), BASE));
    stream = stream(true);
    untaggedError("0100", atomic(1, 0, region.stag() ^ 1, BASE));
    stream = stream(true);
    untaggedError("0101", atomic(1, 0, region.stag(), BASE + SIZE));
    stream = stream(true);
    Region closed = register(DOMAIN, BASE, EnumSet.of(Access.REMOTE_WRITE));
    untaggedError("0102", atomic(1, 0, closed.stag(), BASE));
  }

  private static String atomic(int msn, int operation, int stag, long to) {
    return Wire.untagged(
        0x41,
        0x4A,
        0,
        1,
        msn,
        0,
        "%08x%08x%08x%016x".formatted(operation, 1, stag, to) + "00".repeat(32));
  }

  @Test
  @Rows(125)
  void immediateDataHasEightOctets() {
    for (int length : new int[] {0, 7, 9}) {
      stream = stream(true);
      postReceive(SIZE);
      untaggedError(
          length > 8 ? "1205" : "02ff", Wire.untagged(0x41, 0x48, 0, 0, 1, 0, "ff".repeat(length)));
    }
  }

  @Test
  @Rows({123, 126})
  void atomicResponsesThatNobodyAskedFor() {
    stream = stream(true);
    untaggedError("1202", Wire.untagged(0x41, 0x4B, 0, 3, 1, 0, "00".repeat(12)));
  }
}
