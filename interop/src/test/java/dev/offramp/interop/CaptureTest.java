package dev.offramp.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** The second look at captures: what it puts together, and that it sees what is wrong. */
final class CaptureTest {
  private static final int CLIENT = 1;
  private static final int SERVER = 2;
  private static final int SYN = 0x02;
  private static final int ACK = 0x10;

  /** Close to the end of the sequence space, so that it wraps. */
  private static final int START = -3;

  private static final String REQUEST =
      "4d504120494420526571204672616d65" + "50020004" + "00010001";
  private static final String REPLY = "4d504120494420526570204672616d65" + "50020004" + "00010001";
  private static final String EMPTY_WRITE = "000ec140000000000000000000000000";

  private final ByteArrayOutputStream file = new ByteArrayOutputStream();

  CaptureTest() {
    ByteBuffer header = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    file.writeBytes(header.putInt(0xa1b2c3d4).array());
  }

  @Test
  void streamsAreOrderedWithoutRetransmissions() throws IOException {
    handshake();
    segment(CLIENT, START + 1 + 4, ACK, "efgh");
    segment(CLIENT, START + 1, ACK, "abcd");
    segment(CLIENT, START + 1 + 2, ACK, "cdef");
    segment(SERVER, 101, ACK, "answer");
    Capture.Connection connection = only();
    assertThat(text(connection.forth().octets())).isEqualTo("abcdefgh");
    assertThat(text(connection.back().octets())).isEqualTo("answer");
    assertThat(connection.flow().from().getPort()).isEqualTo(CLIENT);
  }

  @Test
  void aHoleIsSeen() throws IOException {
    handshake();
    segment(CLIENT, START + 1, ACK, "abcd");
    segment(CLIENT, START + 1 + 5, ACK, "fgh");
    Capture.Connection connection = only();
    assertThatThrownBy(() -> connection.forth().octets()).hasMessageContaining("a hole at 4");
  }

  @Test
  void aReusedPortIsANewConnection() throws IOException {
    handshake();
    segment(CLIENT, START + 1, ACK, "old");
    segment(CLIENT, 5000, SYN, "");
    segment(SERVER, 7000, SYN | ACK, "");
    segment(CLIENT, 5001, ACK, "new");
    List<Capture.Connection> connections = read();
    assertThat(connections).hasSize(2);
    assertThat(text(connections.get(0).forth().octets())).isEqualTo("old");
    assertThat(text(connections.get(1).forth().octets())).isEqualTo("new");
  }

  @Test
  void aFileThatIsCutIsRefused() {
    handshake();
    byte[] whole = file.toByteArray();
    assertThatThrownBy(() -> Capture.read(ByteBuffer.wrap(whole, 0, whole.length - 1).slice()))
        .hasMessageContaining("whole file");
  }

  @Test
  void fpdusAreCounted() throws IOException {
    handshake();
    byte[] request = join(REQUEST, fpdu(EMPTY_WRITE), fpdu(EMPTY_WRITE));
    octets(CLIENT, START + 1, request);
    octets(SERVER, 101, join(REPLY, fpdu(EMPTY_WRITE)));
    IwarpStreams streams = IwarpStreams.of(only());
    assertThat(streams.initiator()).hasSize(3);
    assertThat(streams.responder()).hasSize(2);
    assertThat(streams.crc()).isTrue();
    assertThat(streams.initiatorConnected()).isTrue();
  }

  @Test
  void theEndThatConnectedMayBeTheResponder() throws IOException {
    handshake();
    octets(CLIENT, START + 1, join(REPLY));
    octets(SERVER, 101, join(REQUEST, fpdu(EMPTY_WRITE)));
    IwarpStreams streams = IwarpStreams.of(only());
    assertThat(streams.initiator()).hasSize(2);
    assertThat(streams.initiatorConnected()).isFalse();
  }

