package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.conformance.Rows;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a Responder's application may do before the Initiator has spoken. */
final class SilentResponderTest {
  @Test
  @Rows(39)
  void aTerminateOfItsOwnIsNoReasonToSpeak() {
    Pair pair = new Pair(new SplittableRandom(1), 100, b -> b);
    pair.responder.stream.terminate(TerminateCause.RDMAP_LOCAL_CATASTROPHIC, "the application");
    pair.run();
    assertThat(pair.responder.sent.size()).isZero();
    assertThat(pair.responder.stream.end()).get().isInstanceOf(StreamEnd.TerminatedLocally.class);
    assertThat(pair.responder.stream.wantsHalfClose()).isTrue();
    assertThat(pair.initiator.stream.end()).contains(new StreamEnd.ClosedByPeer());
  }

  @Test
  void onceItHasHeardThePeerItTellsIt() {
    Pair pair = new Pair(new SplittableRandom(1), 100, b -> b);
    pair.initiator.stream.postWrite(1, new LocalBuffers(1), 0, 0);
    pair.run();
    pair.responder.stream.terminate(TerminateCause.RDMAP_LOCAL_CATASTROPHIC, "the application");
    pair.run();
    assertThat(pair.initiator.stream.end()).get().isInstanceOf(StreamEnd.TerminatedByPeer.class);
  }
}
