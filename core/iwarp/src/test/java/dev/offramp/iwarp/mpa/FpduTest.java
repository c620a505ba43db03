package dev.offramp.iwarp.mpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.offramp.conformance.Rows;
import dev.offramp.iwarp.Hex;
import dev.offramp.iwarp.Seeds;
import dev.offramp.iwarp.mpa.FpduDecoder.Verdict;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Framing, with a second, byte-wise parser as the reference. */
final class FpduTest {
  private static final String ZEROS_24 = "00".repeat(24);

  /** Payload that lies in one heap buffer. */
  private static final class Plain implements PayloadMemory {
    private final byte[] bytes;

    Plain(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public ByteBuffer lend(long offset, int length) {
      return ByteBuffer.wrap(bytes, (int) offset, length);
    }

    @Override
    public void takeBack(ByteBuffer view, long offset) {}
  }

  private static byte[] encode(boolean crc, boolean markers, long position, List<byte[]> ulpdus) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TransmitBatch batch = new TransmitBatch();
    FpduEncoder encoder = new FpduEncoder(batch, crc, markers, position);
    for (byte[] ulpdu : ulpdus) {
      if (!encoder.hasRoom(ulpdu.length, 1)) {
        drain(encoder, batch, out);
      }
      int header = Math.min(ulpdu.length, 14);
      encoder.begin(ulpdu.length);
      encoder.header(ByteBuffer.wrap(ulpdu), header);
      encoder.payload(new Plain(ulpdu), header, ulpdu.length - header);
      encoder.end();
    }
    drain(encoder, batch, out);
    assertThat(encoder.position() - position).isEqualTo(out.size());
    return out.toByteArray();
  }

  private static void drain(FpduEncoder encoder, TransmitBatch batch, ByteArrayOutputStream out) {
    encoder.flush();
    for (int i = 0; i < batch.length(); i++) {
      ByteBuffer buffer = batch.buffers()[batch.offset() + i];
      byte[] some = new byte[buffer.remaining()];
      buffer.get(some);
      out.writeBytes(some);
    }
    batch.dropWritten();
    assertThat(batch.isEmpty()).isTrue();
  }

  private static Verdict decode(FpduDecoder decoder, byte[] bytes, int cut, List<byte[]> ulpdus) {
    int at = 0;
    while (at < bytes.length) {
      ByteBuffer buffer = decoder.buffer();
      int count = Math.min(Math.min(cut, buffer.remaining()), bytes.length - at);
      buffer.put(bytes, at, count);
      at += count;
      decoder.received(count);
      Verdict verdict = decoder.next();
      while (verdict == Verdict.ULPDU) {
        byte[] ulpdu = new byte[decoder.ulpduLength()];
        decoder.bytes().get(decoder.ulpduOffset(), ulpdu);
        ulpdus.add(ulpdu);
        verdict = decoder.next();
      }
      if (verdict != Verdict.NEED_MORE) {
        return verdict;
      }
    }
    return Verdict.NEED_MORE;
  }

  private static FpduDecoder decoder(boolean crc, boolean markers, long position) {
    return new FpduDecoder(crc, markers, position, FpduDecoder.MIN_STAGING_BYTES);
  }

  private static String fpdu(String ulpdu, boolean markers, long position) {
    return HexFormat.of().formatHex(encode(true, markers, position, List.of(Hex.bytes(ulpdu))));
  }

  @Test
  @Rows({6, 9, 12, 13, 16, 19})
  void figureFiveOfRfc5044() {
    String ulpdu = "4143 00000000 00000000 00000001 00000000" + ZEROS_24;
    String expected = "00000000" + "002a" + ulpdu.replace(" ", "") + "52239983";
    assertThat(fpdu(ulpdu, true, 0)).isEqualTo(expected);
    List<byte[]> ulpdus = new ArrayList<>();
    assertThat(decode(decoder(true, true, 0), Hex.bytes(expected), 1, ulpdus))
        .isEqualTo(Verdict.NEED_MORE);
    assertThat(ulpdus.getFirst()).isEqualTo(Hex.bytes(ulpdu));
  }

