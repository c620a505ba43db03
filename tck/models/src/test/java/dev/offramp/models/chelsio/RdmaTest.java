package dev.offramp.models.chelsio;

import static dev.offramp.models.chelsio.ScriptedConnection.DOMAIN;
import static dev.offramp.models.chelsio.ScriptedWork.COMPLETION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.chelsio.ScriptedWork.Piece;
import dev.offramp.models.chelsio.Session.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections that a script moves to a T5 or T6, and what RDMA does there with a golden peer. */
@Timeout(300)
final class RdmaTest {
  private static final int BYTES = 10_000;

  static Stream<Shape> shapes() {
    return Stream.of(ChelsioChip.values())
        .flatMap(chip ->
            Stream.of(
                Shape.plain(chip, true),
                Shape.plain(chip, false),
                new Shape(chip, true, true, false, false, true, RtrKind.NONE),
                new Shape(chip, false, true, true, false, false, RtrKind.NONE),
                new Shape(chip, true, false, true, true, true, RtrKind.NONE),
                new Shape(chip, false, false, false, true, false, RtrKind.NONE),
                new Shape(chip, false, false, false, false, true, RtrKind.SEND),
                new Shape(chip, false, false, false, false, true, RtrKind.READ),
                new Shape(chip, false, false, false, false, true, RtrKind.WRITE)));
  }