  @Test
  void aWrongCrcIsSeen() throws IOException {
    handshake();
    byte[] wrong = join(REQUEST, fpdu(EMPTY_WRITE));
    wrong[wrong.length - 1] ^= 1;
    octets(CLIENT, START + 1, wrong);
    octets(SERVER, 101, join(REPLY));
    Capture.Connection connection = only();
    assertThatThrownBy(() -> IwarpStreams.of(connection))
        .hasMessageContaining("the Initiator, FPDU 1: CRC_MISMATCH");
  }

  @Test
  void anUnfinishedFpduIsSeen() throws IOException {
    handshake();
    byte[] whole = join(REQUEST, fpdu(EMPTY_WRITE));
    octets(CLIENT, START + 1, java.util.Arrays.copyOf(whole, whole.length - 2));
    octets(SERVER, 101, join(REPLY));
    Capture.Connection connection = only();
    assertThatThrownBy(() -> IwarpStreams.of(connection)).hasMessageContaining("unfinished");
  }

  @Test
  void thePatternIsThatOfSiwbulk() {
    // Printed by a C program with the pattern() of siwbulk.c.
    assertThat(TestPattern.word(TestPattern.GUEST_SEED, 0)).isEqualTo(0x1fdd7128f310c389L);
    assertThat(TestPattern.word(TestPattern.OWN_SEED, 12345)).isEqualTo(0x1c840c724718bab3L);
  }

  @Test
  void namesOfCasesAreUnique() {
    assertThat(Suite.all()).hasSizeGreaterThan(60);
    assertThat(Suite.all().stream().map(Case::name)).doesNotHaveDuplicates();
  }

  private void handshake() {
    segment(CLIENT, START, SYN, "");
    segment(SERVER, 100, SYN | ACK, "");
  }

  private Capture.Connection only() throws IOException {
    List<Capture.Connection> connections = read();
    assertThat(connections).hasSize(1);
    return connections.get(0);
  }

  private List<Capture.Connection> read() throws IOException {
    return Capture.read(ByteBuffer.wrap(file.toByteArray()));
  }

  private void segment(int from, int sequence, int flags, String text) {
    segment(from, sequence, flags, text.getBytes(StandardCharsets.US_ASCII));
  }

  /** In segments of 10 bytes, so that every frame and FPDU is cut. */
  private void octets(int from, int sequence, byte[] octets) {
    for (int at = 0; at < octets.length; at += 10) {
      int end = Math.min(octets.length, at + 10);
      segment(from, sequence + at, ACK, java.util.Arrays.copyOfRange(octets, at, end));
    }
  }

  private void segment(int from, int sequence, int flags, byte[] payload) {
    int length = 14 + 20 + 20 + payload.length;
    ByteBuffer record = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    file.writeBytes(record.putInt(8, length).putInt(12, length).array());
    ByteBuffer frame = ByteBuffer.allocate(length);
    frame.putShort(12, (short) 0x0800).put(14, (byte) 0x45);
    frame.putShort(16, (short) (length - 14)).put(23, (byte) 6);
    frame.putInt(26, 0x0a000000 + from).putInt(30, 0x0a000000 + other(from));
    frame.putShort(34, (short) from).putShort(36, (short) other(from)).putInt(38, sequence);
    frame.put(46, (byte) 0x50).put(47, (byte) flags).put(54, payload);
    file.writeBytes(frame.array());
  }

  private static int other(int end) {
    return CLIENT + SERVER - end;
  }

  private static byte[] join(String first, byte[]... more) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(HexFormat.of().parseHex(first));
    for (byte[] part : more) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] fpdu(String lengthAndUlpdu) {
    byte[] octets = HexFormat.of().parseHex(lengthAndUlpdu);
    CRC32C crc = new CRC32C();
    crc.update(octets);
    return ByteBuffer.allocate(octets.length + 4)
        .put(octets)
        .putInt(Integer.reverseBytes((int) crc.getValue()))
        .array();
  }

  private static String text(byte[] octets) {
    return new String(octets, StandardCharsets.US_ASCII);
  }
}
