package dev.offramp.api.rdma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.offramp.api.descriptor.Octets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TerminateTest {
  private static final int REGISTERED = 33;

  /** RFC 5040, section 4.8, figure 10; RFC 5041, section 8.4; RFC 5044, section 8; RFC 6581. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 0/0/00 local catastrophic error",
    "0, 1, 0, 0/1/00 invalid STag",
    "0, 1, 1, 0/1/01 base or bounds violation",
    "0, 1, 3, 0/1/03 STag not associated with the stream",
    "0, 2, 5, 0/2/05 invalid RDMAP version",
    "0, 2, 6, 0/2/06 unexpected opcode",
    "1, 1, 0, 1/1/00 invalid STag",
    "1, 1, 2, 1/1/02 STag not associated with the stream",
    "1, 2, 2, 1/2/02 invalid MSN: no buffer available",
    "1, 2, 5, 1/2/05 message too long for the available buffer",
    "2, 0, 2, 2/0/02 MPA CRC error",
    "2, 0, 6, 2/0/06 insufficient IRD",
    "2, 0, 7, 2/0/07 no matching ready-to-receive indication"
  })
  void registeredTriplesHaveNames(int layer, int type, int code, String shown) {
    assertThat(new Terminate(layer, type, code, Octets.empty())).hasToString(shown);
  }

  @Test
  void allRegisteredTriplesHaveNamesAndNothingElseDoes() {
    Set<String> triples = new HashSet<>();
    for (int triple = 0; triple <= 0xFFFF; triple++) {
      String name = TerminateNames.of(triple >> 12, triple >> 8 & 0xF, triple & 0xFF);
      if (!name.isEmpty()) {
        triples.add("%04x".formatted(triple));
      }
    }
    assertThat(triples).hasSize(REGISTERED).contains("01ff", "02ff", "2007").doesNotContain("2000");
  }

  @Test
  void unregisteredTriplesAreShownAsTheyAre() {
    assertThat(new Terminate(15, 15, 255, Octets.empty())).hasToString("15/15/ff");
    assertThat(new Terminate(2, 0, 0, Octets.empty())).hasToString("2/0/00");
  }

  @ParameterizedTest
  @CsvSource({"16,0,0", "0,16,0", "0,0,256", "-1,0,0", "0,-1,0", "0,0,-1"})
  void fieldsHave4And4And8Bits(int layer, int type, int code) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Terminate(layer, type, code, Octets.empty()))
        .withMessageContaining("4, 4 and 8 bits");
  }
}
