package dev.offramp.models.chelsio;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.HexFormat;
import org.junit.jupiter.api.Tag;

/**
 * A driver that has gone mad, on a chip with a connection in RDMA mode: nothing is thrown on the
 * model's thread, and it always comes to rest.
 */
final class ChipFuzzTest {
  private static final int MOST_STEPS = 200;

  /** First octet: which chip. Then steps, see {@link MadDriver}. */
  @FuzzTest
  @Tag("fuzz")
  void drive(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    ChelsioChip chip = (bytes[0] & 1) == 0 ? ChelsioChip.T5 : ChelsioChip.T6;
    try (MadDriver driver = new MadDriver(chip, bytes)) {
      for (int i = 0; i < MOST_STEPS && driver.hasMore(); i++) {
        driver.step();
      }
    } catch (RuntimeException e) {
      throw new AssertionError("for " + HexFormat.of().formatHex(bytes), e);
    }
  }
}
