package dev.offramp.models.chelsio;

import static dev.offramp.models.chelsio.ScriptedConnection.DOMAIN;
import static dev.offramp.models.chelsio.ScriptedWork.COMPLETION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.iwarp.rdmap.TerminateCause;
import dev.offramp.models.chelsio.ScriptedWork.Piece;
import dev.offramp.models.chelsio.Session.Shape;
import java.util.HexFormat;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How connections end, in order and not. */
@Timeout(120)
final class TeardownTest {
  private static final int CLOSE_CON_REQ = 0x08;
  private static final int ABORT_RPL = 0x0B;
  private static final int PEER_CLOSE = 0x26;
  private static final int ABORT_REQ_RSS = 0x2B;
  private static final int CLOSE_CON_RPL = 0x32;
  private static final int RDMA_TERMINATE = 0xA2;
  private static final int FW6_MSG = 0xE0;

  private static void close(Session session) {
    session.driver().offload().post(session.script().message(CLOSE_CON_REQ, 16));
  }

  /** A message across, so that both ends have heard each other. */
  private static ScriptedMemory greet(Session session) {
    ScriptedMemory memory =
        ScriptedMemory.register(session.driver(), 1, DOMAIN, ScriptedMemory.ALL, 1);
    Region far = session.peer().register(100);
    session.peer().receive(1, far, 0, 100);
    session
        .script()
        .sends()
        .post(ScriptedWork.send(1, COMPLETION, ScriptedWork.PLAIN, 0, Piece.of(memory, 0, 9)));
    session.script().completions().take();
    session.peer().take();
    return memory;
  }

  @ParameterizedTest
  @EnumSource
  void hostClosesFirst(ChelsioChip chip) {
    try (Session session = Session.started(Shape.plain(chip, true))) {
      greet(session).deregister();
      close(session);
      Raw reply = session.driver().messages().take(CLOSE_CON_RPL);
      assertThat(reply.u32(0) & 0xFF_FFFF).isEqualTo(session.script().tid());
      assertThat(reply.u8(7)).isZero();
      assertThat(session.peer().awaitEnd()).isEqualTo(new StreamEnd.ClosedByPeer());
      session.driver().messages().take(PEER_CLOSE);
      session.peer().awaitGone();
      session.free();
    }
  }

  @ParameterizedTest
  @EnumSource
  void peerClosesFirst(ChelsioChip chip) {
    try (Session session = Session.started(Shape.plain(chip, true))) {
      greet(session).deregister();
      session.peer().disconnect();
      Raw closed = session.driver().messages().take(PEER_CLOSE);
      assertThat(closed.u32(0) & 0xFF_FFFF).isEqualTo(session.script().tid());
      // Half closed: the adapter still sends, though nobody receives it any more.
      assertThat(session.rig().model().usage().rdmaStreams()).isEqualTo(1);
      close(session);
      Raw reply = session.driver().messages().take(CLOSE_CON_RPL);
      assertThat(reply.u32(12)).isEqualTo(closed.u32(4));
      session.peer().awaitGone();
      session.free();
    }
  }

  @ParameterizedTest
  @EnumSource
  void peerResets(ChelsioChip chip) {
    try (Session session = Session.started(Shape.plain(chip, true))) {
      greet(session).deregister();
      session.peer().reset();
      Raw abort = session.driver().messages().take(ABORT_REQ_RSS);
      assertThat(abort.u32(0) & 0xFF_FFFF).isEqualTo(session.script().tid());
      assertThat(abort.u8(7)).isEqualTo(20);
      session.driver().offload().post(session.script().message(ABORT_RPL, 16).u8(25, 1));
      session.free();
    }
  }

