package dev.offramp.api.descriptor;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Any bytes: refused with the one declared exception, or the one encoding of what they mean.
 *
 * <p>The ordinary build runs this over the corpus in {@code
 * src/test/resources/.../DescriptorDecoderFuzzTestInputs}. To fuzz for real, guided by coverage:
 *
 * <pre>{@code
 * JAZZER_FUZZ=1 ./build -pl api test -Dtest=DescriptorDecoderFuzzTest#decode
 * }</pre>
 *
 * What it finds is added to that directory by Jazzer; keep it there with the fix.
 */
@Tag("fuzz")
final class DescriptorDecoderFuzzTest {
  @FuzzTest(maxDuration = "3m")
  void decode(byte[] bytes) {
    try {
      IwarpConnectionDescriptor descriptor =
          IwarpConnectionDescriptor.fromBytes(ByteBuffer.wrap(bytes));
      assertThat(descriptor.toBytes()).isEqualTo(bytes);
      assertThat(descriptor.toString()).isNotEmpty();
    } catch (DescriptorFormatException e) {
      assertThat(e.offset()).isBetween(0, bytes.length);
    }
  }

  /** The regression run is worth something only while it meets both outcomes. */
  @Test
  void corpusHasBothKinds() throws Exception {
    Path corpus =
        Path.of(
            DescriptorDecoderFuzzTest.class
                .getResource("DescriptorDecoderFuzzTestInputs/decode")
                .toURI());
    try (Stream<Path> files = Files.list(corpus)) {
      assertThat(files.map(DescriptorDecoderFuzzTest::isValid)).contains(true, false);
    }
  }

  private static boolean isValid(Path file) {
    try {
      IwarpConnectionDescriptor.fromBytes(ByteBuffer.wrap(Files.readAllBytes(file)));
      return true;
    } catch (java.io.IOException e) {
      return false;
    }
  }
}
