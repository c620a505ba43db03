package dev.offramp.checker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The stub file knows every field of the descriptor that it has to know. */
final class DescriptorStubTest {
  private static final Pattern ENTRY = Pattern.compile("FieldKey<(.*)> ([A-Z0-9_]+);");

  /** What belongs to the iWARP stream, and has no number that wraps. */
  private static final Set<String> OF_THE_STREAM =
      Set.of(
          "IWARP_PHASE",
          "MPA_ROLE",
          "MPA_REVISION",
          "MPA_CRC",
          "MPA_SEND_MARKERS",
          "MPA_RECEIVE_MARKERS",
          "LOCAL_PRIVATE_DATA",
          "REMOTE_PRIVATE_DATA",
          "IRD",
          "ORD",
          "RTR",
          "PEER_IRD",
          "PEER_ORD",
          "SENT_OCTETS",
          "RECEIVED_OCTETS",
          "PEER_HEARD",
          "READY_TO_RECEIVE_SENT",
          "READY_TO_RECEIVE_AWAITED",
          "REGIONS",
          "STARTED_WORK",
          "POSTED_WORK",
          "POSTED_RECEIVES",
          "PEER_REQUESTS",
          "PARTIAL_MESSAGE",
          "COMPLETIONS");

  @Test
  void everyOtherFieldIsInIt() throws Exception {
    Set<String> fields =
        Arrays.stream(DescriptorFields.class.getFields())
            .filter(field -> field.getType() == FieldKey.class)
            .map(Field::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    fields.removeAll(OF_THE_STREAM);
    assertThat(entries(".*")).isEqualTo(fields);
  }

  @Test
  void allWithTheNamesOfMsnsAndSequenceNumbersHaveTheirKind() throws Exception {
    assertThat(entries(".*@MessageSequenceNumber.*")).isEqualTo(named("[A-Z_]*_MSN"));
    assertThat(entries(".*@SequenceNumber.*"))
        .isEqualTo(named("SND_(UNA|NXT|MAX|WL1)|RCV_(NXT|WUP)|MPA_(SEND|RECEIVE)_START"));
  }

  private static Set<String> named(String pattern) {
    return Arrays.stream(DescriptorFields.class.getFields())
        .map(Field::getName)
        .filter(name -> name.matches(pattern))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> entries(String type) throws Exception {
    Set<String> names = new TreeSet<>();
    try (var in = ProvenanceChecker.class.getResourceAsStream("descriptor.astub")) {
      Matcher entry = ENTRY.matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      while (entry.find()) {
        if (entry.group(1).matches(type)) {
          names.add(entry.group(2));
        }
      }
    }
    return names;
  }
}
