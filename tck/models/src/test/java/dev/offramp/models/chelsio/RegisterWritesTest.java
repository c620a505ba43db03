package dev.offramp.models.chelsio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.models.chelsio.RegisterWrites.Kind;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RegisterWritesTest {
  private final QueuedLoop loop = new QueuedLoop();
  private final List<String> seen = new ArrayList<>();

  @Test
  void comeInOrderHoweverManyWait() {
    RegisterWrites writes = new RegisterWrites(loop, this::note);
    byte[] slot = new byte[64];
    slot[63] = 7;
    for (int i = 0; i < 200; i++) {
      writes.add(Kind.DOORBELL, i, -i);
    }
    writes.addBurst(64, MemorySegment.ofArray(slot));
    slot[63] = 8;
    assertThat(seen).isEmpty();
    loop.run(10);
    assertThat(seen)
        .startsWith("DOORBELL 0 0", "DOORBELL 1 -1")
        .hasSize(201)
        .doesNotHaveDuplicates()
        .endsWith("DOORBELL 199 -199", "BURST 64 7");
  }

  /** Whoever is about to look at the network is told first, though the loop has other tasks. */
  @Test
  void comeBeforeATaskThatWasThereEarlier() {
    RegisterWrites writes = new RegisterWrites(loop, this::note);
    loop.execute(() -> {
      writes.arrive();
      seen.add("network");
    });
    writes.add(Kind.LEGACY_DOORBELL, 0, 3);
    loop.run(10);
    assertThat(seen).containsExactly("LEGACY_DOORBELL 0 3", "network");
  }

  @Test
  void areNotCarriedOutInsideOfEachOther() {
    RegisterWrites[] writes = new RegisterWrites[1];
    writes[0] =
        new RegisterWrites(
            loop,
            (kind, offset, value, burst) -> {
              seen.add("begin " + offset);
              writes[0].arrive();
              seen.add("end " + offset);
              // Whoever reads the network here has to wait.
              assertThat(writes[0].isArriving()).isTrue();
            });
    assertThat(writes[0].isArriving()).isFalse();
    writes[0].add(Kind.DOORBELL, 1, 0);
    writes[0].add(Kind.DOORBELL, 2, 0);
    loop.run(10);
    assertThat(seen).containsExactly("begin 1", "end 1", "begin 2", "end 2");
  }

  @Test
  void goOnBehindOneThatFails() {
    RegisterWrites writes =
        new RegisterWrites(
            loop,
            (kind, offset, value, burst) -> {
              if (offset == 1) {
                throw new IllegalStateException("the test");
              }
              note(kind, offset, value, burst);
            });
    IntStream.range(0, 3).forEach(i -> writes.add(Kind.DOORBELL, i, 0));
    assertThatThrownBy(() -> loop.run(10)).hasMessage("the test");
    loop.run(10);
    assertThat(seen).containsExactly("DOORBELL 0 0", "DOORBELL 2 0");
  }

  private void note(Kind kind, long offset, long value, byte[] burst) {
    seen.add(kind + " " + offset + " " + (kind == Kind.BURST ? burst[63] : value));
  }
}
