package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompletionStatus;
import java.lang.foreign.Arena;
import java.util.EnumSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Revoking STags of this end in the middle of other work. */
final class LocalInvalidateTest {
  private final Arena arena = Arena.ofAuto();
  private final Pair pair = new Pair(new SplittableRandom(1), 100, b -> b);

  private Region region() {
    return pair.memory.register(
        Pair.INITIATOR_DOMAIN, arena.allocate(64, 8), 0, EnumSet.noneOf(Access.class));
  }

  /** One call of pollTransmit gets through all of it: nothing else would call again. */
  @Test
  void oneBehindARefusedSendIsDoneAtOnce() {
    Region first = region();
    Region second = region();
    RdmapStream stream = pair.initiator.stream;
    stream.postLocalInvalidate(1, first.stag());
    stream.postSend(2, new LocalBuffers(1).add(first, 0, 8), false, false, 0);
    stream.postLocalInvalidate(3, second.stag());
    stream.postWrite(4, new LocalBuffers(1), 0, 0);
    assertThat(stream.pollTransmit(0).isEmpty()).isFalse();
    assertThat(second.isValid()).isFalse();
    pair.run();
    assertThat(pair.initiator.log.others())
        .extracting(completion -> completion.status())
        .containsExactly(
            CompletionStatus.SUCCESS,
            CompletionStatus.INVALID_REGION,
            CompletionStatus.SUCCESS,
            CompletionStatus.SUCCESS);
  }
}
