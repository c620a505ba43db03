package dev.offramp.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class KeptCompletionTest {
  @Test
  void givesEachOnce() {
    Completion receive =
        new Completion(
            7,
            Operation.RECEIVE,
            CompletionStatus.SUCCESS,
            42,
            true,
            OptionalInt.of(0x1234),
            OptionalLong.empty());
    KeptCompletion kept = new KeptCompletion();
    assertThat(kept.take()).isNull();
    receive.deliverTo(kept);
    assertThat(kept.take()).isEqualTo(receive);
    assertThat(kept.take()).isNull();
  }
}
