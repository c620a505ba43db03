package dev.offramp.models.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.models.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the fuzzer's corpus has, changed a little: another driver that has gone mad each time. */
@Timeout(300)
final class MadDriverTest {
  private static final int DRIVERS = 300;
  private static final int MOST_CHANGES = 6;

  private static List<byte[]> corpus() throws Exception {
    Path directory =
        Path.of(
            Objects.requireNonNull(MadDriverTest.class.getResource("ChipFuzzTestInputs/drive"))
                .toURI());
    List<byte[]> inputs = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory).sorted()) {
      for (Path file : files.toList()) {
        inputs.add(read(file));
      }
    }
    assertThat(inputs).isNotEmpty();
    return inputs;
  }

  private static byte[] read(Path file) throws IOException {
    return Files.readAllBytes(file);
  }

  @Test
  void staysWhole() throws Exception {
    List<byte[]> corpus = corpus();
    Seeds.run(random -> {
      for (int i = 0; i < DRIVERS; i++) {
        byte[] bytes = corpus.get(random.nextInt(corpus.size())).clone();
        for (int changes = random.nextInt(MOST_CHANGES + 1); changes > 0; changes--) {
          change(bytes, random);
        }
        drive(bytes);
      }
    });
  }

  private static void change(byte[] bytes, RandomGenerator random) {
    int at = random.nextInt(bytes.length);
    bytes[at] =
        (byte)
            switch (random.nextInt(3)) {
              case 0 -> bytes[at] ^ 1 << random.nextInt(8);
              case 1 -> random.nextInt();
              default -> random.nextBoolean() ? 0 : -1;
            };
  }

  private static void drive(byte[] bytes) {
    try {
      new ChipFuzzTest().drive(bytes);
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError("the input " + HexFormat.of().formatHex(bytes), e);
    }
  }
}
