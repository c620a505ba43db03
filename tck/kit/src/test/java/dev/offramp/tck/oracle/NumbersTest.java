package dev.offramp.tck.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.tck.descriptor.Samples;
import dev.offramp.tck.descriptor.Shape;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

/** A number in 24 bits is a leak beside the whole number, and none where it is split. */
final class NumbersTest {
  private static List<Numbers.Twin> twins(IntUnaryOperator one, IntUnaryOperator other) {
    List<IwarpConnectionDescriptor> drawn = new ArrayList<>();
    List<Observation> seen = new ArrayList<>();
    for (int seed = 0; seed < 4; seed++) {
      IwarpConnectionDescriptor d = Samples.draw(Shape.PLAIN, new SplittableRandom(seed));
      int value = d.value(DescriptorFields.SND_NXT).intValue();
      SortedMap<String, Octets> outputs = new TreeMap<>();
      outputs.put(
          "a",
          Octets.copyOf(
              ByteBuffer.allocate(8)
                  .putInt(0, one.applyAsInt(value))
                  .putInt(4, other.applyAsInt(value))));
      drawn.add(d);
      seen.add(new Observation(Set.of(), Set.of(), outputs, List.of(), List.of()));
    }
    return Numbers.twins(drawn, seen);
  }

  @Test
  void findsTheTwin() {
    assertThat(twins(v -> v, v -> v & 0xFF_FFFF)).hasSize(1);
    assertThat(twins(v -> Integer.reverseBytes(v), v -> v << 8)).hasSize(1);
  }

  @Test
  void aSplitNumberIsNoTwin() {
    assertThat(twins(v -> v & 0xFF_FFFF, v -> v >>> 24)).isEmpty();
    assertThat(twins(v -> v, v -> v)).isEmpty();
  }
}
