package dev.offramp.tck.oracle;

import dev.offramp.api.descriptor.Octets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Looks for octets in what was written, in the order of the network and in the reverse one. */
public final class Images {
  private Images() {}

  /** Places and offsets at which {@code octets} stand. */
  public static List<String> of(SortedMap<String, Octets> outputs, byte[] octets) {
    List<String> found = new ArrayList<>();
    byte[] reversed = reversed(octets);
    boolean both = !java.util.Arrays.equals(octets, reversed);
    for (Map.Entry<String, Octets> output : outputs.entrySet()) {
      if (output.getKey().equals(Observation.PREPARE)) {
        // The descriptor itself, in its own form.
        continue;
      }
      byte[] text = output.getValue().toByteArray();
      find(found, output.getKey(), text, octets);
      if (both) {
        find(found, output.getKey(), text, reversed);
      }
    }
    return found;
  }

  private static void find(List<String> found, String place, byte[] text, byte[] octets) {
    for (int at = 0; at + octets.length <= text.length; at++) {
      if (java.util.Arrays.equals(text, at, at + octets.length, octets, 0, octets.length)) {
        found.add(place + " octet " + at);
      }
    }
  }

  /** The last octet first. */
  public static byte[] reversed(byte[] octets) {
    byte[] reversed = new byte[octets.length];
    for (int i = 0; i < octets.length; i++) {
      reversed[i] = octets[octets.length - 1 - i];
    }
    return reversed;
  }
}
