package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.conformance.Rows;
import dev.offramp.iwarp.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;

final class AtomicsTest {
  private static final int ADDS = 20_000;

  private final MemorySegment word = Arena.ofAuto().allocate(8, 8);

  @Test
  @Rows(122)
  void fetchAddAddsFieldByField() {
    Seeds.forAll(
        500,
        random -> {
          long before = random.nextLong();
          long add = random.nextLong();
          long often = random.nextLong();
          long mask = often & random.nextLong();
          word.set(ValueLayout.JAVA_LONG, 0, before);
          assertThat(Atomics.fetchAdd(word, 0, add, mask)).isEqualTo(before);
          assertThat(word.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(reference(before, add, mask));
          word.set(ValueLayout.JAVA_LONG, 0, before);
          Atomics.fetchAdd(word, 0, add, 0);
          assertThat(word.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(before + add);
        });
  }

  /** Cuts the word into the fields that end at the mask's bits, and adds each for itself. */
  private static long reference(long a, long b, long mask) {
    BigInteger sum = BigInteger.ZERO;
    int from = 0;
    for (int bit = 0; bit < 64; bit++) {
      if (((mask >> bit) & 1) != 0 || bit == 63) {
        int width = bit - from + 1;
        BigInteger modulus = BigInteger.ONE.shiftLeft(width);
        BigInteger field = field(a, from, modulus).add(field(b, from, modulus)).mod(modulus);
        sum = sum.or(field.shiftLeft(from));
        from = bit + 1;
      }
    }
    return sum.longValue();
  }

  private static BigInteger field(long value, int from, BigInteger modulus) {
    return BigInteger.valueOf(value).shiftRight(from).mod(modulus);
  }

  @Test
  @Rows(122)
  void compareSwapHonoursBothMasks() {
    Seeds.forAll(
        500,
        random -> {
          long before = random.nextLong();
          long compareMask = random.nextBoolean() ? random.nextLong() : 0;
          long compare = random.nextBoolean() ? before : random.nextLong();
          long swap = random.nextLong();
          long swapMask = random.nextLong();
          word.set(ValueLayout.JAVA_LONG, 0, before);
          assertThat(Atomics.compareSwap(word, 0, compare, compareMask, swap, swapMask))
              .isEqualTo(before);
          long expected = before;
          if ((before & compareMask) == (compare & compareMask)) {
            expected = pick(before, swap, swapMask);
          }
          assertThat(word.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(expected);
        });
  }

  private static long pick(long zero, long one, long mask) {
    long result = 0;
    for (int bit = 0; bit < 64; bit++) {
      long source = ((mask >> bit) & 1) != 0 ? one : zero;
      result |= ((source >> bit) & 1) << bit;
    }
    return result;
  }

  @Test
  @Rows(124)
  void streamsOnDifferentThreadsLoseNoUpdate() throws InterruptedException {
    word.set(ValueLayout.JAVA_LONG, 0, 0);
    Runnable adder =
        () -> {
          for (int i = 0; i < ADDS; i++) {
            Atomics.fetchAdd(word, 0, 1, i % 2 == 0 ? 0 : 1L << 63);
          }
        };
    Thread first = Thread.ofPlatform().start(adder);
    Thread second = Thread.ofPlatform().start(adder);
    first.join();
    second.join();
    assertThat(word.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(2 * ADDS);
  }
}
