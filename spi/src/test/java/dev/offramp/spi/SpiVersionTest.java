package dev.offramp.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SpiVersionTest {
  @ParameterizedTest
  @CsvSource({
    "1, 0, 1, 0, true",
    "1, 3, 1, 0, true",
    "1, 3, 1, 3, true",
    "1, 3, 1, 4, false",
    "2, 0, 1, 9, false",
    "1, 9, 2, 0, false"
  })
  void sameMajorAndNoNewerMinorRuns(
      int runningMajor, int runningMinor, int compiledMajor, int compiledMinor, boolean runs) {
    SpiVersion running = new SpiVersion(runningMajor, runningMinor);
    assertThat(running.runs(new SpiVersion(compiledMajor, compiledMinor))).isEqualTo(runs);
  }

  @Test
  void whatIsCompiledNowRunsNow() {
    SpiVersion compiled = new SpiVersion(SpiVersion.CURRENT_MAJOR, SpiVersion.CURRENT_MINOR);
    assertThat(SpiVersion.running()).isEqualTo(compiled);
    assertThat(SpiVersion.running().runs(compiled)).isTrue();
  }

  /** The handshake rests on javac copying the numbers into the driver. */
  @Test
  void numbersAreCompileTimeConstants() throws Exception {
    for (String name : new String[] {"CURRENT_MAJOR", "CURRENT_MINOR"}) {
      assertThat(isConstant(name)).as(name).isTrue();
    }
  }

  private static boolean isConstant(String field) throws Exception {
    try (var in = SpiVersion.class.getResourceAsStream("SpiVersion.class")) {
      assertThat(in).isNotNull();
      return ClassFile.of().parse(in.readAllBytes()).fields().stream()
          .filter(model -> model.fieldName().equalsString(field))
          .anyMatch(model -> model.findAttribute(Attributes.constantValue()).isPresent());
    }
  }

  @Test
  void readsWell() {
    assertThat(new SpiVersion(1, 12)).hasToString("1.12");
  }
}
