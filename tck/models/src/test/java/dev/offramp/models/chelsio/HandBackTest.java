package dev.offramp.models.chelsio;

import static dev.offramp.models.chelsio.ScriptedConnection.DOMAIN;
import static dev.offramp.models.chelsio.ScriptedWork.COMPLETION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.chelsio.ScriptedWork.Piece;
import dev.offramp.models.chelsio.Session.Shape;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A connection that is quiesced, read by CPL_GET_TCB, and goes on at the host or where it was. */
@Timeout(120)
final class HandBackTest {
  private static final int PDU_OUT = 3;

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** The descriptor that a host makes of a TCB. */
  private static IwarpConnectionDescriptor of(Session session, Tcb tcb) {
    long max = tcb.get(TcbField.TX_MAX);
    long una = max - tcb.get(TcbField.SND_UNA_RAW) & 0xFFFF_FFFFL;
    assertThat(una).as("all is acknowledged").isEqualTo(max);
    assertThat(tcb.get(TcbField.RX_HDR_OFFSET)).isZero();
    long peerScale = tcb.get(TcbField.RCV_SCALE);
    return session.descriptor().toBuilder()
        .present(DescriptorFields.SND_UNA, una, "TCB")
        .present(DescriptorFields.SND_NXT, una, "TCB")
        .present(DescriptorFields.SND_MAX, una, "TCB")
        .present(DescriptorFields.SND_WND, tcb.get(TcbField.RCV_ADV) << (int) peerScale, "TCB")
        .present(DescriptorFields.RCV_NXT, tcb.get(TcbField.RCV_NXT), "TCB")
        .present(DescriptorFields.RCV_WUP, tcb.get(TcbField.RCV_NXT), "TCB")
        .present(DescriptorFields.RCV_WND, tcb.get(TcbField.RCV_WND), "TCB")
        .build();
  }

  private static void abortWithoutReset(Session session) {
    session.driver().offload().post(session.script().message(0x0A, 16).u8(25, 1));
    assertThat(session.driver().messages().take(0x2D).u8(7)).isZero();
  }

  private static int change(Session session, int type) {
    return session
        .driver()
        .result(session.driver().offload(), session.script().change(type, new byte[0]));
  }

