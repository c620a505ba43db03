package dev.offramp.models.chelsio;

import static dev.offramp.models.chelsio.ScriptedConnection.DOMAIN;
import static dev.offramp.models.chelsio.ScriptedWork.COMPLETION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.chelsio.ScriptedWork.Piece;
import dev.offramp.models.chelsio.Session.Shape;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Fences, fast registration, the indication of ready-to-receive, and what else has rules. */
@Timeout(120)
final class RdmaDetailsTest {
  private static final Shape SHAPE = Shape.plain(ChelsioChip.T6, true);

  private static int status(Raw cqe) {
    return cqe.u32(0) >>> 5 & 0x1F;
  }

  private static int opcode(Raw cqe) {
    return cqe.u32(0) & 0x1F;
  }

  /** An Initiator's first message is in FW_RI_WR INIT: a Write, a Read or a Send of nothing. */
  @ParameterizedTest
  @EnumSource(
      value = RtrKind.class,
      names = {"WRITE", "READ"})
  void indication(RtrKind kind) {
    Shape shape = new Shape(ChelsioChip.T5, true, false, false, false, true, kind);
    try (Session session = new Session(shape)) {
      ScriptedConnection script = session.script();
      script.takeOver();
      Raw init = script.initRequest(true, session.indication(), session.attributes(), 0);
      init.u8(80, kind == RtrKind.WRITE ? 0x14 : 0x16).u8(87, 3);
      if (kind == RtrKind.WRITE) {
        init.u32(100, 1).u64(104, 1).u8(112, 0x81);
      } else {
        init.u32(96, 1).u64(100, 1).u32(112, 1).u64(116, 1);
      }
      assertThat(session.driver().result(session.driver().offload(), init)).isZero();
      session.goLive(new byte[0]);
      // The peer has heard the indication, and may send first now.
      ScriptedMemory memory =
          ScriptedMemory.register(session.driver(), 1, DOMAIN, ScriptedMemory.ALL, 1);
      script.receives().post(ScriptedWork.receive(1, Piece.of(memory, 0, 10)));
      Region far = session.peer().register(10);
      session.peer().send(1, far, 0, 7);
      Raw cqe = script.completions().take();
      if (kind == RtrKind.READ) {
        // iw_cxgb4 ignores the completion of a Read with this STag.
        assertThat(opcode(cqe)).isEqualTo(2);
        assertThat(cqe.u32(8)).isEqualTo(1);
        cqe = script.completions().take();
      }
      assertThat(opcode(cqe)).isEqualTo(3);
      assertThat(cqe.u32(4)).isEqualTo(7);
      assertThat(session.rig().model().violations()).isEmpty();
    }
  }

  /** A Send of what a Read brings waits for that Read, by either fence. */
  @Test
  void readFence() {
    try (Session session = Session.started(SHAPE)) {
      ScriptedConnection script = session.script();
      ScriptedMemory memory =
          ScriptedMemory.register(session.driver(), 1, DOMAIN, ScriptedMemory.ALL, 1);
      Region far = session.peer().register(100, Access.REMOTE_READ);
      far.segment().fill((byte) 0x77);
      for (int flags : new int[] {ScriptedWork.READ_FENCE, ScriptedWork.LOCAL_FENCE}) {
        memory.segment().fill((byte) 0);
        session.peer().receive(1, far, 50, 50);
        script
            .sends()
            .post(ScriptedWork.read(1, 0, Piece.of(memory, 0, 50), far.stag(), far.taggedOffset()));
        script
            .sends()
            .post(ScriptedWork.send(2, COMPLETION | flags, 3, 0, Piece.of(memory, 0, 50)));
        assertThat(opcode(script.completions().take())).isEqualTo(2);
        assertThat(opcode(script.completions().take())).isEqualTo(0x13);
        assertThat(session.peer().take().bytes()).isEqualTo(50);
        assertThat(far.segment().asSlice(50, 50).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0x77);
      }
      assertThat(session.rig().model().violations()).isEmpty();
    }
  }

