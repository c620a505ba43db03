package dev.offramp.runtime.mpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaDecision;
import dev.offramp.api.mpa.MpaException;
import dev.offramp.api.mpa.MpaFailure;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.conformance.Rows;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Start-up on real sockets against a peer that says exactly what it is told to say. */
@Timeout(60)
class MpaExchangeTest {
  private static final byte[] NONE = {};
  private static final byte[] GARBAGE =
      "GET / HTTP/1.1\r\nHost: example\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final String REQUEST_KEY = "MPA ID Req Frame";
  private static final String REPLY_KEY = "MPA ID Rep Frame";

  /** What an Initiator with default options sends: header and enhanced block. */
  private static final int DEFAULT_REQUEST_BYTES = RawFrame.HEADER_BYTES + 4;

  /** What softiwarp can have. */
  private static final int MAX_IRD = 16_382;

  private LoopbackPair pair;

  @BeforeEach
  void connect() throws IOException {
    pair = LoopbackPair.open();
  }

  @AfterEach
  void close() throws IOException {
    pair.close();
  }

  // ---- frames that are none: TCP is closed

  @ParameterizedTest
  @EnumSource(MpaRole.class)
  @Rows({35, 37, 47, 50})
  void garbage(MpaRole role) throws Exception {
    pair.send(GARBAGE);
    assertClosed(role, MpaFailure.MALFORMED_FRAME);
  }

  static Stream<Arguments> keyOctets() {
    return Arrays.stream(MpaRole.values())
        .flatMap(role -> IntStream.range(0, 16).mapToObj(octet -> Arguments.of(role, octet)));
  }

  @ParameterizedTest
  @MethodSource("keyOctets")
  @Rows({28, 35, 37, 50})
  void aWrongOctetInTheKey(MpaRole role, int octet) throws Exception {
    byte[] frame = wellFormed(role);
    frame[octet] ^= 0x20;
    pair.send(frame);
    assertClosed(role, MpaFailure.MALFORMED_FRAME);
  }

  static Stream<Arguments> tooLong() {
    return Arrays.stream(MpaRole.values())
        .flatMap(role -> Stream.of(513, 0x8000, 65535).map(length -> Arguments.of(role, length)));
  }

