package dev.offramp.provider.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Write;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.chelsio.ChelsioChip;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** All operations, against a peer that goes by the book. */
@Timeout(120)
class OperationsTest {
  private static final int BYTES = 3 << 20;

  static Stream<Arguments> chipsAndRoles() {
    return Stream.of(ChelsioChip.values())
        .flatMap(chip -> Stream.of(MpaRole.values()).map(role -> Arguments.of(chip, role)));
  }

  @ParameterizedTest
  @MethodSource("chipsAndRoles")
  void everythingMovesBothWays(ChelsioChip chip, MpaRole role) throws Exception {
    try (Bench bench = new Bench(chip).open();
        Pair pair = Pair.spec(bench).role(role).connect()) {
      Region far = pair.peer().register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
      MemoryRegion near = pair.host().allocate(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
      // The Initiator speaks first (RFC 5044, section 7.1.2).
      if (role == MpaRole.RESPONDER) {
        peerSends(pair, far, near);
        hostSends(pair, far, near);
      } else {
        hostSends(pair, far, near);
        peerSends(pair, far, near);
      }
      pair.peer().disconnect();
      assertThat(pair.peer().awaitEnd()).isEqualTo(new StreamEnd.ClosedLocally());
      pair.host().close();
      assertThat(pair.host().end()).contains(new StreamEnd.ClosedByPeer());
      bench.assertClean();
      bench.closeAndAssertNothingLeaks();
    }
  }

  private static void peerSends(Pair pair, Region far, MemoryRegion near) throws Exception {
    fill(far.segment(), 1);
    pair.receive(new Receive(1, near.whole()));
    pair.peer().send(2, far, 0, BYTES);
    assertThat(pair.host().completions().take()).isEqualTo(done(1, Operation.RECEIVE));
    assertThat(near.segment().mismatch(far.segment())).isEqualTo(-1);
    assertThat(pair.peer().take().id()).isEqualTo(2);

    fill(far.segment(), 2);
    pair.peer().write(3, far, 0, near.advertise());
    assertThat(pair.peer().take().isSuccess()).isTrue();
    pair.peer().read(4, far, 0, near.advertise());
    assertThat(pair.peer().take().isSuccess()).isTrue();
    assertThat(near.segment().mismatch(far.segment())).isEqualTo(-1);
  }

  private static void hostSends(Pair pair, Region far, MemoryRegion near) throws Exception {
    fill(near.segment(), 3);
    pair.peer().receive(1, far, 0, BYTES);
    pair.host().post(new Send(2, near.whole()));
    assertThat(pair.host().completions().take()).isEqualTo(done(2, Operation.SEND));
    assertThat(pair.peer().take().id()).isEqualTo(1);
    assertThat(near.segment().mismatch(far.segment())).isEqualTo(-1);

    fill(near.segment(), 4);
    pair.host().post(new Write(3, near.whole(), GoldenPeer.advertise(far)));
    assertThat(pair.host().completions().take()).isEqualTo(done(3, Operation.WRITE));
    near.segment().fill((byte) 0);
    pair.host().post(new Read(4, near.whole(), GoldenPeer.advertise(far)));
    assertThat(pair.host().completions().take()).isEqualTo(done(4, Operation.READ));
    MemorySegment expected = MemorySegment.ofArray(new byte[BYTES]);
    fill(expected, 4);
    assertThat(near.segment().mismatch(expected)).isEqualTo(-1);
  }

  private static Completion done(long id, Operation operation) {
    return Patterns.done(id, operation, BYTES);
  }

  private static void fill(MemorySegment segment, long seed) {
    Patterns.fill(segment, seed);
  }
}
