package dev.offramp.models.chelsio;

import static dev.offramp.models.chelsio.ScriptedConnection.DOMAIN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.RtrKind;
import dev.offramp.models.chelsio.ScriptedWork.Piece;
import dev.offramp.models.chelsio.Session.Shape;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** One wrong value, and a connection that is right otherwise: it is refused, or it breaks. */
@Timeout(300)
final class WrongBitsTest {
  private static final int EINVAL = 22;
  private static final int TIMED_OUT = 31;

  private static final Shape SHAPE = Shape.plain(ChelsioChip.T6, true);

  private static Arguments wr(String what, int retval, UnaryOperator<Raw> change) {
    return Arguments.of(what, retval, change);
  }

  private static Raw or(Raw raw, int at, long bits) {
    return raw.u64(at, raw.u64(at) | bits);
  }

  private static Raw without(Raw raw, int at, long bits) {
    return raw.u64(at, raw.u64(at) & ~bits);
  }

  static Stream<Arguments> connections() {
    return Stream.of(
        wr("t_state 2", 38, raw -> raw.u8(80, 2 << 4)),
        wr("t_state 5", EINVAL, raw -> raw.u8(80, 5 << 4)),
        wr("pass-accept reply", EINVAL, raw -> raw.u16(84, 1 << 14)),
        wr("port 0", EINVAL, raw -> raw.u16(44, 0)),
        wr("bytes behind IPv4 addresses", EINVAL, raw -> raw.u8(70, 1)),
        wr("IPv6 without a CLIP entry", 99, raw -> raw.u32(32, 1 << 31)),
        wr("filter tuple", EINVAL, raw -> raw.u32(36, raw.u32(36) ^ 2)),
        wr("next hop that is not there", 101, raw -> without(raw, 96, 0xFFFL << 36)),
        wr("channel of another port", 101, raw -> without(raw, 96, 3 << 2)),
        wr("source MAC", EINVAL, raw -> or(raw, 96, 0xFFL << 28)),
        wr("window scale 15", EINVAL, raw -> or(raw, 96, 15L << 50)),
        wr("ULP mode 8", EINVAL, raw -> without(or(raw, 96, 8 << 8), 96, 7 << 8)),
        wr("no reply queue", EINVAL, raw -> raw.u32(104, raw.u32(104) & ~(1 << 10))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("connections")
  void connectionRefused(String what, int retval, UnaryOperator<Raw> change) {
    try (Session session = new Session(SHAPE)) {
      session.script().nextHop();
      assertThat(session.script().open(change.apply(session.script().connection())))
          .isEqualTo(retval);
      // The answer names the atid, because there is no tid.
      assertThat(session.script().tid()).isEqualTo(0x77);
      assertThat(session.rig().model().violations())
          .extracting(Violation::kind)
          .containsExactly(Violation.Kind.BAD_TCB);
      assertThat(session.rig().model().usage().tids()).isZero();
    }
  }

  private static Arguments init(String what, UnaryOperator<Raw> change) {
    return Arguments.of(what, change);
  }

  static Stream<Arguments> inits() {
    return Stream.of(
        init("qpid", raw -> raw.u32(28, raw.u32(28) + 1)),
        init("send queue", raw -> raw.u32(32, 0x4FF)),
        init("receive queue", raw -> raw.u32(36, raw.u32(32))),
        init("shared receive queue", raw -> raw.u32(36, 1 << 31)),
        init("completion queue", raw -> raw.u32(40, raw.u32(40) + 1)),
        init("ORD", raw -> raw.u32(48, 33)),
        init("IRD", raw -> raw.u32(52, -1)),
        init("iss", raw -> raw.u32(56, raw.u32(56) + 1)),
        init("irs", raw -> raw.u32(60, raw.u32(60) - 1)),
        init("size of the table", raw -> raw.u32(64, 24)),
        init("place in the table", raw -> raw.u32(68, 0x0080_0000)),
        init("MPA of before the RFC", raw -> raw.u8(20, 4)),
        init("no RDMA Write", raw -> raw.u8(21, 1)),
        init("indication of another kind", raw -> raw.u8(17, 1 << 7 | 1)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("inits")
  void initRefused(String what, UnaryOperator<Raw> change) {
    try (Session session = new Session(SHAPE)) {
      session.script().takeOver();
      Raw right = session.script().initRequest(true, 0xF, session.attributes(), 0);
      Raw wrong = change.apply(Raw.on(right.bytes().clone()));
      assertThat(session.driver().result(session.driver().offload(), wrong)).isEqualTo(EINVAL);
      assertThat(session.rig().model().violations())
          .extracting(Violation::kind)
          .containsExactly(Violation.Kind.BAD_INIT);
      // The right one does, afterwards.
      assertThat(session.driver().result(session.driver().offload(), right)).isZero();
    }
  }

  private static Arguments tcb(String what, Consumer<ScriptedConnection> change) {
    return Arguments.of(what, change);
  }

  static Stream<Arguments> tcbs() {
    return Stream.of(
        tcb("SND_UNA_RAW", script -> script.set(10, 0, 28, 1)),
        tcb("SND_NXT_RAW", script -> script.set(10, 28, 28, 1)),
        tcb("SND_MAX_RAW", script -> script.set(11, 24, 28, 1)),
        tcb("RX_HDR_OFFSET", script -> script.set(18, 6, 28, 9)),
        tcb("RCV_WND", script -> script.set(17, 10, 28, 0)),
        tcb("IP version", script -> script.set(2, 26, 1, 1)),
        tcb("L2T_IX", script -> script.set(0, 12, 12, 1000)),
        tcb("SMAC_SEL", script -> script.set(0, 24, 8, 200)),
        tcb("RCV_SCALE", script -> script.set(4, 0, 4, 15)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tcbs")
  void tcbRefused(String what, Consumer<ScriptedConnection> change) {
    try (Session session = new Session(SHAPE)) {
      ScriptedConnection script = session.script();
      script.nextHop();
      assertThat(script.open(script.connection())).isZero();
      script.loadTcb();
      script.flowc();
      change.accept(script);
      assertThat(script.own()).isZero();
      assertThat(script.makeQueues()).isZero();
      assertThat(session.init()).isEqualTo(EINVAL);
      assertThat(session.rig().model().violations())
          .extracting(Violation::kind)
          .containsAnyOf(Violation.Kind.BAD_TCB, Violation.Kind.BAD_INIT);
      // Told to speak in spite of that, the chip aborts.
      assertThat(script.activate()).isZero();
      assertThat(session.driver().messages().take(0x2B).u8(7)).isEqualTo(42);
    }
  }

  static Stream<Arguments> flowcs() {
    return Stream.of(
        init("function", raw -> raw.u32(12, 3 << 8)),
        init("channel", raw -> raw.u32(20, 0)),
        init("port", raw -> raw.u32(28, 0)),
        init("relative queue", raw -> raw.u32(36, raw.u32(36) - 40)),
        init("SNDNXT", raw -> raw.u32(44, raw.u32(44) + 1)),
        init("RCVNXT", raw -> raw.u32(52, raw.u32(52) + 1)),
        init("SNDBUF", raw -> raw.u32(60, 0)),
        init("MSS", raw -> raw.u32(68, 1461)),
        init("RCV_SCALE", raw -> raw.u32(76, 9)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("flowcs")
  void flowcRefused(String what, UnaryOperator<Raw> change) {
    try (Session session = new Session(SHAPE)) {
      ScriptedConnection script = session.script();
      script.nextHop();
      assertThat(script.open(script.connection())).isZero();
      script.loadTcb();
      assertThat(script.own()).isZero();
      session.driver().offload().post(change.apply(script.flowcRequest()));
      // It is acknowledged all the same: there is no other answer.
      if (!what.equals("relative queue")) {
        session.driver().messages().take(0xC3);
      }
      assertThat(script.makeQueues()).isZero();
      if (!what.equals("relative queue")) {
        assertThat(session.init()).isEqualTo(EINVAL);
      }
      assertThat(session.rig().model().violations())
          .extracting(Violation::kind)
          .contains(Violation.Kind.BAD_FLOWC);
    }
  }

  /** Values that no check can know to be wrong: the connection is dead then. */
  enum Lie {
    SEND_SEQUENCE,
    RECEIVE_SEQUENCE,
    MAC,
    ADDRESSES,
    SEGMENT_SIZE
  }

  @ParameterizedTest
  @EnumSource
  void breaks(Lie lie) {
    Shape shape = new Shape(ChelsioChip.T5, true, false, false, false, true, RtrKind.NONE);
    try (Session session = new Session(shape)) {
      ScriptedConnection script = session.script();
      script.nextHop();
      if (lie == Lie.MAC) {
        session.driver().writeNextHop(ScriptedConnection.NEXT_HOP, 0xFFF, 0x0200_0000_0066L);
      }
      Raw wr = script.connection();
      if (lie == Lie.ADDRESSES) {
        int peer = wr.u32(48);
        wr.u32(48, wr.u32(52)).u32(52, peer);
      }
      assertThat(script.open(wr)).isZero();
      script.loadTcb();
      Raw flowc = script.flowcRequest();
      Raw init = script.initRequest(true, 0xF, session.attributes(), 0);
      if (lie == Lie.SEND_SEQUENCE) {
        int wrong = init.u32(56) + 100_000;
        script.set(9, 0, 32, Integer.toUnsignedLong(wrong));
        flowc = script.flowcRequest().u32(44, wrong);
        init.u32(56, wrong);
      } else if (lie == Lie.RECEIVE_SEQUENCE) {
        int wrong = init.u32(60) - 200_000;
        script.set(16, 10, 32, Integer.toUnsignedLong(wrong));
        flowc = script.flowcRequest().u32(52, wrong);
        init.u32(60, wrong);
      } else if (lie == Lie.SEGMENT_SIZE) {
        script.set(3, 24, 4, 15);
        flowc = script.flowcRequest().u32(68, 9000);
      }
      assertThat(script.own()).isZero();
      session.driver().offload().post(flowc);
      session.driver().messages().take(0xC3);
      assertThat(script.makeQueues()).isZero();
      assertThat(session.driver().result(session.driver().offload(), init)).isZero();
      ScriptedMemory memory =
          ScriptedMemory.register(session.driver(), 1, DOMAIN, ScriptedMemory.ALL, 2);
      session.peer().enterRdma(session.peerConfig());
      assertThat(script.activate()).isZero();
      script
          .sends()
          .post(ScriptedWork.send(1, 0, ScriptedWork.PLAIN, 0, Piece.of(memory, 0, 8000)));
      Raw abort =
          session
              .rig()
              .awaitValue(
                  "end of a connection that cannot work",
                  () -> {
                    session.rig().clock().jump(Duration.ofSeconds(2).toNanos());
                    session.rig().settle();
                    return session.driver().messages().poll();
                  });
      assertThat(abort.u8(0)).isEqualTo(0x2B);
      assertThat(abort.u8(7)).isIn(TIMED_OUT, 20);
      assertThat(session.peer().completionCount()).isZero();
      assertThat(session.rig().model().violations()).isEmpty();
    }
  }
}
