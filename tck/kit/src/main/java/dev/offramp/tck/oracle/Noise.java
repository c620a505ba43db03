package dev.offramp.tck.oracle;

import dev.offramp.api.descriptor.Octets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Bits that differ between runs with the same inputs: STags and cookies that a driver draws. They
 * are cleared before observations are compared, so that chance is not taken for dependence.
 */
public final class Noise {
  private final Map<String, byte[]> masks = new HashMap<>();

  private Noise() {}

  /** The noise in observations of the same connection. */
  public static Noise of(List<Observation> same) {
    Noise noise = new Noise();
    Observation first = same.get(0);
    for (Observation other : same) {
      for (String place : first.differences(other)) {
        Octets a = first.outputs().get(place);
        Octets b = other.outputs().get(place);
        if (a != null && b != null && a.length() == b.length()) {
          noise.add(place, a.toByteArray(), b.toByteArray());
        }
      }
    }
    return noise;
  }

  private void add(String place, byte[] a, byte[] b) {
    byte[] mask = masks.computeIfAbsent(place, p -> new byte[a.length]);
    for (int i = 0; i < a.length; i++) {
      // Whole octets: of a number that is drawn, some bits agree by chance.
      mask[i] |= (byte) (a[i] == b[i] ? 0 : 0xFF);
    }
  }

  /** Places with noise. */
  public List<String> places() {
    return masks.keySet().stream().sorted().toList();
  }

  /** The same observation without noise. */
  public Observation without(Observation seen) {
    if (masks.isEmpty()) {
      return seen;
    }
    SortedMap<String, Octets> outputs = new TreeMap<>(seen.outputs());
    masks.forEach((place, mask) ->
        outputs.computeIfPresent(
            place,
            (p, octets) -> {
              byte[] quiet = octets.toByteArray();
              for (int i = 0; i < Math.min(quiet.length, mask.length); i++) {
                quiet[i] &= (byte) ~mask[i];
              }
              return Octets.copyOf(quiet);
            }));
    return new Observation(seen.refused(), seen.losses(), outputs, seen.upcalls(), seen.events());
  }
}
