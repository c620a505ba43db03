package dev.offramp.tck.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.tck.rule.NamingRules;
import dev.offramp.tck.rule.PortRules;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ELF files of both classes and byte orders, made here, and what is cut from them. */
final class ElfTest {
  private static final String NEEDED = "librdmacm.so.1";
  private static final String SYMBOL = "rdma_create_id";

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void symbolsAndLibrariesAreRead(boolean is64, boolean bigEndian) {
    byte[] file = file(is64, bigEndian);
    assertThat(Elf.isOne(file)).isTrue();
    Elf elf = Elf.read(file);
    assertThat(elf.problem()).isEmpty();
    assertThat(elf.needed()).containsExactly(NEEDED);
    assertThat(elf.symbols()).containsExactly(SYMBOL, "honest");
    ScanResult result = new TinyJar().file("native/acme.bin", file).scan();
    assertThat(result.breaches()).containsOnlyKeys(PortRules.P01, NamingRules.L67);
    assertThat(result.breaches().get(NamingRules.L67))
        .hasSize(2)
        .allSatisfy(place -> assertThat(place).contains("native/acme.bin"));
  }

  @RepeatedTest(20)
  void whateverTheFileHoldsReadingEnds() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] file = file(random.nextBoolean(), random.nextBoolean());
    byte[] cut = Arrays.copyOf(file, 6 + random.nextInt(file.length - 6));
    assertThat(Elf.read(cut)).as("seed %d", seed).isNotNull();
    for (int i = 0; i < 30; i++) {
      file[6 + random.nextInt(file.length - 6)] = (byte) random.nextInt();
    }
    assertThat(Elf.read(file)).as("seed %d", seed).isNotNull();
  }

  /** Header, string table, dynamic symbols, dynamic section, and the three sections' headers. */
  private static byte[] file(boolean is64, boolean bigEndian) {
    ByteArrayOutputStream strings = new ByteArrayOutputStream();
    strings.write(0);
    int needed = add(strings, NEEDED);
    int symbol = add(strings, SYMBOL);
    int honest = add(strings, "honest");
    int word = is64 ? 8 : 4;
    int header = is64 ? 64 : 52;
    int symbolBytes = is64 ? 24 : 16;
    int sectionBytes = is64 ? 64 : 40;
    int symbolsAt = header + strings.size();
    int dynamicAt = symbolsAt + 3 * symbolBytes;
    int sectionsAt = dynamicAt + 4 * word;
    ByteBuffer out =
        ByteBuffer.allocate(sectionsAt + 3 * sectionBytes)
            .order(bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    out.put(new byte[] {0x7F, 'E', 'L', 'F', (byte) (is64 ? 2 : 1), (byte) (bigEndian ? 2 : 1)});
    word(out, is64 ? 0x28 : 0x20, sectionsAt, is64);
    out.putShort(is64 ? 0x3A : 0x2E, (short) sectionBytes);
    out.putShort(is64 ? 0x3C : 0x30, (short) 3);
    out.put(header, strings.toByteArray());
    out.putInt(symbolsAt + symbolBytes, symbol);
    out.putInt(symbolsAt + 2 * symbolBytes, honest);
    word(out, dynamicAt, 1, is64);
    word(out, dynamicAt + word, needed, is64);
    section(out, sectionsAt, 3, header, strings.size(), 0, is64);
    section(out, sectionsAt + sectionBytes, 11, symbolsAt, 3 * symbolBytes, 0, is64);
    section(out, sectionsAt + 2 * sectionBytes, 6, dynamicAt, 4 * word, 0, is64);
    return out.array();
  }

  private static int add(ByteArrayOutputStream strings, String text) {
    int at = strings.size();
    strings.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    strings.write(0);
    return at;
  }

  private static void section(
      ByteBuffer out, int at, int type, int offset, int size, int link, boolean is64) {
    out.putInt(at + 4, type);
    word(out, at + (is64 ? 0x18 : 0x10), offset, is64);
    word(out, at + (is64 ? 0x20 : 0x14), size, is64);
    out.putInt(at + (is64 ? 0x28 : 0x18), link);
  }

  private static void word(ByteBuffer out, int at, int value, boolean is64) {
    if (is64) {
      out.putLong(at, value);
    } else {
      out.putInt(at, value);
    }
  }
}