  @ParameterizedTest
  @MethodSource("tooLong")
  @Rows({33, 41})
  void privateDataThatIsTooLong(MpaRole role, int pdLength) throws Exception {
    pair.send(RawFrame.frame(key(role), RawFrame.CRC, 1, pdLength, new byte[600]));
    assertClosed(role, MpaFailure.MALFORMED_FRAME);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 255})
  @Rows(32)
  void aRevisionThatDoesNotExist(int revision) throws Exception {
    pair.send(RawFrame.request(RawFrame.CRC, revision, NONE));
    assertClosed(MpaRole.RESPONDER, MpaFailure.MALFORMED_FRAME);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  @Rows({33, 52})
  void anEnhancedFrameWithoutRoomForItsBlock(int pdLength) throws Exception {
    pair.send(RawFrame.request(RawFrame.ENHANCED, 2, RawFrame.data(pdLength)));
    assertClosed(MpaRole.RESPONDER, MpaFailure.MALFORMED_FRAME);
  }

  @Test
  @Rows({40, 50})
  void twoInitiators() throws Exception {
    pair.send(RawFrame.request(RawFrame.CRC, 1, NONE));
    assertClosed(MpaRole.INITIATOR, MpaFailure.BOTH_INITIATORS);
  }

  @Test
  @Rows({35, 50})
  void aReplyToAResponder() throws Exception {
    pair.send(RawFrame.reply(RawFrame.CRC, 1, NONE));
    assertClosed(MpaRole.RESPONDER, MpaFailure.MALFORMED_FRAME);
  }

  // ---- peers that are slow, or go away

  @ParameterizedTest
  @EnumSource(MpaRole.class)
  @Rows({40, 42})
  void aSilentPeer(MpaRole role) throws Exception {
    assertClosed(role, Duration.ofMillis(100), MpaFailure.TIMEOUT);
  }

  @ParameterizedTest
  @EnumSource(MpaRole.class)
  @Rows(42)
  void aPeerThatDripsGainsNoTime(MpaRole role) throws Exception {
    byte[] frame = wellFormed(role);
    BlockingQueue<Boolean> stop = new ArrayBlockingQueue<>(1);
    FutureTask<Integer> dripping =
        LoopbackPair.start(() -> {
          int sent = 0;
          // Never the last octet: however slow this machine is, the frame is not complete.
          while (sent < frame.length - 1 && stop.poll(20, TimeUnit.MILLISECONDS) == null) {
            pair.send(new byte[] {frame[sent]});
            sent++;
          }
          return sent;
        });
    assertClosed(role, Duration.ofMillis(150), MpaFailure.TIMEOUT);
    stop.add(true);
    try {
      LoopbackPair.join(dripping);
    } catch (java.util.concurrent.ExecutionException closedUnderIt) {
      assertThat(closedUnderIt).hasCauseInstanceOf(IOException.class);
    }
  }

  static Stream<Arguments> cuts() {
    return Arrays.stream(MpaRole.values())
        .flatMap(role -> IntStream.of(0, 1, 16, 19, 20, 25).mapToObj(n -> Arguments.of(role, n)));
  }

  @ParameterizedTest
  @MethodSource("cuts")
  @Rows(47)
  void aFinInTheMiddle(MpaRole role, int after) throws Exception {
    byte[] frame = RawFrame.frame(key(role), RawFrame.CRC, 1, 6, RawFrame.data(6));
    pair.send(Arrays.copyOf(frame, after));
    pair.far().shutdownOutput();
    assertClosed(role, MpaFailure.PEER_CLOSED);
  }

  @ParameterizedTest
  @MethodSource("cuts")
  @Rows(47)
  void aResetInTheMiddle(MpaRole role, int after) throws Exception {
    byte[] frame = RawFrame.frame(key(role), RawFrame.CRC, 1, 6, RawFrame.data(6));
    pair.send(Arrays.copyOf(frame, after));
    pair.reset();
    MpaException e = failure(options(role, Duration.ofSeconds(20)));
    assertThat(e.failure()).isEqualTo(MpaFailure.RESET);
    assertThat(pair.near().isOpen()).isFalse();
  }

  /** Neither end reads, and what the application wrote before fills the way to the peer. */
  @ParameterizedTest
  @EnumSource(MpaRole.class)
  void aPeerThatDoesNotRead(MpaRole role) throws Exception {
    if (role == MpaRole.RESPONDER) {
      pair.send(RawFrame.request(RawFrame.CRC, 1, NONE));
    }
    fillSendBuffer();
    MpaOptions options =
        role == MpaRole.INITIATOR
            ? Mpa.initiator().timeout(Duration.ofMillis(100)).build()
            : Mpa.responder(request -> MpaDecision.reject(Octets.empty()))
                .timeout(Duration.ofMillis(100))
                .build();
    assertThat(failure(options).failure()).isEqualTo(MpaFailure.TIMEOUT);
    assertThat(pair.near().isOpen()).isFalse();
  }

  /**
   * Until the kernel takes not one byte more, also after it had time to make room: longer than an
   * acknowledgement is delayed at most, which is 200 ms (TCP_DELACK_MAX).
   */
  private void fillSendBuffer() throws Exception {
    pair.near().configureBlocking(false);
    ByteBuffer filler = ByteBuffer.allocate(64 << 10);
    for (int quietRounds = 0; quietRounds < 60; quietRounds++) {
      while (pair.near().write(filler.clear()) > 0 || pair.near().write(filler.limit(1)) > 0) {
        quietRounds = 0;
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
    pair.near().configureBlocking(true);
  }

  // ---- rejections: TCP stays open

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Rows({36, 38})
  void aRejectionByThePeer(boolean blocking) throws Exception {
    pair.near().configureBlocking(blocking);
    byte[] why = RawFrame.data(300);
    // What follows the Reply is the application's, and must not be swallowed.
    pair.send(
        RawFrame.reply(
            RawFrame.CRC | RawFrame.REJECT | RawFrame.ENHANCED,
            2,
            RawFrame.enhanced(7, 16382, why)),
        GARBAGE);
    MpaException e = failure(Mpa.initiator().build());
    assertThat(e.failure()).isEqualTo(MpaFailure.REJECTED_BY_PEER);
    assertThat(e.privateData().toByteArray()).isEqualTo(why);
    assertThat(e.peer().orElseThrow().ird()).isEqualTo(7);
    assertThat(e.peer().orElseThrow().ord()).isEqualTo(16382);
    assertUsable(e, blocking);
    pair.near().configureBlocking(true);
    assertThat(LoopbackPair.read(pair.near(), GARBAGE.length)).isEqualTo(GARBAGE);
    pair.hear(DEFAULT_REQUEST_BYTES);
    assertThat(pair.carriesPlainData()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Rows(36)
  void aRejectionByThisEnd(boolean blocking) throws Exception {
    pair.near().configureBlocking(blocking);
    byte[] why = RawFrame.data(508);
    pair.send(
        RawFrame.request(RawFrame.ENHANCED, 2, RawFrame.enhanced(1, 1, RawFrame.data(9))), GARBAGE);
    MpaException e =
        failure(Mpa.responder(request -> MpaDecision.reject(Octets.copyOf(why))).build());
    assertThat(e.failure()).isEqualTo(MpaFailure.REJECTED_LOCALLY);
    assertUsable(e, blocking);
    byte[] reply = pair.hear(RawFrame.HEADER_BYTES + 4 + why.length);
    assertThat(new String(reply, 0, 16, StandardCharsets.US_ASCII)).isEqualTo(REPLY_KEY);
    assertThat(reply[16] & RawFrame.REJECT).isNotZero();
    assertThat(Arrays.copyOfRange(reply, 24, reply.length)).isEqualTo(why);
    pair.near().configureBlocking(true);
    assertThat(LoopbackPair.read(pair.near(), GARBAGE.length)).isEqualTo(GARBAGE);
    assertThat(pair.carriesPlainData()).isTrue();
  }

  /** The peer waits for a Reply, whatever went wrong in the application here. */
  @Test
  void aPolicyThatThrowsIsARejection() throws Exception {
    pair.send(RawFrame.request(RawFrame.CRC, 1, NONE));
    assertThatThrownBy(() ->
            run(
                pair.near(),
                Mpa.responder(
                        request -> {
                          throw new IllegalStateException("the application's defect");
                        })
                    .build()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the application's defect");
    assertThat(pair.hear(RawFrame.HEADER_BYTES)[16] & RawFrame.REJECT).isNotZero();
    assertThat(pair.carriesPlainData()).isTrue();
  }

  @Test
  void privateDataThatDoesNotFitTheReplyIsARejection() throws Exception {
    pair.send(RawFrame.request(RawFrame.ENHANCED, 2, RawFrame.enhanced(1, 1, NONE)));
    assertThatThrownBy(() ->
            run(
                pair.near(),
                Mpa.responder(request -> MpaDecision.accept(Octets.copyOf(RawFrame.data(509))))
                    .build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("509");
    assertThat(pair.hear(DEFAULT_REQUEST_BYTES)[16] & RawFrame.REJECT).isNotZero();
  }

  @Test
  @Rows({32, 71})
  void aReplyOfAnotherRevision() throws Exception {
    pair.send(RawFrame.reply(RawFrame.CRC, 1, NONE));
    assertClosed(MpaRole.INITIATOR, MpaFailure.MALFORMED_FRAME);
  }

  @Test
  @Rows(38)
  void aReplyThatThePolicyDoesNotWant() throws Exception {
    byte[] why = RawFrame.data(20);
    pair.send(peerFrame(REPLY_KEY, 2, why), GARBAGE);
    MpaException e =
        failure(
            Mpa.initiator(
                    reply -> {
                      assertThat(reply.privateData().toByteArray()).isEqualTo(why);
                      return MpaDecision.reject(Octets.empty());
                    })
                .build());
    assertThat(e.failure()).isEqualTo(MpaFailure.UNACCEPTABLE_REPLY);
    assertThat(e.privateData().toByteArray()).isEqualTo(why);
    assertUsable(e, true);
    assertThat(LoopbackPair.read(pair.near(), GARBAGE.length)).isEqualTo(GARBAGE);
    pair.hear(DEFAULT_REQUEST_BYTES);
    assertThat(pair.carriesPlainData()).isTrue();
  }

  /** RFC 6581, section 9.1: the Responder's IRD covers the Initiator's ORD as far as it can. */
  @ParameterizedTest
  @CsvSource({
    "3, 16, 16",
    "100, 16382, 100",
    "16382, 16382, 16382",
    "16382, 32, 32",
    "16383, 9, 16383"
  })
  @Rows(56)
  void theIrdGrowsWithTheRequest(int requestedOrd, int maxIrd, int repliedIrd) throws Exception {
    pair.send(
        RawFrame.request(
            RawFrame.CRC | RawFrame.ENHANCED, 2, RawFrame.enhanced(4, requestedOrd, NONE)));
    MpaAgreement agreement = MpaExchange.run(pair.near(), Mpa.responder().build(), maxIrd);
    byte[] reply = agreement.reply().toByteArray();
    assertThat((reply[20] & 0x3F) << 8 | (reply[21] & 0xFF)).isEqualTo(repliedIrd);
    assertThat(agreement.result().ird()).isEqualTo(requestedOrd == 16_383 ? 16 : repliedIrd);
    assertThat(agreement.result().peerOrd()).isEqualTo(requestedOrd);
  }

  /** RFC 6581, section 9.1: the Responder would send more Reads than this end can answer. */
  @Test
  @Rows(59)
  void aReplyThatWantsMoreReadsThanThisEndCanAnswer() throws Exception {
    pair.send(RawFrame.reply(RawFrame.CRC | RawFrame.ENHANCED, 2, RawFrame.enhanced(4, 9, NONE)));
    MpaException e = failure(Mpa.initiator().readDepths(8, 8).build());
    assertThat(e.failure()).isEqualTo(MpaFailure.TERMINATED);
    assertThat(e).hasMessageContaining("[9]").hasMessageContaining("8");
    assertThat(e.isTcpUsable()).isFalse();
    assertThat(pair.near().isOpen()).isFalse();
    pair.hear(DEFAULT_REQUEST_BYTES);
    // Length, DDP and RDMAP control, nothing to invalidate, queue 2, MSN 1, offset 0; then 2/0/06.
    byte[] terminate = pair.hear(24);
    assertThat(terminate)
        .startsWith(0, 22, 0x41, 0x47, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0x20, 0x06);
  }

  @Test
  void theReadTimeoutOfTheApplicationIsKept() throws Exception {
    pair.near().socket().setSoTimeout(12_345);
    pair.send(RawFrame.reply(RawFrame.CRC | RawFrame.REJECT, 1, NONE));
    assertThat(failure(Mpa.initiator().revision(1).build()).isTcpUsable()).isTrue();
    assertThat(pair.near().socket().getSoTimeout()).isEqualTo(12_345);
  }

  // ---- agreement

  /** One connection serves all: start-up reads and writes its frames and not an octet more. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  @Rows({25, 33, 54})
  void privateDataOfEveryLengthAsInitiator(int revision) throws Exception {
    for (int length = 0; length <= room(revision); length++) {
      byte[] data = RawFrame.data(length);
      byte[] answer = RawFrame.data(room(revision) - length);
      pair.send(peerFrame(REPLY_KEY, revision, answer));
      MpaAgreement agreement =
          run(
              pair.near(),
              Mpa.initiator().revision(revision).privateData(Octets.copyOf(data)).build());
      assertThat(agreement.result().privateData().toByteArray()).isEqualTo(answer);
      assertThat(agreement.localPrivateData().toByteArray()).isEqualTo(data);
      assertThat(agreement.reply().isEmpty()).isTrue();
      byte[] request = pair.hear(RawFrame.HEADER_BYTES + block(revision) + length);
      assertThat(ulp(request, revision)).isEqualTo(data);
    }
    assertThat(pair.carriesPlainData()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  @Rows({25, 33, 54})
  void privateDataOfEveryLengthAsResponder(int revision) throws Exception {
    for (int length = 0; length <= room(revision); length++) {
      byte[] data = RawFrame.data(length);
      byte[] answer = RawFrame.data(room(revision) - length);
      pair.send(peerFrame(REQUEST_KEY, revision, data));
      MpaAgreement agreement =
          run(
              pair.near(),
              Mpa.responder(
                      request -> {
                        assertThat(request.privateData().toByteArray()).isEqualTo(data);
                        return MpaDecision.accept(Octets.copyOf(answer));
                      })
                  .build());
      assertThat(agreement.result().privateData().toByteArray()).isEqualTo(data);
      byte[] reply = agreement.reply().toByteArray();
      assertThat(reply).hasSize(RawFrame.HEADER_BYTES + block(revision) + answer.length);
      assertThat(ulp(reply, revision)).isEqualTo(answer);
    }
    // Not one of the Replies was sent: they travel as unsent bytes.
    assertThat(pair.carriesPlainData()).isTrue();
  }

  @Test
  void theLastStreamingMessageComesBeforeTheRequest() throws Exception {
    pair.send(peerFrame(REPLY_KEY, 2, NONE));
    run(pair.near(), Mpa.initiator().lastStreamingMessage(Octets.copyOf(GARBAGE)).build());
    assertThat(pair.hear(GARBAGE.length)).isEqualTo(GARBAGE);
    assertThat(new String(pair.hear(16), StandardCharsets.US_ASCII)).isEqualTo(REQUEST_KEY);
  }

  @Test
  @Rows(45)
  void theLastStreamingMessageComesBeforeTheReply() throws Exception {
    pair.send(peerFrame(REQUEST_KEY, 2, NONE));
    MpaAgreement agreement =
        run(
            pair.near(),
            Mpa.responder(request -> MpaDecision.accept().after(Octets.copyOf(GARBAGE))).build());
    byte[] bytes = agreement.reply().toByteArray();
    assertThat(Arrays.copyOf(bytes, GARBAGE.length)).isEqualTo(GARBAGE);
    assertThat(new String(bytes, GARBAGE.length, 16, StandardCharsets.US_ASCII))
        .isEqualTo(REPLY_KEY);
  }

  /** What a Responder sends when the move failed after it had agreed. */
  @Test
  void anAgreementCanBeTakenBack() throws Exception {
    pair.send(peerFrame(REQUEST_KEY, 2, NONE));
    MpaAgreement agreement = run(pair.near(), Mpa.responder().build());
    pair.far().configureBlocking(true);
    byte[] rejection = agreement.rejection().toByteArray();
    try (LoopbackPair other = LoopbackPair.open()) {
      other.send(rejection);
      assertThat(
              catchThrowableOfType(
                      MpaException.class, () -> run(other.near(), Mpa.initiator().build()))
                  .failure())
          .isEqualTo(MpaFailure.REJECTED_BY_PEER);
    }
  }

  // ---- helpers

  private void assertClosed(MpaRole role, MpaFailure expected) throws Exception {
    assertClosed(role, Duration.ofSeconds(20), expected);
  }

  private void assertClosed(MpaRole role, Duration timeout, MpaFailure expected) throws Exception {
    MpaException e = failure(options(role, timeout));
    assertThat(e.failure()).isEqualTo(expected);
    assertThat(e.isTcpUsable()).isFalse();
    assertThat(pair.near().isOpen()).isFalse();
    assertThat(pair.isOverAtPeer()).isTrue();
  }

  private void assertUsable(MpaException e, boolean blocking) {
    assertThat(e.isTcpUsable()).isTrue();
    assertThat(e).hasMessageContaining("the TCP connection is still yours");
    assertThat(pair.near().isOpen()).isTrue();
    assertThat(pair.near().isBlocking()).isEqualTo(blocking);
  }

  private static MpaAgreement run(SocketChannel channel, MpaOptions options) throws IOException {
    return MpaExchange.run(channel, options, MAX_IRD);
  }

  private MpaException failure(MpaOptions options) {
    return catchThrowableOfType(MpaException.class, () -> run(pair.near(), options));
  }

  private static MpaOptions options(MpaRole role, Duration timeout) {
    return (role == MpaRole.INITIATOR ? Mpa.initiator() : Mpa.responder()).timeout(timeout).build();
  }

  /** The key that this role waits for. */
  private static String key(MpaRole role) {
    return role == MpaRole.INITIATOR ? REPLY_KEY : REQUEST_KEY;
  }

  private static byte[] wellFormed(MpaRole role) {
    return RawFrame.frame(key(role), RawFrame.CRC, 1, 6, RawFrame.data(6));
  }

  private static byte[] peerFrame(String key, int revision, byte[] data) {
    byte[] body = revision == 2 ? RawFrame.enhanced(16, 16, data) : data;
    int flags = RawFrame.CRC | (revision == 2 ? RawFrame.ENHANCED : 0);
    return RawFrame.frame(key, flags, revision, body.length, body);
  }

  private static int block(int revision) {
    return revision == 2 ? 4 : 0;
  }

  private static int room(int revision) {
    return 512 - block(revision);
  }

  private static byte[] ulp(byte[] frame, int revision) {
    return Arrays.copyOfRange(frame, RawFrame.HEADER_BYTES + block(revision), frame.length);
  }
}
