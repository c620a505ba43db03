package dev.offramp.provider.chelsio.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Layer, error type and code as the RFCs have them, where the vendor's table has others, too. */
class TerminateCodeTest {
  /** RFC 5044, section 8: layer 2, error type 0. */
  @Test
  void mpaErrorsAreOfTypeZero() {
    assertThat(received(T4Err.CRC, Cqe.FW_RI_SEND)).isEqualTo(0x20_02);
    assertThat(received(T4Err.MARKER, Cqe.FW_RI_RDMA_WRITE)).isEqualTo(0x20_03);
    assertThat(TerminateCode.isCrc(2, 2)).isTrue();
    assertThat(TerminateCode.isCrc(2, 3)).isFalse();
  }

  /** RFC 5040, section 5.2.2: queue 1 has as many buffers as the IRD says. */
  @Test
  void aReadBeyondTheIrdHasNoBuffer() {
    assertThat(received(T4Err.IRD_OVERFLOW, Cqe.FW_RI_READ_REQ)).isEqualTo(0x12_02);
    assertThat(received(T4Err.OUT_OF_RQE, Cqe.FW_RI_SEND)).isEqualTo(0x12_02);
    assertThat(received(T4Err.MSN, Cqe.FW_RI_SEND)).isEqualTo(0x12_03);
  }

  @Test
  void boundsAreTheTaggedBuffersOrTheReads() {
    assertThat(received(T4Err.BOUND, Cqe.FW_RI_RDMA_WRITE)).isEqualTo(0x11_01);
    assertThat(received(T4Err.BOUND, Cqe.FW_RI_READ_REQ)).isEqualTo(0x01_01);
  }

  /** All else is the vendor's. */
  @Test
  void differsFromTheVendorsTableInThreePlaces() {
    int[] different =
        IntStream.range(0, 0x20)
            .filter(status ->
                TerminateCode.vendors(status, Cqe.FW_RI_SEND, false)
                    != received(status, Cqe.FW_RI_SEND))
            .toArray();
    assertThat(different).containsExactly(T4Err.CRC, T4Err.MARKER, T4Err.IRD_OVERFLOW);
  }

  private static int received(int status, int opcode) {
    return TerminateCode.of(status, opcode, false);
  }
}