  private static byte[] random(int seed, int size) {
    byte[] bytes = new byte[size];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  private static void fill(Region region, byte[] bytes) {
    MemorySegment.copy(bytes, 0, region.segment(), ValueLayout.JAVA_BYTE, 0, bytes.length);
  }

  private static byte[] bytes(Region region, int offset, int size) {
    return region.segment().asSlice(offset, size).toArray(ValueLayout.JAVA_BYTE);
  }

  /** A completion of the chip. */
  private static void check(
      Raw cqe, ScriptedConnection script, boolean send, int opcode, int length) {
    assertThat(cqe.u32(0))
        .as("completion %s", cqe)
        .isEqualTo(script.sends().id() << 12 | (send ? 16 : 0) | opcode);
    assertThat(cqe.u32(4)).isEqualTo(length);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void allOperations(Shape shape) {
    try (Session session = Session.started(shape)) {
      ScriptedMemory memory =
          ScriptedMemory.register(session.driver(), 3, DOMAIN, ScriptedMemory.ALL, 8);
      Region far = session.peer().register(32_768, Access.REMOTE_READ, Access.REMOTE_WRITE);
      // The Initiator has to send first (RFC 5044, section 7.1.2).
      if (shape.initiator()) {
        send(session, memory, far);
        receive(session, memory, far);
      } else {
        receive(session, memory, far);
        send(session, memory, far);
      }
      writeAndRead(session, memory, far);
      beWrittenAndRead(session, memory, far);

      memory.deregister();
      assertThat(session.rig().model().usage().stags()).isZero();
      session.abortAndFree();
      session.peer().awaitGone();
    }
  }

  private static void receive(Session session, ScriptedMemory memory, Region far) {
    ScriptedConnection script = session.script();
    script
        .receives()
        .post(
            ScriptedWork.receive(0x0100, Piece.of(memory, 0, 3000), Piece.of(memory, 4096, 9000)));
    byte[] sent = random(1, BYTES);
    fill(far, sent);
    session.peer().send(1, far, 0, BYTES);
    Raw cqe = script.completions().take();
    check(cqe, script, false, 3, BYTES);
    assertThat(cqe.u32(12)).isEqualTo(1);
    assertThat(memory.bytes(0, 3000)).isEqualTo(Arrays.copyOf(sent, 3000));
    assertThat(memory.bytes(4096, BYTES - 3000)).isEqualTo(Arrays.copyOfRange(sent, 3000, BYTES));
    assertThat(session.peer().take().isSuccess()).isTrue();
  }

  private static void send(Session session, ScriptedMemory memory, Region far) {
    ScriptedConnection script = session.script();
    session.peer().receive(2, far, 0, 32_768);
    memory.put(100, random(2, BYTES));
    script
        .sends()
        .post(
            ScriptedWork.send(
                0x0200,
                COMPLETION,
                ScriptedWork.SOLICITED,
                0,
                Piece.of(memory, 100, 1),
                Piece.of(memory, 101, BYTES - 1)));
    Raw cqe = script.completions().take();
    check(cqe, script, true, 5, 0);
    assertThat(cqe.u16(14)).isEqualTo(0x0200);
    Completion received = session.peer().take();
    assertThat(received.bytes()).isEqualTo(BYTES);
    assertThat(received.solicited()).isTrue();
    assertThat(bytes(far, 0, BYTES)).isEqualTo(random(2, BYTES));
  }

  private static void writeAndRead(Session session, ScriptedMemory memory, Region far) {
    ScriptedConnection script = session.script();
    byte[] written = random(3, BYTES);
    memory.put(0, written);
    script
        .sends()
        .post(
            ScriptedWork.write(
                0x0300, 0, far.stag(), far.taggedOffset() + 500, Piece.of(memory, 0, BYTES)));
    script
        .sends()
        .post(
            ScriptedWork.read(
                0x0301, 0, Piece.of(memory, 16_384, BYTES), far.stag(), far.taggedOffset() + 500));
    Raw cqe = script.completions().take();
    check(cqe, script, false, 2, BYTES);
    assertThat(cqe.u32(8)).isEqualTo(memory.stag());
    assertThat(bytes(far, 500, BYTES)).isEqualTo(written);
    assertThat(memory.bytes(16_384, BYTES)).isEqualTo(written);
  }

  private static void beWrittenAndRead(Session session, ScriptedMemory memory, Region far) {
    byte[] written = random(4, BYTES);
    fill(far, written);
    RemoteBuffer target = new RemoteBuffer(memory.stag(), memory.address() + 7, BYTES);
    session.peer().write(4, far, 0, target);
    session.peer().read(5, far, 20_000, target);
    assertThat(session.peer().take().operation()).isEqualTo(Operation.WRITE);
    assertThat(session.peer().take().operation()).isEqualTo(Operation.READ);
    assertThat(memory.bytes(7, BYTES)).isEqualTo(written);
    assertThat(bytes(far, 20_000, BYTES)).isEqualTo(written);
  }

  @ParameterizedTest
  @EnumSource
  void invalidation(ChelsioChip chip) {
    try (Session session = Session.started(Shape.plain(chip, true))) {
      GoldenPeer peer = session.peer();
      ScriptedConnection script = session.script();
      ScriptedMemory buffers =
          ScriptedMemory.register(session.driver(), 1, DOMAIN, ScriptedMemory.ALL, 2);
      ScriptedMemory shared =
          ScriptedMemory.register(session.driver(), 2, DOMAIN, ScriptedMemory.ALL, 1);
      ScriptedMemory local =
          ScriptedMemory.register(session.driver(), 4, DOMAIN, ScriptedMemory.ALL, 1);
      Region far = peer.register(8192, Access.REMOTE_WRITE, Access.REMOTE_INVALIDATE);

      peer.receive(2, far, 0, 100);
      script
          .sends()
          .post(
              ScriptedWork.send(
                  2, COMPLETION, ScriptedWork.INVALIDATING, far.stag(), Piece.of(buffers, 0, 5)));
      check(script.completions().take(), script, true, 4, 0);
      Completion received = peer.take();
      assertThat(received.invalidatedStag()).isEqualTo(OptionalInt.of(far.stag()));
      assertThat(far.isValid()).isFalse();

      script.receives().post(ScriptedWork.receive(1, Piece.of(buffers, 0, 100)));
      Region other = peer.register(100);
      peer.send(1, other, 0, 10, true, shared.stag());
      Raw cqe = script.completions().take();
      check(cqe, script, false, 6, 10);
      assertThat(cqe.u32(8)).isEqualTo(shared.stag());
      peer.take();

      script.sends().post(ScriptedWork.invalidate(3, COMPLETION, local.stag()));
      check(script.completions().take(), script, true, 11, 0);
      // Three entries are there still; two of them cannot be used any more.
      assertThat(session.rig().model().usage().stags()).isEqualTo(3);
      script
          .sends()
          .post(ScriptedWork.send(4, COMPLETION, ScriptedWork.PLAIN, 0, Piece.of(local, 0, 5)));
      cqe = script.completions().take();
      assertThat(cqe.u32(0) >>> 5 & 0x1F).isEqualTo(1);
      assertThat(session.rig().model().violations())
          .extracting(Violation::kind)
          .containsExactly(Violation.Kind.BAD_WORK_REQUEST);
    }
  }

  /** Work requests of all sizes, in rings that wrap, until every slot has been used often. */
  @ParameterizedTest
  @EnumSource
  void ringsWrap(ChelsioChip chip) {
    try (Session session = Session.started(Shape.plain(chip, true))) {
      GoldenPeer peer = session.peer();
      ScriptedConnection script = session.script();
      ScriptedMemory memory =
          ScriptedMemory.register(session.driver(), 1, DOMAIN, ScriptedMemory.ALL, 4);
      Region far = peer.register(4096);
      SplittableRandom random = new SplittableRandom(5);
      memory.put(0, random(6, 4096));
      fill(far, random(7, 4096));
      for (int i = 0; i < 200; i++) {
        peer.receive(i, far, 0, 2000);
        Raw wr = message(random, i, memory);
        int length = wr.u32(16);
        if (wr.bytes().length <= 64 && random.nextBoolean()) {
          script.sends().postBurst(wr);
        } else {
          script.sends().post(wr);
        }
        Raw cqe = script.completions().take();
        check(cqe, script, true, 3, 0);
        assertThat(cqe.u16(14)).isEqualTo(i);
        Completion received = peer.take();
        assertThat(received.bytes()).isEqualTo(length);
        assertThat(received.status()).isEqualTo(CompletionStatus.SUCCESS);

        int pieces = random.nextInt(1, 5);
        Piece[] into = new Piece[pieces];
        for (int p = 0; p < pieces; p++) {
          into[p] = Piece.of(memory, 4096 + p * 1000, 500);
        }
        script.receives().post(ScriptedWork.receive(i, into));
        int size = random.nextInt(0, 500 * pieces + 1);
        peer.send(1000 + i, far, 0, size);
        cqe = script.completions().take();
        check(cqe, script, false, 3, size);
        assertThat(cqe.u32(12)).isEqualTo(i + 1);
        peer.take();
      }
      assertThat(session.rig().model().violations()).isEmpty();
    }
  }

  private static Raw message(SplittableRandom random, int wrid, ScriptedMemory memory) {
    if (random.nextBoolean()) {
      return ScriptedWork.sendInline(wrid, COMPLETION, random(wrid, random.nextInt(0, 281)));
    }
    Piece[] pieces = new Piece[random.nextInt(0, 18)];
    for (int p = 0; p < pieces.length; p++) {
      pieces[p] = Piece.of(memory, random.nextInt(4000), random.nextInt(0, 97));
    }
    return ScriptedWork.send(wrid, COMPLETION, ScriptedWork.PLAIN, 0, pieces);
  }
}
