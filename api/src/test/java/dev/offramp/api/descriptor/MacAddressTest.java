package dev.offramp.api.descriptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MacAddressTest {
  @Test
  void keepsWireOrder() {
    byte[] octets = {0x02, 0, 0x5E, 0x10, (byte) 0x80, (byte) 0xFF};
    MacAddress mac = MacAddress.of(octets);
    assertThat(mac.value()).isEqualTo(0x0200_5E10_80FFL);
    assertThat(mac.toByteArray()).isEqualTo(octets);
    assertThat(mac).hasToString("02:00:5e:10:80:ff");
  }

  @Test
  void endsOfTheRange() {
    assertThat(new MacAddress(0)).hasToString("00:00:00:00:00:00");
    assertThat(new MacAddress(0xFFFF_FFFF_FFFFL)).hasToString("ff:ff:ff:ff:ff:ff");
  }

  @ParameterizedTest
  @ValueSource(longs = {1L << 48, -1, Long.MIN_VALUE, Long.MAX_VALUE})
  void moreThan48BitsIsNoMac(long value) {
    assertThatExceptionOfType(InvalidDescriptorException.class)
        .isThrownBy(() -> new MacAddress(value))
        .withMessageContaining("48 bits");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 7, 8})
  void sixOctetsAreAMac(int octets) {
    assertThatExceptionOfType(InvalidDescriptorException.class)
        .isThrownBy(() -> MacAddress.of(new byte[octets]))
        .withMessageContaining("seen [" + octets + " octets]");
  }
}
