package dev.offramp.api.descriptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What holds for every valid descriptor and its bytes. */
final class DescriptorRoundTripTest {
  private static final int DESCRIPTORS = 5000;
  private static final int DAMAGED_DESCRIPTORS = 4;

  private final DescriptorGenerator generator = new DescriptorGenerator();

  @Test
  void generatorKnowsEveryField() {
    assertThat(generator.generators().keySet())
        .containsExactlyElementsOf(DescriptorFields.all())
        .hasSizeGreaterThanOrEqualTo(70);
  }

  @Test
  void whatIsWrittenIsReadBack() throws Exception {
    Set<FieldKey<?>> seen = new HashSet<>();
    Seeds.run(random -> {
      for (int i = 0; i < DESCRIPTORS; i++) {
        IwarpConnectionDescriptor written = generator.next(random);
        byte[] bytes = written.toBytes();
        IwarpConnectionDescriptor read = read(bytes);
        assertThat(read).isEqualTo(written).hasSameHashCodeAs(written);
        assertThat(read.toBytes()).isEqualTo(bytes);
        DescriptorFields.all().stream().filter(read::isKnown).forEach(seen::add);
      }
    });
    assertThat(seen).containsExactlyInAnyOrderElementsOf(DescriptorFields.all());
  }

  @Test
  void orderOfPuttingDoesNotMatter() throws Exception {
    Seeds.run(random -> {
      IwarpConnectionDescriptor one = generator.full(random);
      IwarpConnectionDescriptor.Builder reversed = IwarpConnectionDescriptor.builder();
      DescriptorFields.all().reversed().stream()
          .filter(one::isGiven)
          .forEach(key -> copy(one, key, reversed));
      assertThat(reversed.build()).isEqualTo(one);
      assertThat(reversed.build().toBytes()).isEqualTo(one.toBytes());
    });
  }

  @Test
  void everyTruncationIsRefused() throws Exception {
    Seeds.run(random -> {
      for (int i = 0; i < DAMAGED_DESCRIPTORS; i++) {
        byte[] bytes = generator.next(random).toBytes();
        for (int length = 0; length < bytes.length; length++) {
          byte[] truncated = Arrays.copyOf(bytes, length);
          assertThatThrownBy(() -> read(truncated))
              .as("the first %d of %d bytes", length, bytes.length)
              .isExactlyInstanceOf(DescriptorFormatException.class);
        }
      }
    });
  }

  /** Either refused, or another descriptor of which the damaged bytes are the one encoding. */
  @Test
  void everyBitFlipIsRefusedOrMeansSomethingElse() throws Exception {
    Seeds.run(random -> {
      int refused = 0;
      int different = 0;
      for (int i = 0; i < DAMAGED_DESCRIPTORS; i++) {
        IwarpConnectionDescriptor original = generator.next(random);
        byte[] bytes = original.toBytes();
        for (int bit = 0; bit < 8 * bytes.length; bit++) {
          bytes[bit / 8] ^= (byte) (1 << bit % 8);
          try {
            IwarpConnectionDescriptor read = read(bytes);
            assertThat(read.toBytes()).as("bit %d", bit).isEqualTo(bytes);
            assertThat(read).as("bit %d", bit).isNotEqualTo(original);
            different++;
          } catch (DescriptorFormatException e) {
            assertThat(e.offset()).isBetween(0, bytes.length);
            refused++;
          }
          bytes[bit / 8] ^= (byte) (1 << bit % 8);
        }
      }
      assertThat(refused).isGreaterThan(1000);
      assertThat(different).isGreaterThan(1000);
    });
  }

  @Test
  void readsOnlyWhatRemainsAndMovesNothing() throws Exception {
    byte[] bytes = Descriptors.minimal().build().toBytes();
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length + 7);
    buffer.position(3).put(bytes).flip().position(3);
    assertThat(IwarpConnectionDescriptor.fromBytes(buffer.asReadOnlyBuffer()))
        .isEqualTo(Descriptors.minimal().build());
    IwarpConnectionDescriptor.fromBytes(buffer);
    assertThat(buffer.position()).isEqualTo(3);
    assertThat(buffer.limit()).isEqualTo(3 + bytes.length);
  }

  /** Freezes format version 1: these bytes are stored and sent by releases that are out. */
  @Test
  void theFormatStaysAsItIs() throws Exception {
    byte[] bytes = HexFormat.of().parseHex(GoldenBytes.VERSION_1);
    IwarpConnectionDescriptor golden = GoldenBytes.version1();
    assertThat(HexFormat.of().formatHex(golden.toBytes())).isEqualTo(GoldenBytes.VERSION_1);
    assertThat(read(bytes)).isEqualTo(golden);
  }

  private static <T extends Object> void copy(
      IwarpConnectionDescriptor from, FieldKey<T> key, IwarpConnectionDescriptor.Builder to) {
    to.put(key, from.get(key));
  }

  private static IwarpConnectionDescriptor read(byte[] bytes) throws DescriptorFormatException {
    return IwarpConnectionDescriptor.fromBytes(ByteBuffer.wrap(bytes));
  }
}