  /** More Reads than ORD: the rest waits, and all are done in order. */
  @Test
  void readsBeyondOrd() {
    try (Session session = Session.started(SHAPE)) {
      ScriptedConnection script = session.script();
      ScriptedMemory memory =
          ScriptedMemory.register(session.driver(), 1, DOMAIN, ScriptedMemory.ALL, 1);
      Region far = session.peer().register(4096, Access.REMOTE_READ);
      for (int i = 0; i < 4096; i++) {
        far.segment().set(ValueLayout.JAVA_BYTE, i, (byte) i);
      }
      // 40 slots are 39 Reads at most.
      for (int i = 0; i < 30; i++) {
        script
            .sends()
            .post(
                ScriptedWork.read(
                    i, 0, Piece.of(memory, 10L * i, 10), far.stag(), far.taggedOffset() + 10L * i));
      }
      for (int i = 0; i < 30; i++) {
        Raw cqe = script.completions().take();
        assertThat(opcode(cqe)).isEqualTo(2);
        assertThat(cqe.u32(4)).isEqualTo(10);
      }
      assertThat(memory.bytes(0, 300))
          .isEqualTo(far.segment().asSlice(0, 300).toArray(ValueLayout.JAVA_BYTE));
      assertThat(session.rig().model().violations()).isEmpty();
    }
  }

  /** A Read of nothing names no memory. */
  @Test
  void readOfNothing() {
    try (Session session = Session.started(SHAPE)) {
      session.script().sends().post(ScriptedWork.read(1, 0, new Piece(2, 0, 0), 2, 0));
      Raw cqe = session.script().completions().take();
      assertThat(opcode(cqe)).isEqualTo(2);
      assertThat(status(cqe)).isZero();
      assertThat(session.peer().isRunning()).isTrue();
    }
  }

  @Test
  void readInvalidates() {
    try (Session session = Session.started(SHAPE)) {
      ScriptedConnection script = session.script();
      ScriptedMemory memory =
          ScriptedMemory.register(session.driver(), 1, DOMAIN, ScriptedMemory.ALL, 1);
      Region far = session.peer().register(100, Access.REMOTE_READ);
      Raw read =
          ScriptedWork.read(
              1,
              ScriptedWork.READ_INVALIDATE,
              Piece.of(memory, 0, 50),
              far.stag(),
              far.taggedOffset());
      script.sends().post(read);
      assertThat(status(script.completions().take())).isZero();
      script.sends().post(read);
      assertThat(status(script.completions().take())).isEqualTo(1);
    }
  }

  /** FW_RI_RDMA_WRITE_CMPL_WR of T6. */
  @Test
  void writeAndSend() {
    try (Session session = Session.started(SHAPE)) {
      ScriptedConnection script = session.script();
      ScriptedMemory memory =
          ScriptedMemory.register(session.driver(), 1, DOMAIN, ScriptedMemory.ALL, 1);
      memory.segment().fill((byte) 3);
      Region far = session.peer().register(200, Access.REMOTE_WRITE);
      session.peer().receive(1, far, 100, 100);
      script
          .sends()
          .post(
              ScriptedWork.writeAndSend(
                  1,
                  far.stag(),
                  far.taggedOffset(),
                  Piece.of(memory, 0, 60),
                  2,
                  new byte[] {9, 9}));
      Completion received = session.peer().take();
      assertThat(received.bytes()).isEqualTo(2);
      assertThat(far.segment().asSlice(0, 60).toArray(ValueLayout.JAVA_BYTE)).containsOnly(3);
      assertThat(far.segment().get(ValueLayout.JAVA_BYTE, 101)).isEqualTo((byte) 9);
      assertThat(script.completions().take().u16(14)).isEqualTo(1);
      assertThat(script.completions().take().u16(14)).isEqualTo(2);
      assertThat(session.rig().model().violations()).isEmpty();
    }
  }

  /** FW_RI_FR_NSMR_WR: an STag that is there and not in use gets its pages and goes into use. */
  @Test
  void fastRegistration() {
    try (Session session = new Session(SHAPE)) {
      ScriptedConnection script = session.script();
      script.takeOver();
      Raw init = script.initRequest(true, 0xF, session.attributes(), 0).u8(21, 0xF);
      assertThat(session.driver().result(session.driver().offload(), init)).isZero();
      session.goLive(new byte[0]);
      ScriptedMemory memory =
          ScriptedMemory.register(session.driver(), 1, DOMAIN, ScriptedMemory.ALL, 2);
      int table = session.driver().mailbox().parameter(2, 0x0D);
      int stag = 5 << 8 | 0x11;
      Raw entry = Raw.of(32).u32(0, 1 << 31 | 0x11 << 23 | DOMAIN).u32(8, 1000);
      assertThat(ScriptedMemory.write(session.driver(), table + 5 * 32, entry.bytes())).isZero();
      Raw register =
          Raw.of(64)
              .u8(0, 0x19)
              .u8(1, COMPLETION)
              .u16(2, 7)
              .u8(7, 4)
              .u8(9, 0)
              .u8(10, 1)
              .u8(11, 15)
              .u32(12, stag)
              .u32(20, 8000)
              .u64(24, 0x4000)
              .u8(32, 0x81)
              .u32(36, 16)
              .u64(40, memory.address())
              .u64(48, memory.address() + 4096);
      script.sends().post(register);
      Raw cqe = script.completions().take();
      assertThat(opcode(cqe)).isEqualTo(0x1A);
      assertThat(status(cqe)).isZero();
      // The peer needs to have heard this end before it sends.
      Region far = session.peer().register(8000);
      session.peer().receive(1, far, 0, 10);
      script.sends().post(ScriptedWork.sendInline(8, 0, new byte[1]));
      session.peer().take();
      far.segment().fill((byte) 0x2A);
      session.peer().write(2, far, 0, new RemoteBuffer(stag, 0x4000, 8000));
      session.peer().take();
      script.receives().post(ScriptedWork.receive(1, new Piece(stag, 0x4000, 10)));
      session.peer().send(3, far, 0, 3);
      assertThat(script.completions().take().u32(4)).isEqualTo(3);
      assertThat(memory.bytes(0, 8000)).containsOnly(0x2A);
      assertThat(session.rig().model().violations()).isEmpty();
    }
  }

