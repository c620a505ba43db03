package dev.offramp.cli.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What was sent is told from what was not, to the octet. */
class KilledSlotsTest {
  private static final int COUNT = 4;
  private static final long SEED = 42L << 32;

  /** A memory to which so many octets have come. */
  private static MemorySegment after(long octets) {
    MemorySegment slots = MemorySegment.ofArray(new byte[COUNT * KilledSlots.SLOT_BYTES]);
    MemorySegment turn = MemorySegment.ofArray(new byte[KilledSlots.SLOT_BYTES]);
    for (long at = 0; at < octets; at += KilledSlots.SLOT_BYTES) {
      long number = at / KilledSlots.SLOT_BYTES;
      KilledSlots.fill(turn, SEED, number);
      long bytes = Math.min(KilledSlots.SLOT_BYTES, octets - at);
      KilledSlots.slot(slots, number).asSlice(0, bytes).copyFrom(turn.asSlice(0, bytes));
    }
    return slots;
  }

  @Test
  void everyPrefixOfTheStreamIsRightAndNothingElseIs() {
    long seed = Long.getLong("offramp.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      long octets = random.nextLong(11L * KilledSlots.SLOT_BYTES);
      MemorySegment slots = after(octets);
      assertThat(KilledSlots.wrongIn(slots, SEED)).as("%d, seed %d", octets, seed).isEmpty();

      long at = random.nextLong(slots.byteSize());
      byte was = slots.get(ValueLayout.JAVA_BYTE, at);
      slots.set(ValueLayout.JAVA_BYTE, at, (byte) (was + 1 + random.nextInt(255)));
      assertThat(KilledSlots.wrongIn(slots, SEED))
          .as("octet %d of %d, seed %d", at, octets, seed)
          .isPresent();
    }
  }

  @Test
  void aTurnThatIsLeftOutIsWrong() {
    MemorySegment slots = after(6L * KilledSlots.SLOT_BYTES);
    KilledSlots.fill(KilledSlots.slot(slots, 7), SEED, 7);
    assertThat(KilledSlots.wrongIn(slots, SEED)).isPresent();
  }
}
