package dev.offramp.tck.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.Octets;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Comparing observations: differences, noise, and what bits depend on. */
final class ObservationTest {
  private static Observation of(String place, int word) {
    SortedMap<String, Octets> outputs = new TreeMap<>();
    outputs.put(place, Octets.copyOf(ByteBuffer.allocate(4).putInt(0, word)));
    return new Observation(Set.of(), Set.of(), outputs, List.of(), List.of());
  }

  @Test
  void differencesAreTheirPlaces() {
    assertThat(of("a", 1).differences(of("a", 1))).isEmpty();
    assertThat(of("a", 1).differences(of("a", 2))).containsExactly("a");
    assertThat(of("a", 1).differences(of("b", 1))).containsExactly("a", "b");
  }

  @Test
  void dependenceNamesBits() {
    Dependence dependence = new Dependence(of("a", 0));
    assertThat(dependence.add("x", of("a", 0x8000_0001))).isEqualTo(2);
    assertThat(dependence.add("y", of("a", 1))).isEqualTo(1);
    List<Set<String>> bits = List.copyOf(dependence.bits().values()).get(0);
    assertThat(bits.get(0)).containsExactly("x");
    assertThat(bits.get(31)).containsExactly("x", "y");
    assertThat(bits.get(1)).isEmpty();
    assertThat(dependence.changedBits("z")).isZero();
  }

  @Test
  void noiseIsClearedAndNothingElse() {
    Noise noise = Noise.of(List.of(of("a", 0x1122_0000), of("a", 0x3344_0000)));
    Observation quiet = noise.without(of("a", 0x5566_7788));
    assertThat(quiet.outputs().get("a"))
        .isEqualTo(Octets.copyOf(ByteBuffer.allocate(4).putInt(0, 0x7788)));
    assertThat(noise.places()).containsExactly("a");
  }

  @Test
  void imagesAreFoundInBothOrders() {
    assertThat(Images.of(of("a", 0x0102_0304).outputs(), new byte[] {2, 3}))
        .containsExactly("a octet 1");
    assertThat(Images.of(of("a", 0x0102_0304).outputs(), new byte[] {3, 2}))
        .containsExactly("a octet 1");
    assertThat(Images.of(of("a", 0x0102_0304).outputs(), new byte[] {2, 4})).isEmpty();
  }
}
