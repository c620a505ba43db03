package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.rdma.Terminate;
import dev.offramp.conformance.Rows;
import dev.offramp.iwarp.Hex;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class TerminateCodecTest {
  private static Terminate decode(String hex) {
    ByteBuffer bytes = Hex.buffer(hex);
    return TerminateCodec.decode(bytes, 0, bytes.remaining());
  }

  @ParameterizedTest
  @EnumSource(TerminateCause.class)
  @Rows({93, 100, 127})
  void everyRegisteredTripleSurvives(TerminateCause cause) {
    ByteBuffer bytes = ByteBuffer.allocate(TerminateCodec.MAX_BYTES);
    int length = TerminateCodec.put(bytes, cause);
    assertThat(length).isEqualTo(4);
    assertThat(bytes.getShort(2)).isZero();
    Terminate decoded = TerminateCodec.decode(bytes, 0, length);
    assertThat(TerminateCause.of(decoded.layer(), decoded.type(), decoded.code())).contains(cause);
    assertThat(decoded.toString()).as("has a name in the API").contains(" ");
  }

  @Test
  @Rows(127)
  void noTripleIsThereTwice() {
    Set<Integer> seen = new HashSet<>();
    for (TerminateCause cause : TerminateCause.values()) {
      assertThat(seen.add((cause.layer() << 12) | (cause.type() << 8) | cause.code())).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "11000300 0040 c140deadbe0000007f2a1b63b000, 1, 1, 0, 14",
    "21020300 0040 414300000000000000000000000100000000, 1, 2, 2, 18",
    "02020000, 2, 0, 2, 0",
    "20050000, 2, 0, 5, 0",
    "02060000, 0, 2, 6, 0",
    "20060000, 2, 0, 6, 0",
    "1100c000 0040 c140deadbe0000007f2a1b63b000, 1, 1, 0, 14",
    "0109c000 0013 414300000000000000000000000100000000, 0, 1, 9, 18",
    "21, 0, 0, 0, 0"
  })
  void theFormOfTheRfcAndThatOfSiwAreRecognised(
      String hex, int layer, int type, int code, int headerBytes) {
    Terminate terminate = decode(hex);
    assertThat(terminate.layer()).isEqualTo(layer);
    assertThat(terminate.type()).isEqualTo(type);
    assertThat(terminate.code()).isEqualTo(code);
    assertThat(terminate.headers().length()).isEqualTo(headerBytes);
  }
}
