package dev.offramp.iwarp.mpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaDecision;
import dev.offramp.api.mpa.MpaFailure;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.conformance.Rows;
import dev.offramp.iwarp.Hex;
import dev.offramp.iwarp.Seeds;
import dev.offramp.iwarp.mpa.MpaStartup.State;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Start-up by the rows of the conformance table. */
final class MpaStartupTest {
  private static final String REQUEST_KEY = "4d504120494420526571204672616d65";
  private static final String REPLY_KEY = "4d504120494420526570204672616d65";

  private static MpaStartup start(MpaOptions.Builder options) {
    return new MpaStartup(options.build(), 0);
  }

  private static Octets octets(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 7 + 1);
    }
    return Octets.copyOf(bytes);
  }

  private static MpaStartup feed(MpaOptions.Builder options, String hex) {
    MpaStartup startup = start(options);
    startup.receive(Hex.buffer(hex));
    return startup;
  }

  private static MpaFailure failureOf(MpaOptions.Builder options, String hex) {
    MpaStartup startup = feed(options, hex);
    assertThat(startup.state()).as(startup.message()).isEqualTo(State.FAILED);
    assertThat(startup.message()).isNotEmpty();
    return startup.failure().orElseThrow();
  }

  private static String replyTo(MpaOptions.Builder options, String request) {
    MpaStartup startup = feed(options, request);
    assertThat(startup.state()).isEqualTo(State.DECIDING);
    startup.decide(MpaDecision.accept());
    return Hex.of(startup.pollTransmit());
  }

  @Test
  @Rows({16, 27, 30, 31, 34, 54, 68, 70})
  void requestsAreTheGoldenBytes() {
    assertThat(Hex.of(start(Mpa.initiator().crc(false).readDepths(1, 1)).pollTransmit()))
        .isEqualTo(REQUEST_KEY + "1002000400010001");
    assertThat(Hex.of(start(Mpa.initiator().readDepths(1, 1)).pollTransmit()))
        .isEqualTo(REQUEST_KEY + "5002000400010001");
    assertThat(Hex.of(start(Mpa.initiator().revision(1).crc(false)).pollTransmit()))
        .isEqualTo(REQUEST_KEY + "00010000");
    assertThat(Hex.of(start(Mpa.initiator().revision(1).receiveMarkers(true)).pollTransmit()))
        .isEqualTo(REQUEST_KEY + "c0010000");
  }

  @Test
  @Rows({63, 68})
  void controlFlagsAreTheGoldenBytes() {
    MpaOptions.Builder both =
        Mpa.initiator()
            .crc(false)
            .readDepths(1, 1)
            .peerToPeer(EnumSet.of(RtrKind.WRITE, RtrKind.READ));
    assertThat(Hex.of(start(both).pollTransmit())).endsWith("100200048001c001");
    MpaOptions.Builder send =
        Mpa.initiator().crc(false).readDepths(1, 1).peerToPeer(EnumSet.of(RtrKind.SEND));
    assertThat(Hex.of(start(send).pollTransmit())).endsWith("10020004c0010001");
  }

  @Test
  @Rows({53, 64, 71})
  void repliesAnswerInKind() {
    MpaOptions.Builder plain = Mpa.responder().crc(false).readDepths(1, 1);
    assertThat(replyTo(plain, REQUEST_KEY + "1002000400010001"))
        .isEqualTo(REPLY_KEY + "1002000400010001");
    assertThat(replyTo(plain, REQUEST_KEY + "5002000400010001"))
        .isEqualTo(REPLY_KEY + "5002000400010001");
    assertThat(replyTo(plain, REQUEST_KEY + "00010000")).isEqualTo(REPLY_KEY + "00010000");
    assertThat(replyTo(plain, REQUEST_KEY + "40010000")).isEqualTo(REPLY_KEY + "40010000");
    assertThat(replyTo(plain, REQUEST_KEY + "00020000")).isEqualTo(REPLY_KEY + "00020000");
    assertThat(replyTo(plain, REQUEST_KEY + "100200048001c001"))
        .isEqualTo(REPLY_KEY + "1002000480018001");
    assertThat(replyTo(plain, REQUEST_KEY + "1002000480014001"))
        .isEqualTo(REPLY_KEY + "1002000480014001");
  }

  @Test
  @Rows({30, 31})
  void reservedBitsAndTheRejectFlagOfARequestAreIgnored() {
    for (int bits = 0; bits < 16; bits++) {
      String flags = "3" + Integer.toHexString(bits);
      assertThat(replyTo(Mpa.responder().crc(false), REQUEST_KEY + flags + "02000400010001"))
          .startsWith(REPLY_KEY + "1002");
    }
  }

  @Test
  @Rows(52)
  void revisionOneHasNoEnhancedBlock() {
    MpaStartup startup = feed(Mpa.responder(), REQUEST_KEY + "10010004" + "00010001");
    assertThat(startup.peer().enhanced()).isFalse();
    assertThat(startup.peer().privateData().length()).isEqualTo(4);
    for (int length = 0; length < 4; length++) {
      assertThat(failureOf(Mpa.responder(), REQUEST_KEY + "1002000" + length))
          .isEqualTo(MpaFailure.MALFORMED_FRAME);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 4, 128, 255})
  @Rows(32)
  void otherRevisionsAreNotInteroperable(int revision) {
    String rest = "00%02x0000".formatted(revision);
    assertThat(failureOf(Mpa.responder(), REQUEST_KEY + rest))
        .isEqualTo(MpaFailure.MALFORMED_FRAME);
    assertThat(failureOf(Mpa.initiator(), REPLY_KEY + rest)).isEqualTo(MpaFailure.MALFORMED_FRAME);
  }

  @Test
  @Rows({28, 35, 37, 40, 50})
  void everyOctetOfTheKeyCounts() {
    for (int i = 0; i < MpaFrame.KEY_BYTES; i++) {
      for (boolean initiator : new boolean[] {true, false}) {
        byte[] bytes = Hex.bytes((initiator ? REPLY_KEY : REQUEST_KEY) + "00010000");
        bytes[i] ^= 0x20;
        MpaStartup startup = start(initiator ? Mpa.initiator() : Mpa.responder());
        startup.receive(ByteBuffer.wrap(bytes));
        assertThat(startup.failure()).contains(MpaFailure.MALFORMED_FRAME);
        assertThat(startup.pollTransmit().hasRemaining()).isEqualTo(initiator);
      }
    }
    assertThat(failureOf(Mpa.initiator(), REQUEST_KEY)).isEqualTo(MpaFailure.BOTH_INITIATORS);
    assertThat(failureOf(Mpa.responder(), REPLY_KEY)).isEqualTo(MpaFailure.MALFORMED_FRAME);
  }

  @Test
  @Rows({33, 54, 57})
  void everyLengthOfPrivateDataArrivesExactly() {
    for (int revision = 1; revision <= 2; revision++) {
      int room = 512 - (revision == 2 ? 4 : 0);
      for (int length = 0; length <= room; length++) {
        Octets out = octets(length);
        Octets back = octets(room - length);
        MpaStartup initiator = start(Mpa.initiator().revision(revision).privateData(out));
        MpaStartup responder = start(Mpa.responder());
        responder.receive(initiator.pollTransmit());
        assertThat(responder.peer().privateData()).isEqualTo(out);
        responder.decide(MpaDecision.accept(back));
        initiator.receive(responder.pollTransmit());
        assertThat(initiator.result().privateData()).isEqualTo(back);
        assertThat(responder.result().privateData()).isEqualTo(out);
      }
    }
  }

  @Test
  @Rows({33, 41})
  void privateDataBeyondTheLimitIsRefusedBeforeItIsCopied() {
    for (int length : new int[] {513, 514, 1024, 0x7FFF, 0x8000, 0xFFFF}) {
      String header = REQUEST_KEY + "0001%04x".formatted(length);
      assertThat(failureOf(Mpa.responder(), header)).isEqualTo(MpaFailure.MALFORMED_FRAME);
      assertThat(failureOf(Mpa.initiator(), header.replace(REQUEST_KEY, REPLY_KEY)))
          .isEqualTo(MpaFailure.MALFORMED_FRAME);
    }
    MpaStartup responder = feed(Mpa.responder(), REQUEST_KEY + "1002000400010001");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> responder.decide(MpaDecision.accept(octets(509))))
        .withMessageContaining("509");
  }

  @Test
  @Rows({18, 29})
  void flagsCombineByTheRules() {
    for (int i = 0; i < 16; i++) {
      boolean crcOut = (i & 1) != 0;
      boolean crcBack = (i & 2) != 0;
      boolean markersOut = (i & 4) != 0;
      boolean markersBack = (i & 8) != 0;
      MpaStartup initiator = start(Mpa.initiator().crc(crcOut).receiveMarkers(markersOut));
      MpaStartup responder = start(Mpa.responder().crc(crcBack).receiveMarkers(markersBack));
      agree(initiator, responder);
      assertThat(initiator.result().crc()).isEqualTo(crcOut || crcBack);
      assertThat(responder.result().crc()).isEqualTo(crcOut || crcBack);
      assertThat(initiator.result().sendMarkers()).isEqualTo(markersBack);
      assertThat(initiator.result().receiveMarkers()).isEqualTo(markersOut);
      assertThat(responder.result().sendMarkers()).isEqualTo(markersOut);
      assertThat(responder.result().receiveMarkers()).isEqualTo(markersBack);
    }
  }

  @Test
  @Rows(18)
  void aReplyWithoutCrcDoesNotTurnOffWhatTheInitiatorAskedFor() {
    MpaStartup initiator = feed(Mpa.initiator().crc(true), REPLY_KEY + "1002000400010001");
    assertThat(initiator.result().crc()).isTrue();
  }

  private static void agree(MpaStartup initiator, MpaStartup responder) {
    responder.receive(initiator.pollTransmit());
    responder.decide(MpaDecision.accept());
    initiator.receive(responder.pollTransmit());
    assertThat(initiator.state()).as(initiator.message()).isEqualTo(State.AGREED);
    assertThat(responder.state()).isEqualTo(State.AGREED);
  }

  @Test
  @Rows({54, 55, 56, 57, 58, 60, 61, 62})
  void readDepthsAreNegotiated() {
    Seeds.forAll(
        300,
        random -> {
          int[] depth = new int[4];
          for (int i = 0; i < 4; i++) {
            depth[i] = random.nextInt(4) == 0 ? MpaFrame.ULP_MANAGED : random.nextInt(16_383);
          }
          MpaStartup initiator = start(Mpa.initiator().readDepths(depth[0], depth[1]));
          MpaStartup responder = start(Mpa.responder().readDepths(depth[2], depth[3]));
          agree(initiator, responder);
          MpaResult first = initiator.result();
          MpaResult second = responder.result();
          assertThat(second.peerIrd()).isEqualTo(depth[0]);
          assertThat(second.peerOrd()).isEqualTo(depth[1]);
          if (depth[0] == MpaFrame.ULP_MANAGED) {
            assertThat(second.ord()).isEqualTo(depth[3]);
            assertThat(first.peerOrd()).isEqualTo(MpaFrame.ULP_MANAGED);
          } else {
            assertThat(second.ord()).isLessThanOrEqualTo(depth[0]);
            assertThat(initiator.terminate()).isEmpty();
          }
          if (depth[1] == MpaFrame.ULP_MANAGED) {
            assertThat(second.ird()).isEqualTo(depth[2]);
            assertThat(first.peerIrd()).isEqualTo(MpaFrame.ULP_MANAGED);
            assertThat(first.ord()).isEqualTo(MpaFrame.ULP_MANAGED);
          } else if (depth[2] != MpaFrame.ULP_MANAGED) {
            assertThat(second.ird()).isEqualTo(Math.max(depth[1], depth[2]));
            assertThat(first.peerIrd()).isEqualTo(second.ird());
            assertThat(first.ord()).isLessThanOrEqualTo(Math.min(depth[1], second.ird()));
          }
          assertThat(first.ird()).isEqualTo(depth[0]);
        });
  }

  /** What a Request asks for, what this Responder wants, and what the Reply and the stream get. */
  @ParameterizedTest
  @CsvSource({
    // Request IRD and ORD, own IRD and ORD, replied IRD and ORD, IRD and ORD in force
    "0, 0, 0, 0, 0, 0, 0, 0",
    "0, 16382, 4, 4, 16382, 0, 16382, 0",
    "16382, 1, 16382, 16382, 16382, 16382, 16382, 16382",
    "16382, 16382, 1, 1, 16382, 1, 16382, 1",
    "3, 7, 8, 9, 8, 3, 8, 3",
    "16383, 7, 8, 9, 8, 16383, 8, 9",
    "3, 16383, 8, 9, 16383, 3, 8, 3",
    "16383, 16383, 8, 9, 16383, 16383, 8, 9"
  })
  @Rows({54, 55, 56, 60, 61})
  void readDepthsAreTheGoldenBytes(
      int askedIrd,
      int askedOrd,
      int ownIrd,
      int ownOrd,
      int repliedIrd,
      int repliedOrd,
      int ird,
      int ord) {
    MpaStartup responder =
        feed(
            Mpa.responder().crc(false).readDepths(ownIrd, ownOrd),
            REQUEST_KEY + "10020004%04x%04x".formatted(askedIrd, askedOrd));
    responder.decide(MpaDecision.accept());
    assertThat(Hex.of(responder.pollTransmit()))
        .isEqualTo(REPLY_KEY + "10020004%04x%04x".formatted(repliedIrd, repliedOrd));
    assertThat(responder.result().ird()).isEqualTo(ird);
    assertThat(responder.result().ord()).isEqualTo(ord);
  }

  @Test
  @Rows(62)
  void aReplyThatLeavesTheDepthsToTheUlpChangesNothing() {
    MpaResult both =
        feed(Mpa.initiator().readDepths(7, 9), REPLY_KEY + "100200043fff3fff").result();
    assertThat(both.ird()).isEqualTo(7);
    assertThat(both.ord()).isEqualTo(9);
    MpaResult ird = feed(Mpa.initiator().readDepths(7, 9), REPLY_KEY + "100200043fff0002").result();
    assertThat(ird.ird()).isEqualTo(7);
    assertThat(ird.ord()).isEqualTo(9);
    MpaResult ord = feed(Mpa.initiator().readDepths(7, 9), REPLY_KEY + "1002000400033fff").result();
    assertThat(ord.ird()).isEqualTo(7);
    assertThat(ord.ord()).isEqualTo(3);
  }

  @Test
  @Rows(56)
  void whereTheRnicCannotHaveThatIrdTheReplySaysWhatThereIs() {
    MpaStartup responder = new MpaStartup(Mpa.responder().readDepths(8, 8).build(), 32, 0);
    responder.receive(Hex.buffer(REQUEST_KEY + "5002000400100040"));
    responder.decide(MpaDecision.accept());
    assertThat(responder.result().ird()).isEqualTo(32);
    MpaStartup initiator = start(Mpa.initiator().readDepths(16, 64));
    initiator.receive(responder.pollTransmit());
    assertThat(initiator.result().ord()).isEqualTo(32);
    assertThat(initiator.terminate()).isEmpty();
  }

  @Test
  @Rows(59)
  void anOrdAboveTheIrdIsToldThePeer() {
    MpaStartup initiator = feed(Mpa.initiator().readDepths(16, 16), REPLY_KEY + "1002000400103ffe");
    assertThat(initiator.state()).isEqualTo(State.AGREED);
    assertThat(initiator.terminate()).contains(MpaTerminate.INSUFFICIENT_IRD);
    assertThat(initiator.message()).contains("16382");
  }

  @ParameterizedTest
  @CsvSource({
    "SEND, SEND",
    "WRITE, WRITE",
    "READ, READ",
    "SEND|WRITE, WRITE",
    "SEND|READ, READ",
    "WRITE|READ, WRITE",
    "SEND|WRITE|READ, WRITE"
  })
  @Rows({63, 64, 65, 66})
  void allMasksOfIndicationsAgree(String mask, RtrKind expected) {
    Set<RtrKind> kinds = EnumSet.noneOf(RtrKind.class);
    for (RtrKind kind : RtrKind.values()) {
      if (mask.contains(kind.name())) {
        kinds.add(kind);
      }
    }
    MpaStartup initiator = start(Mpa.initiator().peerToPeer(kinds));
    MpaStartup responder = start(Mpa.responder());
    agree(initiator, responder);
    assertThat(initiator.result().rtr()).isEqualTo(expected);
    assertThat(responder.result().rtr()).isEqualTo(expected);
    assertThat(initiator.terminate()).isEmpty();
  }

  @Test
  @Rows({65, 67})
  void withoutAMatchTheResponderNamesWhatItHasAndTheInitiatorEnds() {
    MpaStartup initiator = start(Mpa.initiator().peerToPeer(EnumSet.of(RtrKind.SEND)));
    MpaStartup responder = start(Mpa.responder().peerToPeer(EnumSet.of(RtrKind.READ)));
    agree(initiator, responder);
    assertThat(Hex.of(responder.replyBytes().asByteBuffer())).endsWith("80104010");
    assertThat(initiator.terminate()).contains(MpaTerminate.NO_MATCHING_RTR);
    MpaStartup other = start(Mpa.initiator().peerToPeer(EnumSet.of(RtrKind.WRITE)));
    other.receive(Hex.buffer(REPLY_KEY + "1002000400100010"));
    assertThat(other.terminate()).contains(MpaTerminate.NO_MATCHING_RTR);
  }

  @Test
  @Rows(68)
  void withoutPeerToPeerTheOtherFlagsAreIgnored() {
    MpaStartup responder = feed(Mpa.responder(), REQUEST_KEY + "100200044001c001");
    responder.decide(MpaDecision.accept());
    assertThat(responder.result().rtr()).isEqualTo(RtrKind.NONE);
    assertThat(Hex.of(responder.pollTransmit())).endsWith("00100001");
  }

  @Test
  @Rows({30, 36, 38, 57})
  void aRejectionLeavesTcpOpenAndCarriesPrivateData() {
    MpaStartup initiator = start(Mpa.initiator().readDepths(3, 5));
    MpaStartup responder = start(Mpa.responder());
    responder.receive(initiator.pollTransmit());
    responder.decide(MpaDecision.reject(octets(9)));
    assertThat(responder.failure()).contains(MpaFailure.REJECTED_LOCALLY);
    assertThat(responder.peer().ird()).isEqualTo(3);
    ByteBuffer reply = responder.pollTransmit();
    ByteBuffer withStream = ByteBuffer.allocate(reply.remaining() + 3);
    withStream.put(reply).put(Hex.bytes("010203")).flip();
    initiator.receive(withStream);
    assertThat(initiator.failure()).contains(MpaFailure.REJECTED_BY_PEER);
    assertThat(initiator.failure().orElseThrow().isTcpUsable()).isTrue();
    assertThat(initiator.peer().privateData()).isEqualTo(octets(9));
    assertThat(initiator.peer().ird()).isEqualTo(16);
    assertThat(Hex.of(withStream)).isEqualTo("010203");
  }

  @Test
  @Rows({32, 71})
  void aReplyOfAnotherKindIsNoReply() {
    assertThat(failureOf(Mpa.initiator(), REPLY_KEY + "00010000"))
        .isEqualTo(MpaFailure.MALFORMED_FRAME);
    assertThat(failureOf(Mpa.initiator(), REPLY_KEY + "00020000"))
        .isEqualTo(MpaFailure.MALFORMED_FRAME);
    assertThat(failureOf(Mpa.initiator().revision(1), REPLY_KEY + "1002000400010001"))
        .isEqualTo(MpaFailure.MALFORMED_FRAME);
  }

  @Test
  @Rows({25, 45})
  void bytesAfterTheFrameStayAndStreamingMessagesComeFirst() {
    MpaStartup initiator =
        start(Mpa.initiator().crc(false).lastStreamingMessage(Octets.copyOf(Hex.bytes("cafe"))));
    assertThat(Hex.of(initiator.pollTransmit())).startsWith("cafe" + REQUEST_KEY);
    MpaStartup responder = feed(Mpa.responder(), REQUEST_KEY + "00010000");
    responder.decide(MpaDecision.accept().after(Octets.copyOf(Hex.bytes("beef"))));
    assertThat(Hex.of(responder.replyBytes().asByteBuffer())).startsWith("beef" + REPLY_KEY);

    ByteBuffer input = Hex.buffer(REPLY_KEY + "1002000400010001" + "000ec140");
    assertThat(initiator.receive(input)).isEqualTo(24);
    assertThat(Hex.of(input)).isEqualTo("000ec140");
    assertThat(initiator.receive(input)).isZero();
  }

  @Test
  @Rows({23, 35})
  void framesMayComeByteByByteAndEachPrefixWaits() {
    byte[] request = Hex.bytes(REQUEST_KEY + "1002000600010001abcd");
    MpaStartup responder = start(Mpa.responder());
    for (int i = 0; i < request.length; i++) {
      assertThat(responder.state()).isEqualTo(State.AWAITING_REQUEST);
      assertThat(responder.receive(ByteBuffer.wrap(request, i, 1))).isOne();
    }
    assertThat(responder.state()).isEqualTo(State.DECIDING);
  }

  @Test
  @Rows({40, 42})
  void aSlowDripDoesNotOutliveTheTimeout() {
    MpaStartup responder = start(Mpa.responder().timeout(Duration.ofSeconds(5)));
    byte[] request = Hex.bytes(REQUEST_KEY + "00010000");
    long second = 1_000_000_000L;
    for (int i = 0; i < 5; i++) {
      responder.handleTimeout(i * second);
      responder.receive(ByteBuffer.wrap(request, i, 1));
      assertThat(responder.nextDeadlineNanos()).isEqualTo(5 * second);
    }
    responder.handleTimeout(5 * second);
    assertThat(responder.failure()).contains(MpaFailure.TIMEOUT);
    assertThat(responder.nextDeadlineNanos()).isEqualTo(MpaStartup.NO_DEADLINE);
  }

  @Test
  @Rows(47)
  void theEndOfTcpIsToldApart() {
    MpaStartup closed = start(Mpa.initiator());
    closed.peerClosed();
    assertThat(closed.failure()).contains(MpaFailure.PEER_CLOSED);
    MpaStartup reset = start(Mpa.responder());
    reset.connectionReset();
    assertThat(reset.failure()).contains(MpaFailure.RESET);
  }

  @Test
  @Rows(26)
  void decidingAndResultsNeedTheirState() {
    MpaStartup startup = start(Mpa.responder());
    assertThatIllegalStateException().isThrownBy(() -> startup.decide(MpaDecision.accept()));
    assertThatIllegalStateException().isThrownBy(startup::result);
    assertThatIllegalStateException().isThrownBy(startup::peer);
  }

  @Test
  @Rows(5)
  void theRevisionInForceIsReported() {
    List<Integer> revisions = new ArrayList<>();
    for (int revision = 1; revision <= 2; revision++) {
      MpaStartup initiator = start(Mpa.initiator().revision(revision));
      agree(initiator, start(Mpa.responder()));
      revisions.add(initiator.result().revision());
    }
    assertThat(revisions).containsExactly(1, 2);
  }
}
