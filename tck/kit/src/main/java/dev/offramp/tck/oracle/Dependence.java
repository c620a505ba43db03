package dev.offramp.tck.oracle;

import dev.offramp.api.descriptor.Octets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which bits of which command depend on which field: the dependency matrix of noninterference.
 * Filled by comparing a base with observations in which one field, or a group that belongs
 * together, is another.
 */
public final class Dependence {
  private final Observation base;
  private final SortedMap<String, List<Set<String>>> bits = new TreeMap<>();
  private final Map<String, Integer> changed = new LinkedHashMap<>();

  /** A matrix without entries. */
  public Dependence(Observation base) {
    this.base = base;
    base.outputs()
        .forEach((place, octets) -> {
          List<Set<String>> row = new ArrayList<>();
          for (int i = 0; i < octets.length() * Byte.SIZE; i++) {
            row.add(new TreeSet<>());
          }
          bits.put(place, row);
        });
  }

  /**
   * Takes a comparison in; the number of bits that changed. A command that is there in one of them
   * only counts as one bit.
   */
  public int add(String fields, Observation varied) {
    int count = 0;
    for (String place : base.differences(varied)) {
      Octets before = base.outputs().get(place);
      Octets after = varied.outputs().get(place);
      if (before == null || after == null) {
        count++;
        continue;
      }
      List<Set<String>> row = bits.get(place);
      byte[] a = before.toByteArray();
      byte[] b = after.toByteArray();
      for (int i = 0; row != null && i < row.size(); i++) {
        int one = i / Byte.SIZE < b.length ? b[i / Byte.SIZE] : ~a[i / Byte.SIZE];
        if (((a[i / Byte.SIZE] ^ one) >> (Byte.SIZE - 1 - i % Byte.SIZE) & 1) != 0) {
          row.get(i).add(fields);
          count++;
        }
      }
      if (a.length != b.length) {
        count++;
      }
    }
    changed.merge(fields, count, Math::max);
    return count;
  }

  /** The most bits that changed with a field. */
  public int changedBits(String fields) {
    return changed.getOrDefault(fields, 0);
  }

  /** For each place, the fields that each bit depends on, the most significant bit first. */
  public SortedMap<String, List<Set<String>>> bits() {
    return bits;
  }

  /** The base, place by place. */
  public Observation base() {
    return base;
  }
}
