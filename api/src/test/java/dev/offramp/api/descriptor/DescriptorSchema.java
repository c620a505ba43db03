package dev.offramp.api.descriptor;

import java.util.Locale;

/** The CDDL schema (RFC 8610) of the binary form, from {@link DescriptorFields}. */
final class DescriptorSchema {
  private static final String HEADER =
      """
      ; The binary form of an IwarpConnectionDescriptor: CDDL (RFC 8610) over CBOR in its
      ; deterministic encoding (RFC 8949, section 4.2.1).
      ; Generated from dev.offramp.api.descriptor.DescriptorFields; do not edit. To regenerate:
      ;   ./build -pl api test -Dtest=DescriptorSchemaTest -Dofframp.regenerate=true
      ;
      ; A reader accepts exactly this: definite lengths, shortest heads, ascending keys, no tags,
      ; nothing after the descriptor. What must hold between fields is in DescriptorRules.

      descriptor = [version: VERSION, fields]

      fields = {
      """;

  private static final String RULES =
      """
      }

      ; A value with its origin and, for people, its source; or why there is none.
      field<value> = known<value> / absent
      known<value> = [origin: "present" / "derived", source, value]
      absent = [origin: "absent", reason: source]
      source = tstr .size (0..MAX_SOURCE)

      ; A scope id exists with IPv6 only. A v4-mapped IPv6 address is written as the IPv4 address.
      ip-address = [bstr .size 4] / [bstr .size 16, ? scope: 1..2147483647]

      ; Unicast, neither the unspecified address nor a multicast group.
      socket-address = [ip-address, port: 1..65535]
      """;

  private DescriptorSchema() {}

  static String text() {
    StringBuilder schema = new StringBuilder();
    schema.append(fill(HEADER));
    Ownership group = null;
    for (FieldKey<?> key : DescriptorFields.all()) {
      if (key.ownership() != group) {
        group = key.ownership();
        schema.append("  ; -- ").append(group.name().toLowerCase(Locale.ROOT)).append('\n');
      }
      schema.append(line(key));
    }
    return schema.append(fill(RULES)).toString();
  }

  private static String fill(String template) {
    return template
        .replace("VERSION", Integer.toString(IwarpConnectionDescriptor.FORMAT_VERSION))
        .replace("MAX_SOURCE", Integer.toString(IwarpConnectionDescriptor.MAX_SOURCE_BYTES));
  }

  /** Required or optional, the type, and for people the name. */
  private static String line(FieldKey<?> key) {
    boolean required =
        key == DescriptorFields.LOCAL_ADDRESS || key == DescriptorFields.REMOTE_ADDRESS;
    return "  %s%d => %s<%s>, ; %s: %s\n"
        .formatted(
            required ? "" : "? ",
            key.number(),
            required ? "known" : "field",
            argument(key.type().cddl()),
            key.name(),
            key.meaning());
  }

  /** A choice has to stand in parentheses where a generic rule takes one type. */
  private static String argument(String type) {
    return type.contains(" / ") ? "(" + type + ")" : type;
  }
}
