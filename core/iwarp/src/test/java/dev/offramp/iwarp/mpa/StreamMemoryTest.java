package dev.offramp.iwarp.mpa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept of the memory that streams give back. */
final class StreamMemoryTest {
  private static final int STAGING_BYTES = 256 << 10;
  private static final long MAX_IDLE_BYTES = 16L << 20;

  /** Far more of each kind than may lie idle. */
  private static final int VERY_MANY = 40_000;

  private final StreamMemory memory = new StreamMemory(STAGING_BYTES);

  @Test
  void theOneGivenBackLastIsLentFirst() {
    StreamMemory.Staging first = memory.takeStaging();
    StreamMemory.Staging second = memory.takeStaging();
    memory.giveBack(first);
    memory.giveBack(second);
    assertThat(memory.takeStaging()).isSameAs(second);
    assertThat(memory.takeStaging()).isSameAs(first);
    assertThat(memory.idleBytes()).isZero();
  }

  /** A thousand connections in one hour, one in the next: the one must not pay for the thousand. */
  @ParameterizedTest
  @ValueSource(ints = {1, 600, 128 << 10})
  void whatIsUsedNowStaysWhateverWasNeededBefore(int remainderBytes) {
    List<StreamMemory.Staging> remainders = new ArrayList<>();
    int count = (int) Math.min(VERY_MANY, 2 * MAX_IDLE_BYTES / Math.max(512, remainderBytes));
    for (int i = 0; i < count; i++) {
      remainders.add(memory.takeRemainder(remainderBytes));
    }
    remainders.forEach(memory::giveBack);
    StreamMemory.Staging used = memory.takeStaging();
    TransmitBatch.Storage written = memory.takeStorage();
    for (int i = 0; i < 3; i++) {
      memory.giveBack(used);
      memory.giveBack(written);
      assertThat(memory.takeStaging()).isSameAs(used);
      assertThat(memory.takeStorage()).isSameAs(written);
    }
    assertThat(memory.idleBytes()).isBetween(MAX_IDLE_BYTES / 2, MAX_IDLE_BYTES);
  }

  @Test
  void noMoreThanTheLimitIsKept() {
    List<StreamMemory.Staging> lent = new ArrayList<>();
    List<TransmitBatch.Storage> storages = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      lent.add(memory.takeStaging());
      storages.add(memory.takeStorage());
    }
    for (int i = 0; i < 100; i++) {
      memory.giveBack(lent.get(i));
      memory.giveBack(storages.get(i));
      assertThat(memory.idleBytes()).isLessThanOrEqualTo(MAX_IDLE_BYTES);
    }
  }
}