  @Test
  @Rows({6, 9, 12, 13, 19})
  void figureSixOfRfc5044() {
    String header = "4143 00000000 00000000 00000002 00000000".replace(" ", "");
    String expected = "002a" + header + "00000014" + ZEROS_24 + "84925898";
    assertThat(fpdu(header + ZEROS_24, true, 512 - 20)).isEqualTo(expected);
    List<byte[]> ulpdus = new ArrayList<>();
    assertThat(decode(decoder(true, true, 512 - 20), Hex.bytes(expected), 1, ulpdus))
        .isEqualTo(Verdict.NEED_MORE);
    assertThat(ulpdus.getFirst()).isEqualTo(Hex.bytes(header + ZEROS_24));
  }

  @Test
  @Rows({6, 7})
  void sendsSeenOnTheWire() {
    assertThat(
            fpdu(
                "4143 00000000 00000000 00000001 00000000 00005621fd54a370 5c6b0f00 00000040",
                false,
                0))
        .endsWith("a46168db");
    assertThat(fpdu("c140 00000001 0000000000000000", false, 0)).startsWith("000ec140").hasSize(40);
  }

  @Test
  @Rows({4, 10, 12, 14, 15, 19, 23})
  void whatIsFramedIsFoundAgain() {
    Seeds.forAll(
        150,
        random -> {
          boolean crc = random.nextBoolean();
          boolean markers = random.nextBoolean();
          long position = position(random);
          List<byte[]> ulpdus = new ArrayList<>();
          for (int i = 0; i < 1 + random.nextInt(8); i++) {
            ulpdus.add(Seeds.bytes(random, size(random)));
          }
          byte[] wire = encode(crc, markers, position, ulpdus);
          List<byte[]> found = new ArrayList<>();
          int cut = random.nextBoolean() ? 1 + random.nextInt(7) : 1 + random.nextInt(70_000);
          FpduDecoder decoder = decoder(crc, markers, position);
          assertThat(decode(decoder, wire, cut, found)).isEqualTo(Verdict.NEED_MORE);
          assertThat(found).usingElementComparator(Arrays::compare).isEqualTo(ulpdus);
          assertThat(decoder.unfinishedBytes()).isZero();
          assertThat(decoder.position()).isEqualTo(position + wire.length);
          if (markers) {
            checkMarkers(wire, position, ulpdus);
          }
        });
  }

  /** Octets since the first FPDU: none, some, or just before sequence numbers wrap. */
  private static long position(RandomGenerator random) {
    return switch (random.nextInt(3)) {
      case 0 -> 0;
      case 1 -> 4L * random.nextInt(1 << 28);
      default -> (1L << 32) - 4L * random.nextInt(20_000);
    };
  }

  private static int size(RandomGenerator random) {
    return switch (random.nextInt(4)) {
      case 0 -> 1 + random.nextInt(40);
      case 1 -> 480 + random.nextInt(60);
      case 2 -> 1 + random.nextInt(3000);
      default -> 1 + random.nextInt(Mulpdu.MAX_BYTES);
    };
  }

  /** Walks octet by octet and knows nothing of the encoder's arithmetic. */
  private static void checkMarkers(byte[] wire, long position, List<byte[]> ulpdus) {
    int fpdu = 0;
    int content = 0;
    int start = 0;
    for (int at = 0; at < wire.length; ) {
      if ((position + at) % 512 == 0) {
        int pointer = ((wire[at + 2] & 0xFF) << 8) | (wire[at + 3] & 0xFF);
        assertThat(wire[at]).isZero();
        assertThat(wire[at + 1]).isZero();
        assertThat(pointer).isEqualTo(content == 0 ? 0 : at - start);
        at += 4;
        continue;
      }
      if (content == 0) {
        start = at;
      }
      content++;
      at++;
      int length = ulpdus.get(fpdu).length;
      if (content == 2 + length + (-(2 + length) & 3) + 4) {
        fpdu++;
        content = 0;
      }
    }
    assertThat(fpdu).isEqualTo(ulpdus.size());
  }

  @Test
  @Rows({13, 19})
  void everyPhaseOfAMarkerIsCovered() {
    Seeds.forAll(
        1,
        random -> {
          for (long position = 0; position < 512; position += 4) {
            for (int length = 1; length < 40; length++) {
              List<byte[]> ulpdus = List.of(Seeds.bytes(random, length));
              byte[] wire = encode(true, true, position, ulpdus);
              List<byte[]> found = new ArrayList<>();
              decode(decoder(true, true, position), wire, wire.length, found);
              assertThat(found.getFirst()).isEqualTo(ulpdus.getFirst());
              checkMarkers(wire, position, ulpdus);
            }
          }
        });
  }