  /** ULP_TX_MEM_WRITE of bytes that are in host memory. */
  @Test
  void adapterMemoryFromHostMemory() {
    try (Session session = new Session(SHAPE)) {
      int table = session.driver().mailbox().parameter(2, 0x0D);
      var slab = session.rig().allocate(4096);
      slab.segment().fill((byte) 0);
      Raw wr =
          Raw.of(64)
              .u32(0, 0x04 << 24 | 1 << 21)
              .u32(4, 4)
              .u32(16, 3 << 24)
              .u32(20, 3)
              .u32(24, 2)
              .u32(28, table / 32 + 3)
              .u32(32, 0x82 << 24 | 1)
              .u32(36, 64)
              .u64(40, slab.deviceAddress());
      assertThat(session.driver().result(session.driver().control(), wr)).isZero();
      assertThat(session.rig().model().usage().stags()).isZero();
      slab.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 0x80);
      slab.segment().set(ValueLayout.JAVA_BYTE, 32, (byte) 0x80);
      assertThat(session.driver().result(session.driver().control(), wr)).isZero();
      assertThat(session.rig().model().usage().stags()).isEqualTo(2);
    }
  }

  /** Several connections at once, one after the other closed, and tids that come again. */
  @ParameterizedTest
  @EnumSource
  void manyConnections(ChelsioChip chip) {
    try (Rig rig = new Rig(chip);
        Crowd crowd = new Crowd(rig, 6)) {
      crowd.start();
      for (int round = 0; round < 3; round++) {
        crowd.exchange();
        crowd.replace(round * 2 % 6);
      }
      crowd.exchange();
      crowd.end();
      assertThat(rig.model().violations()).isEmpty();
      assertThat(rig.model().nextHopCount()).isEqualTo(1);
      assertThat(rig.model().usage().tids()).isZero();
      assertThat(rig.link().claimCount()).isZero();
    }
  }

  /** Markers of RFC 5044 in both directions, with messages of all lengths. */
  @Test
  void markersAndLengths() {
    Shape shape = new Shape(ChelsioChip.T5, true, false, false, true, true, RtrKind.NONE);
    try (Session session = Session.started(shape)) {
      ScriptedConnection script = session.script();
      ScriptedMemory memory =
          ScriptedMemory.register(session.driver(), 1, DOMAIN, ScriptedMemory.ALL, 4);
      Region far = session.peer().register(8192);
      byte[] bytes = new byte[3100];
      for (int length = 0; length <= 3100; length += 31) {
        Arrays.fill(bytes, (byte) length);
        memory.put(0, bytes);
        session.peer().receive(length, far, 0, 8192);
        script.sends().post(ScriptedWork.send(1, COMPLETION, 3, 0, Piece.of(memory, 0, length)));
        assertThat(script.completions().take().u32(0) & 0x1F).isEqualTo(0x13);
        assertThat(session.peer().take().bytes()).isEqualTo(length);
        script.receives().post(ScriptedWork.receive(2, Piece.of(memory, 4096, 4000)));
        session.peer().send(10_000 + length, far, 0, length);
        assertThat(script.completions().take().u32(4)).isEqualTo(length);
        session.peer().take();
        assertThat(memory.bytes(4096, length)).isEqualTo(Arrays.copyOf(bytes, length));
      }
      assertThat(session.rig().model().violations()).isEmpty();
    }
  }
}
