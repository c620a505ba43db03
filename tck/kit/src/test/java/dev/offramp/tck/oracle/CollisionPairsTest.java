package dev.offramp.tck.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.tck.descriptor.Samples;
import dev.offramp.tck.descriptor.Shape;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Pairs collide under the encoding that they are made for, and are different connections. */
final class CollisionPairsTest {
  private static List<CollisionPair> pairs(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return CollisionPairs.of(Samples.draw(Shape.PLAIN.vlan(true), random), random);
  }

  @Test
  void allAreDifferentConnections() {
    for (long seed = 0; seed < 50; seed++) {
      for (CollisionPair pair : pairs(seed)) {
        Set<IwarpConnectionDescriptor> different = new HashSet<>(pair.connections());
        assertThat(different)
            .as("seed %d, %s %s", seed, pair.id(), pair.words())
            .hasSameSizeAs(pair.connections());
      }
    }
  }

  @Test
  void sequenceNumbersCollideIn24Bits() {
    for (long seed = 0; seed < 50; seed++) {
      for (CollisionPair pair : pairs(seed)) {
        if (pair.id().equals("P1") && pair.fields().contains(DescriptorFields.SND_NXT)) {
          Set<Long> narrow = new HashSet<>();
          pair.connections()
              .forEach(d -> narrow.add(d.value(DescriptorFields.SND_NXT) & 0xFF_FFFF));
          assertThat(narrow).as("seed %d", seed).hasSize(1);
        }
      }
    }
  }

  @Test
  void timesCollideInTheirExponent() {
    for (CollisionPair pair : pairs(1)) {
      if (pair.id().equals("P5") && pair.fields().contains(DescriptorFields.USER_TIMEOUT_MILLIS)) {
        Set<Long> codes = new HashSet<>();
        pair.connections()
            .forEach(d ->
                codes.add(
                    Encodings.timeoutCode(
                        d.value(DescriptorFields.USER_TIMEOUT_MILLIS) * 1_000_000)));
        assertThat(codes).hasSize(1);
      }
    }
  }

  @Test
  void theCatalogueIsCovered() {
    assertThat(pairs(1).stream().map(CollisionPair::id).distinct())
        .contains("P1", "P3", "P4", "P5", "P6", "P12", "P13", "P14", "P15");
  }
}
