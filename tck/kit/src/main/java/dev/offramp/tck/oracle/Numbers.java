package dev.offramp.tck.oracle;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds numbers that are written twice: once whole, and once in 24 bits. A device that splits a
 * number into 24 and 8 bits writes the other 8 as well, and has no whole copy; that is its right.
 */
public final class Numbers {
  private static final List<FieldKey<Long>> FIELDS =
      List.of(DescriptorFields.SND_NXT, DescriptorFields.RCV_NXT);

  private Numbers() {}

  /**
   * A number in 24 bits, beside the whole one.
   *
   * @param field whose number it is
   * @param place where the 24 bits stand
   */
  public record Twin(String field, String place) {}

  /** Those that follow their field through all observations. */
  public static List<Twin> twins(List<IwarpConnectionDescriptor> drawn, List<Observation> seen) {
    List<Twin> twins = new ArrayList<>();
    for (FieldKey<Long> key : FIELDS) {
      if (!drawn.stream().allMatch(d -> d.isKnown(key))) {
        continue;
      }
      for (boolean shifted : new boolean[] {false, true}) {
        Set<String> narrow = null;
        boolean whole = true;
        for (int i = 0; i < drawn.size(); i++) {
          int value = drawn.get(i).value(key).intValue();
          int form = shifted ? value << 8 : value & 0xFF_FFFF;
          Set<String> found = aligned(seen.get(i), form);
          narrow = narrow == null ? found : intersection(narrow, found);
          whole &= !aligned(seen.get(i), value).isEmpty();
        }
        if (whole && narrow != null) {
          narrow.stream()
              .sorted()
              .limit(1)
              .forEach(place -> twins.add(new Twin(key.path(), place)));
        }
      }
    }
    return twins;
  }

  private static Set<String> intersection(Set<String> one, Set<String> other) {
    Set<String> both = new HashSet<>(one);
    both.retainAll(other);
    return both;
  }

  /** Places where a word stands in four octets of their own. */
  private static Set<String> aligned(Observation seen, int word) {
    Set<String> places = new HashSet<>();
    for (Map.Entry<String, Octets> output : seen.outputs().entrySet()) {
      if (output.getKey().equals(Observation.PREPARE) || output.getKey().equals(Observation.WIRE)) {
        continue;
      }
      ByteBuffer octets = ByteBuffer.wrap(output.getValue().toByteArray());
      for (int at = 0; at + Integer.BYTES <= octets.capacity(); at += Integer.BYTES) {
        int there = octets.getInt(at);
        if (there == word || there == Integer.reverseBytes(word)) {
          places.add(output.getKey() + " octet " + at);
        }
      }
    }
    return places;
  }
}
