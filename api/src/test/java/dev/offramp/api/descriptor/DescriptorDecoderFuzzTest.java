package dev.offramp.api.descriptor;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
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
 * src/test/resources/.../DescriptorDecoderFuzzTestInputs}; {@code etc/fuzz descriptor} fuzzes for
 * real, guided by coverage. Keep what it finds in that directory, with the fix.
 */
@Tag("fuzz")
final class DescriptorDecoderFuzzTest {
  /** What the builder, the rules and an exception's stack take, whatever the input. */
  private static final long LIMIT_BYTES = 64 * 1024;

  /** A field of a few octets becomes objects of some dozen bytes each. */
  private static final long PER_INPUT_BYTE = 64;

  /** Class loading allocates on the same thread; only what comes again is the decoder's. */
  private static final int TRIES = 4;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @FuzzTest(maxDuration = "3m")
  void decode(byte[] bytes) {
    long limit = LIMIT_BYTES + PER_INPUT_BYTE * bytes.length;
    long allocated = 0;
    for (int i = 0; i < TRIES; i++) {
      allocated = allocatedByDecoding(bytes);
      if (allocated <= limit) {
        return;
      }
    }
    throw new AssertionError("bytes allocated: seen [" + allocated + "], at most " + limit);
  }

  private static long allocatedByDecoding(byte[] bytes) {
    ByteBuffer input = ByteBuffer.wrap(bytes);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      IwarpConnectionDescriptor descriptor = IwarpConnectionDescriptor.fromBytes(input);
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      assertThat(descriptor.toBytes()).isEqualTo(bytes);
      assertThat(descriptor.toString()).isNotEmpty();
      return allocated;
    } catch (DescriptorFormatException e) {
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      assertThat(e.offset()).isBetween(0, bytes.length);
      return allocated;
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
