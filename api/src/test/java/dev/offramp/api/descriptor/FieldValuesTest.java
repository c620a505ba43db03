package dev.offramp.api.descriptor;

import static dev.offramp.api.descriptor.DescriptorFields.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each kind of field takes and refuses by itself. */
final class FieldValuesTest {
  private static final Pattern RANGE = Pattern.compile("(\\d+)\\.\\.(\\d+)");

  static List<FieldKey<?>> numbers() {
    return DescriptorFields.all().stream()
        .filter(key -> RANGE.matcher(key.type().cddl()).matches())
        .toList();
  }

  private static <T extends Object> void assertTakes(FieldKey<T> key, T value) {
    assertThatCode(() -> Descriptors.minimal().present(key, value, "test"))
        .doesNotThrowAnyException();
  }

  private static <T extends Object> void assertRefuses(FieldKey<T> key, T value) {
    assertThatExceptionOfType(InvalidDescriptorException.class)
        .isThrownBy(() -> Descriptors.minimal().present(key, value, "test"))
        .satisfies(e -> assertThat(e.field()).startsWith(key.path()))
        .withMessageContaining("expected ");
  }

  @Test
  void mostFieldsAreNumbers() {
    assertThat(numbers()).hasSizeGreaterThan(40);
  }

  @ParameterizedTest
  @MethodSource("numbers")
  @SuppressWarnings("unchecked") // Integer and Long are the only types with a range.
  void numbersHaveTwoEnds(FieldKey<?> key) {
    Matcher range = RANGE.matcher(key.type().cddl());
    assertThat(range.matches()).isTrue();
    long min = Long.parseLong(range.group(1));
    long max = Long.parseLong(range.group(2));
    if (key.type().getClass().equals(SND_UNA.type().getClass())) {
      FieldKey<Long> number = (FieldKey<Long>) key;
      assertTakes(number, min);
      assertTakes(number, max);
      assertRefuses(number, min - 1);
      assertRefuses(number, max + 1);
    } else {
      FieldKey<Integer> number = (FieldKey<Integer>) key;
      assertTakes(number, (int) min);
      assertTakes(number, (int) max);
      assertRefuses(number, (int) min - 1);
      assertRefuses(number, (int) max + 1);
    }
  }

  @Test
  void textIsNotEmptyNotLongAndUnicode() {
    assertTakes(CONGESTION_CONTROL, "b");
    assertTakes(CONGESTION_CONTROL, "sixteen bytes ok");
    assertRefuses(CONGESTION_CONTROL, "");
    assertRefuses(CONGESTION_CONTROL, "seventeen bytes..");
    assertTakes(CONGESTION_CONTROL, "äöüÄÖÜßé");
    assertRefuses(CONGESTION_CONTROL, "äöüÄÖÜßé.");
    assertRefuses(CONGESTION_CONTROL, "\uD83D");
    assertTakes(CONGESTION_CONTROL, "\uD83D\uDE00");
  }

  @Test
  void sourceIsNotLongAndUnicode() {
    IwarpConnectionDescriptor.Builder builder = Descriptors.minimal();
    assertThatCode(() -> builder.present(NO_DELAY, true, "x".repeat(255)))
        .doesNotThrowAnyException();
    for (String source : List.of("x".repeat(256), "é".repeat(128), "\uDE00")) {
      assertThatExceptionOfType(InvalidDescriptorException.class)
          .isThrownBy(() -> builder.absent(NO_DELAY, source))
          .satisfies(e -> assertThat(e.field()).isEqualTo("option.noDelay.source"));
    }
  }

  @Test
  void privateDataFitsItsFrame() {
    assertTakes(LOCAL_PRIVATE_DATA, Octets.empty());
    assertTakes(LOCAL_PRIVATE_DATA, Octets.copyOf(new byte[512]));
    assertRefuses(LOCAL_PRIVATE_DATA, Octets.copyOf(new byte[513]));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "224.0.0.1", "239.255.255.255", "::", "ff02::1"})
  void endsAreUnicast(String address) {
    assertRefuses(LOCAL_ADDRESS, Descriptors.socket(address, 1));
  }

  @Test
  void endsAreResolvedAndHaveAPort() {
    assertRefuses(LOCAL_ADDRESS, InetSocketAddress.createUnresolved("host.invalid", 1));
    assertRefuses(LOCAL_ADDRESS, Descriptors.socket("192.0.2.1", 0));
    assertTakes(LOCAL_ADDRESS, Descriptors.socket("192.0.2.1", 1));
    assertTakes(LOCAL_ADDRESS, Descriptors.socket("192.0.2.1", 65535));
  }

  /** An Inet6Address made with a scope keeps the mapped form, of which there must be only one. */
  @Test
  void oneAddressHasOneForm() throws Exception {
    assertRefuses(NEXT_HOP, Descriptors.scopedBytes(mapped(), 3));
    assertRefuses(LOCAL_ADDRESS, new InetSocketAddress(Descriptors.scopedBytes(mapped(), 3), 1));
    byte[] almost = mapped();
    almost[9] = 1;
    assertTakes(NEXT_HOP, Descriptors.scopedBytes(almost, 3));
  }

  private static byte[] mapped() {
    byte[] address = new byte[16];
    address[10] = -1;
    address[11] = -1;
    address[12] = 10;
    return address;
  }

  /** InetAddress.equals ignores the scope; two link-local peers on two links are not one. */
  @Test
  void scopesTellDescriptorsApart() throws Exception {
    IwarpConnectionDescriptor one = scoped(1);
    assertThat(one).isEqualTo(scoped(1)).hasSameHashCodeAs(scoped(1));
    assertThat(one).isNotEqualTo(scoped(2));
    assertThat(one.toBytes()).isNotEqualTo(scoped(2).toBytes());
    assertThat(
            Descriptors.minimal().present(NEXT_HOP, Descriptors.scoped("fe80::1", 1), "").build())
        .isNotEqualTo(
            Descriptors.minimal().present(NEXT_HOP, Descriptors.scoped("fe80::1", 0), "").build());
  }

  private static IwarpConnectionDescriptor scoped(int scope) throws Exception {
    return Descriptors.minimalV6()
        .present(LOCAL_ADDRESS, new InetSocketAddress(Descriptors.scoped("fe80::1", scope), 1), "")
        .build();
  }
}