  @Test
  @Rows({20, 24, 47})
  void everyChangedOctetIsAnError() {
    for (boolean markers : new boolean[] {false, true}) {
      byte[] good = encode(true, markers, 0, List.of(new byte[700]));
      for (int i = 0; i < good.length; i++) {
        byte[] bad = good.clone();
        bad[i] ^= 0x04;
        byte[] followed = Arrays.copyOf(bad, bad.length + 70_000);
        List<byte[]> found = new ArrayList<>();
        assertThat(decode(decoder(true, markers, 0), followed, followed.length, found))
            .as("octet " + i)
            .isEqualTo(Verdict.CRC_MISMATCH);
        assertThat(found).isEmpty();
      }
    }
  }

  @Test
  @Rows({8, 18})
  void withCrcOffTheFieldIsThereAndNotChecked() {
    byte[] wire = encode(false, false, 0, List.of(new byte[18]));
    assertThat(wire).hasSize(24);
    wire[23] = 77;
    List<byte[]> found = new ArrayList<>();
    assertThat(decode(decoder(false, false, 0), wire, 5, found)).isEqualTo(Verdict.NEED_MORE);
    assertThat(found).hasSize(1);
  }

  @Test
  @Rows({9, 10})
  void reservedBitsOfAMarkerAreIgnored() {
    byte[] wire = encode(false, true, 0, List.of(new byte[700]));
    wire[0] = -1;
    wire[1] = -1;
    wire[3] |= 3;
    wire[512] = -1;
    wire[515] |= 3;
    List<byte[]> found = new ArrayList<>();
    assertThat(decode(decoder(false, true, 0), wire, wire.length, found))
        .isEqualTo(Verdict.NEED_MORE);
    assertThat(found).hasSize(1);
    wire[514] ^= 1;
    assertThat(decode(decoder(false, true, 0), wire, wire.length, found))
        .isEqualTo(Verdict.MARKER_MISMATCH);
    byte[] lead = encode(false, true, 0, List.of(new byte[20]));
    lead[3] = 4;
    assertThat(decode(decoder(false, true, 0), lead, lead.length, found))
        .isEqualTo(Verdict.MARKER_MISMATCH);
  }

  @Test
  @Rows(7)
  void padIsZeroWhenSentAndIgnoredWhenReceived() {
    byte[] wire = encode(false, false, 0, List.of(new byte[] {1, 2, 3}));
    assertThat(HexFormat.of().formatHex(wire)).isEqualTo("000301020300000000000000");
    wire[5] = 9;
    List<byte[]> found = new ArrayList<>();
    decode(decoder(false, false, 0), wire, 1, found);
    assertThat(found.getFirst()).containsExactly(1, 2, 3);
    byte[] summed = encode(true, false, 0, List.of(new byte[] {1, 2, 3}));
    summed[5] = 9;
    assertThat(decode(decoder(true, false, 0), summed, 1, found)).isEqualTo(Verdict.CRC_MISMATCH);
    CRC32C crc = new CRC32C();
    crc.update(summed, 0, 8);
    ByteBuffer.wrap(summed).putInt(8, Integer.reverseBytes((int) crc.getValue()));
    assertThat(decode(decoder(true, false, 0), summed, 1, found)).isEqualTo(Verdict.NEED_MORE);
    assertThat(found.getLast()).containsExactly(1, 2, 3);
    assertThat(found).hasSize(2);
  }

  @Test
  void misuseIsRefused() {
    FpduDecoder decoder = decoder(true, true, 0);
    assertThatIllegalArgumentException().isThrownBy(() -> decoder.received(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> decoder.received(1 << 20));
    assertThatIllegalArgumentException().isThrownBy(() -> new FpduDecoder(true, true, 0, 100));
  }

  @Test
  @Rows({2, 21, 22})
  void mulpduFollowsTheFormulaForEverySegmentSize() {
    for (int emss = 1; emss <= 65_535; emss++) {
      int plain = emss - (6 + emss % 4);
      int marked = emss - (6 + 4 * (int) Math.ceil(emss / 512.0) + emss % 4);
      assertThat(Mulpdu.of(emss, false)).isEqualTo(Math.min(64_768, Math.max(128, plain)));
      assertThat(Mulpdu.of(emss, true)).isEqualTo(Math.min(64_768, Math.max(128, marked)));
    }
  }
}