  /** Before it has spoken, a connection goes back to the host without a segment. */
  @ParameterizedTest
  @EnumSource
  void abandoned(ChelsioChip chip) throws Exception {
    try (Session session = new Session(Shape.plain(chip, true))) {
      session.script().takeOver();
      assertThat(session.init()).isZero();
      long segments = session.rig().link().segmentCount();
      session.driver().offload().post(session.script().message(0x0A, 16).u8(25, 1));
      assertThat(session.driver().messages().take(0x2D).u8(7)).isZero();
      session.free();
      assertThat(session.rig().link().segmentCount()).isEqualTo(segments);
      HostEnd host =
          new HostEnd(session.rig(), session.connection().resumeAtHost(session.descriptor()));
      host.write("still here".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      assertThat(session.peer().awaitStreamed(10)).asString().isEqualTo("still here");
    }
  }

  @ParameterizedTest
  @EnumSource
  void peerTerminates(ChelsioChip chip) {
    try (Session session = Session.started(Shape.plain(chip, true))) {
      greet(session).deregister();
      session.peer().terminate(TerminateCause.RDMAP_LOCAL_CATASTROPHIC);
      Raw cqe = session.script().completions().take();
      assertThat(cqe.u32(0)).isEqualTo((session.script().sends().id() << 12) | 7);
      Raw message = session.driver().messages().take(RDMA_TERMINATE);
      assertThat(message.u32(0) & 0xFF_FFFF).isEqualTo(session.script().tid());
      assertThat(message.u16(6)).isEqualTo(4);
      assertThat(message.u32(8) >>> 16).isEqualTo(0x0000);
      session.driver().messages().take(PEER_CLOSE);
      session.abortAndFree();
    }
  }

  /** The host composes the Terminate, and the chip sends it as it is. */
  @ParameterizedTest
  @EnumSource
  void hostTerminates(ChelsioChip chip) {
    try (Session session = Session.started(Shape.plain(chip, true))) {
      greet(session).deregister();
      byte[] message = HexFormat.of().parseHex("02050000");
      assertThat(
              session
                  .driver()
                  .result(session.driver().offload(), session.script().change(2, message)))
          .isZero();
      Terminate terminate = ((StreamEnd.TerminatedByPeer) session.peer().awaitEnd()).terminate();
      assertThat(terminate.layer()).isZero();
      assertThat(terminate.type()).isEqualTo(2);
      assertThat(terminate.code()).isEqualTo(5);
      session.driver().messages().take(PEER_CLOSE);
      session.abortAndFree();
    }
  }

  /** A Write to an STag that is not there: the chip tells, and the host answers with TERMINATE. */
  @ParameterizedTest
  @EnumSource
  void peerBreaksARule(ChelsioChip chip) {
    try (Session session = Session.started(Shape.plain(chip, true))) {
      greet(session).deregister();
      Region far = session.peer().register(100, Access.REMOTE_READ);
      session.peer().write(2, far, 0, new RemoteBuffer(0x1234_5678, 0, 10));
      Raw message = session.driver().messages().take(FW6_MSG);
      assertThat(message.u8(1)).isEqualTo(2);
      assertThat(message.u32(8) >>> 12).isEqualTo(session.script().sends().id());
      assertThat(message.u32(8) >>> 5 & 0x1F).isEqualTo(1);
      assertThat(session.peer().isRunning()).isTrue();
      // DDP layer, tagged buffer, invalid STag.
      byte[] terminate = HexFormat.of().parseHex("11000000");
      assertThat(
              session
                  .driver()
                  .result(session.driver().offload(), session.script().change(2, terminate)))
          .isZero();
      Terminate seen = ((StreamEnd.TerminatedByPeer) session.peer().awaitEnd()).terminate();
      assertThat(seen.layer()).isEqualTo(1);
      assertThat(seen.type()).isEqualTo(1);
      session.driver().messages().take(PEER_CLOSE);
      session.abortAndFree();
    }
  }

  /** Nothing is flushed: what was posted and not done is the driver's to complete. */
  @ParameterizedTest
  @EnumSource
  void nothingIsFlushed(ChelsioChip chip) {
    try (Session session = Session.started(Shape.plain(chip, true))) {
      ScriptedMemory memory = greet(session);
      session.script().receives().post(ScriptedWork.receive(5, Piece.of(memory, 0, 10)));
      session.rig().settle();
      session.peer().reset();
      session.driver().messages().take(ABORT_REQ_RSS);
      session.driver().offload().post(session.script().message(ABORT_RPL, 16).u8(25, 1));
      memory.deregister();
      session.free();
      assertThat(session.script().completions().poll()).isNull();
    }
  }

  /** FINI: RDMA mode is over, and TCP goes on. */
  @ParameterizedTest
  @EnumSource
  void finish(ChelsioChip chip) {
    try (Session session = Session.started(Shape.plain(chip, true))) {
      greet(session).deregister();
      assertThat(
              session
                  .driver()
                  .result(session.driver().offload(), session.script().change(1, new byte[0])))
          .isZero();
      assertThat(session.rig().model().usage().rdmaStreams()).isZero();
      assertThat(session.script().freeQueues()).isZero();
      close(session);
      session.driver().messages().take(CLOSE_CON_RPL);
      assertThat(session.peer().awaitEnd()).isEqualTo(new StreamEnd.ClosedByPeer());
      session.driver().messages().take(PEER_CLOSE);
      session.driver().control().post(session.script().message(0x1A, 8));
      session.assertClean();
    }
  }

  /** A message that nobody has a Receive for is an error of the peer's. */
  @ParameterizedTest
  @EnumSource
  void noReceiveForASend(ChelsioChip chip) {
    try (Session session = Session.started(Shape.plain(chip, true))) {
      greet(session).deregister();
      Region far = session.peer().register(100);
      session.peer().send(3, far, 0, 4);
      Raw message = session.driver().messages().take(FW6_MSG);
      assertThat(message.u32(8) >>> 5 & 0x1F).isEqualTo(0x13);
      assertThat(session.peer().take().status()).isEqualTo(CompletionStatus.SUCCESS);
      session.abortAndFree();
    }
  }
}