  @ParameterizedTest
  @EnumSource
  void fromStreamingMode(ChelsioChip chip) throws Exception {
    try (Session session = new Session(Shape.plain(chip, true))) {
      ScriptedConnection script = session.script();
      script.takeOver();
      assertThat(script.activate()).isZero();
      script.stream(Octets.copyOf(ascii("to the peer")));
      session.peer().stream(ascii("from the peer"));
      assertThat(session.driver().messages().take(0x39).u16(6)).isEqualTo(13);
      session.peer().awaitStreamed(11);

      assertThat(script.quiesce()).isZero();
      Tcb tcb = script.getTcb();
      IwarpConnectionDescriptor before = session.descriptor();
      IwarpConnectionDescriptor after = of(session, tcb);
      assertThat(after.value(DescriptorFields.SND_UNA))
          .isEqualTo(before.value(DescriptorFields.SND_UNA) + 11 & 0xFFFF_FFFFL);
      assertThat(after.value(DescriptorFields.RCV_NXT))
          .isEqualTo(before.value(DescriptorFields.RCV_NXT) + 13 & 0xFFFF_FFFFL);

      long segments = session.rig().link().segmentCount();
      abortWithoutReset(session);
      session.free();
      assertThat(session.rig().link().segmentCount()).isEqualTo(segments);
      HostEnd host = new HostEnd(session.rig(), session.connection().resumeAtHost(after));
      host.write(ascii(", and on"));
      assertThat(session.peer().awaitStreamed(19)).asString().isEqualTo("to the peer, and on");
      session.peer().stream(ascii("!"));
      assertThat(host.read(1)).isEqualTo(ascii("!"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void fromRdmaMode(ChelsioChip chip) throws Exception {
    try (Session session = Session.started(Shape.plain(chip, true))) {
      ScriptedConnection script = session.script();
      ScriptedMemory memory =
          ScriptedMemory.register(session.driver(), 1, DOMAIN, ScriptedMemory.ALL, 1);
      Region far = session.peer().register(100);
      session.peer().receive(1, far, 0, 100);
      script
          .sends()
          .post(ScriptedWork.send(1, COMPLETION, ScriptedWork.PLAIN, 0, Piece.of(memory, 0, 9)));
      script.completions().take();
      session.peer().take();

      assertThat(script.quiesce()).isZero();
      Tcb tcb = script.getTcb();
      assertThat(tcb.get(TcbField.T_FLAGS) >>> 48 & PDU_OUT).isZero();
      assertThat(change(session, 1)).isZero();
      memory.deregister();
      abortWithoutReset(session);
      session.free();
      HostEnd host =
          new HostEnd(session.rig(), session.connection().resumeAtHost(of(session, tcb)));
      // An FPDU by hand: the peer's next message in RDMA mode, with its CRC.
      session.peer().receive(2, far, 50, 50);
      host.write(Fpdus.send(2, ascii("by the host")));
      assertThat(session.peer().take().bytes()).isEqualTo(11);
    }
  }

  /** Quiesced in the middle of what the peer sends: the TCB says so, and FINI is refused. */
  @ParameterizedTest
  @EnumSource
  void notQuiet(ChelsioChip chip) {
    try (Session session = Session.started(Shape.plain(chip, true))) {
      ScriptedConnection script = session.script();
      ScriptedMemory memory =
          ScriptedMemory.register(session.driver(), 1, DOMAIN, ScriptedMemory.ALL, 1);
      script.receives().post(ScriptedWork.receive(1, Piece.of(memory, 0, 100)));
      byte[] fpdu = Fpdus.send(1, ascii("in two pieces"));
      session.peer().raw(java.util.Arrays.copyOf(fpdu, 20));
      session.rig().settle();
      assertThat(script.quiesce()).isZero();
      assertThat(script.getTcb().get(TcbField.T_FLAGS) >>> 48 & PDU_OUT).isEqualTo(2);
      assertThat(change(session, 1)).isEqualTo(16);

      assertThat(script.activate()).isZero();
      session.peer().raw(java.util.Arrays.copyOfRange(fpdu, 20, fpdu.length));
      assertThat(script.completions().take().u32(4)).isEqualTo(13);
      assertThat(memory.bytes(0, 13)).isEqualTo(ascii("in two pieces"));
      memory.deregister();
      session.abortAndFree();
    }
  }

  /** Stopped and resumed, again and again, while RDMA is under way: nothing is lost. */
  @ParameterizedTest
  @EnumSource
  void stopAndGo(ChelsioChip chip) {
    try (Session session = Session.started(Shape.plain(chip, true))) {
      ScriptedConnection script = session.script();
      ScriptedMemory memory =
          ScriptedMemory.register(session.driver(), 1, DOMAIN, ScriptedMemory.ALL, 200);
      Region far = session.peer().register(800_000, Access.REMOTE_READ);
      for (int i = 0; i < 800_000; i++) {
        far.segment().set(java.lang.foreign.ValueLayout.JAVA_BYTE, i, (byte) (i * 31));
      }
      script
          .sends()
          .post(
              ScriptedWork.read(
                  1, 0, Piece.of(memory, 0, 800_000), far.stag(), far.taggedOffset()));
      session.peer().write(1, far, 0, new RemoteBuffer(memory.stag(), memory.address(), 1000));
      for (int i = 0; i < 20; i++) {
        assertThat(script.quiesce()).isZero();
        script.getTcb();
        assertThat(script.activate()).isZero();
      }
      assertThat(script.completions().take().u32(4)).isEqualTo(800_000);
      assertThat(memory.bytes(0, 800_000))
          .isEqualTo(far.segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
      memory.deregister();
      session.abortAndFree();
    }
  }
}
