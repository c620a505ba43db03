package dev.offramp.api.descriptor;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

      uint32 = 0..4294967295
      uint63 = 0..9223372036854775807
      uint64 = 0..18446744073709551615

      ; Memory under an STag: tagged offset of its first byte, size, what the peer may do (each right
      ; once, by name), and whether the STag is still valid.
      region = [stag: uint32, tagged-offset: uint64, size: uint63, access, valid: bool]
      access = [ACCESS]

      ; Part of a region: offset within it, and length.
      slice = [stag: uint32, offset: uint63, length: uint63]

      ; A work request; its target is the peer's memory, the STag one that it invalidates.
      work = [
        id: uint64, OPERATION,
        buffers: [0*MAX_BUFFERS slice], target: [? [uint32, tagged-offset: uint64, length: uint63]],
        solicited: bool, invalidate: [? uint32], operands: [0*MAX_OPERANDS uint64]
      ]

      ; How much of it is sent, or of its response received; and how it will complete once done.
      started-work = [work, PROGRESS, done: uint63, msn: uint32, STATUS]

      ; A Read or atomic Request to answer: where to, what from, how much of that is sent; and for an
      ; atomic its request identifier and the word's former value.
      peer-request = [
        atomic: bool, uint32, tagged-offset: uint64, source: slice, sent: uint63,
        identifier: uint32, original: uint64
      ]

      completion = [
        id: uint64, OPERATION, STATUS, bytes: uint63, solicited: bool,
        invalidated: [? uint32], immediate: [? uint64]
      ]
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
    return schema.append(fill(wrapped(RULES))).toString();
  }

  private static String wrapped(String rules) {
    return rules
            .replace("ACCESS", rights())
            .replace("OPERATION", "operation")
            .replace("PROGRESS", "progress")
            .replace("STATUS", "status")
            .replace("MAX_BUFFERS", Integer.toString(PostedWork.MAX_BUFFERS))
            .replace("MAX_OPERANDS", Integer.toString(PostedWork.MAX_OPERANDS))
        + "\n"
        + names("operation", Operation.class)
        + names("progress", StartedWork.Progress.class)
        + names("status", CompletionStatus.class);
  }

  private static <E extends Enum<E>> String names(String rule, Class<E> type) {
    return rule + " = " + FieldTypes.choiceCddl(type) + "\n";
  }

  /** Each at most once, by ascending name. */
  private static String rights() {
    return Stream.of(Access.values())
        .map(right -> "? \"" + right.name().toLowerCase(Locale.ROOT) + "\"")
        .sorted()
        .collect(Collectors.joining(", "));
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
