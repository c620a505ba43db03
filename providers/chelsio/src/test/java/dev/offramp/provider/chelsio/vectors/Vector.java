package dev.offramp.provider.chelsio.vectors;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One line of the golden vectors: what the vendor's own driver makes of some values. */
final class Vector {
  private final String structure;
  private final Input in;
  private final byte[] out;
  private final String place;

  Vector(Map<String, Object> json, String place) {
    this.structure = text(json.get("structure"), place);
    this.in = Input.of(Objects.requireNonNull(json.get("in"), place), place);
    this.out = Input.hex(text(json.get("out"), place));
    this.place = place;
  }

  private static String text(@Nullable Object value, String place) {
    return (String) Objects.requireNonNull(value, place);
  }

  String structure() {
    return structure;
  }

  Input in() {
    return in;
  }

  byte[] out() {
    return out;
  }

  /** File and line. */
  String place() {
    return place;
  }
}
