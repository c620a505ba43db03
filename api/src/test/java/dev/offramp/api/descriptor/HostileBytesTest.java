package dev.offramp.api.descriptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes from a stranger: each is refused with a type, a reason and an offset. */
final class HostileBytesTest {
  private static final int UNREAD = 84;

  static Stream<Arguments> hostile() {
    return Stream.of(
            shapes(), heads(), keys(), fields(), values(), addresses(), strings(), contradictions())
        .flatMap(stream -> stream);
  }

  private static Stream<Arguments> shapes() {
    return Stream.of(
        bad("nothing", "more bytes", Cbor.start()),
        bad("only a version", "an array", Cbor.start().hex("01")),
        bad("array of one", "2..2 items", Cbor.start().hex("8101")),
        bad("array of three", "2..2 items", Cbor.start().hex("8301a0a0")),
        bad("version 0", "format version 0", Cbor.start().hex("8200a0")),
        bad("version 2", "use the release that wrote it", Cbor.start().hex("8202a0")),
        bad("version -1", "an unsigned integer", Cbor.start().hex("8220a0")),
        bad("version as text", "an unsigned integer", Cbor.start().hex("826131a0")),
        bad("fields as array", "a map", Cbor.start().hex("820180")),
        bad("no fields at all", "constant.localAddress", Cbor.start().hex("8201a0")),
        bad("a tag in front", "an array", Cbor.start().hex("d9d9f78201a0")),
        bad("trailing byte", "the end of the input", Cbor.descriptor(2).ends().hex("00")),
        bad("two descriptors", "the end", Cbor.descriptor(2).ends().hex("8201a0")),
        bad("arrays in arrays", "an unsigned integer", Cbor.start().hex("82".repeat(100_000))),
        bad("maps in maps", "an array", Cbor.start().hex("a1".repeat(100_000))),
        bad("tags on tags", "an array", Cbor.start().hex("c1".repeat(100_000))),
        bad(
            "arrays as a value",
            "an unsigned integer",
            Cbor.descriptor(1).field(4).hex("81".repeat(100_000))));
  }

  private static Stream<Arguments> heads() {
    return Stream.of(
        bad("version in 2 bytes", "its shortest form", Cbor.start().hex("821801a0")),
        bad("version in 3 bytes", "its shortest form", Cbor.start().hex("82190001a0")),
        bad("version in 5 bytes", "its shortest form", Cbor.start().hex("821a00000001a0")),
        bad("version in 9 bytes", "its shortest form", Cbor.start().hex("821b0000000000000001a0")),
        bad("255 in 3 bytes", "shortest", Cbor.descriptor(1).field(4).hex("1900ff")),
        bad("65535 in 5 bytes", "shortest", Cbor.descriptor(1).field(4).hex("1a0000ffff")),
        bad(
            "2^32-1 in 9 bytes",
            "shortest",
            Cbor.descriptor(1).field(65).hex("1b00000000ffffffff")),
        bad(
            "64-bit number",
            "at most 63 bits",
            Cbor.descriptor(1).field(77).hex("1b8000000000000000")),
        bad("reserved 28", "a definite length", Cbor.start().hex("9c")),
        bad("reserved 30", "a definite length", Cbor.descriptor(1).field(4).hex("1e")),
        bad("indefinite array", "a definite length", Cbor.start().hex("9f01a0ff")),
        bad("indefinite map", "a definite length", Cbor.start().hex("8201bfff")),
        bad("indefinite bytes", "definite", Cbor.descriptor(1).field(UNREAD).hex("5f4101ff")),
        bad("indefinite text", "definite", Cbor.descriptor(1).field(32).hex("7f6161ff")),
        bad("map of 2^32-1", "pairs", Cbor.start().hex("8201baffffffff")),
        bad("map of 2^63-1", "pairs", Cbor.start().hex("8201bb7fffffffffffffff")),
        bad("map of 2^64-1", "63 bits", Cbor.start().hex("8201bbffffffffffffffff")),
        bad("array of 2^63-1", "items", Cbor.start().hex("9b7fffffffffffffff")));
  }

  private static Stream<Arguments> keys() {
    String flag = "8367" + "70726573656e74" + "6173";
    return Stream.of(
        bad("unknown 0", "field number 0", Cbor.descriptor(1).field(0).hex("00")),
        bad("unknown 31", "field number 31", Cbor.descriptor(1).field(31).hex("00")),
        bad("unknown 2^31-1", "field number 2147483647", Cbor.descriptor(1).hex("1a7fffffff")),
        bad("2^31", "at most 2147483647", Cbor.descriptor(1).hex("1a80000000")),
        bad("text key", "an unsigned integer", Cbor.descriptor(1).text("localAddress")),
        bad("negative key", "an unsigned integer", Cbor.descriptor(1).hex("20")),
        bad("twice", "ascending", Cbor.descriptor(2).hex("0a" + flag + "f5" + "0a" + flag + "f5")),
        bad(
            "swapped",
            "ascending",
            Cbor.descriptor(2).hex("0a" + flag + "f5" + "09" + flag + "f5")),
        bad("one pair too few", "the end", Cbor.descriptor(1).ends()),
        bad("one pair too many", "more bytes", Cbor.descriptor(3).ends()));
  }

  private static Stream<Arguments> fields() {
    return Stream.of(
        bad("no array", "an array", Cbor.descriptor(1).hex("0af5")),
        bad("array of one", "2..3 items", Cbor.descriptor(1).hex("0a81")),
        bad("array of four", "2..3 items", Cbor.descriptor(1).hex("0a84")),
        bad("origin by number", "a text string", Cbor.descriptor(1).hex("0a8300")),
        bad("unknown origin", "one of", Cbor.descriptor(1).hex("0a83").text("invented")),
        bad("origin in capitals", "one of", Cbor.descriptor(1).hex("0a83").text("PRESENT")),
        bad("absent with value", "2 when", Cbor.descriptor(1).hex("0a83").text("absent").text("")),
        bad("present without", "3 items", Cbor.descriptor(1).hex("0a82").text("present").text("")),
        bad("derived without", "3 items", Cbor.descriptor(1).hex("0a82").text("derived").text("")),
        bad("source as bytes", "a text", Cbor.descriptor(1).hex("0a83").text("present").hex("40")),
        bad(
            "source of 256 bytes",
            "at most 255",
            Cbor.descriptor(1).hex("0a83").text("present").hex("790100" + "61".repeat(256))));
  }

  private static Stream<Arguments> values() {
    return Stream.of(
        bad("bool as number", "true or false", Cbor.descriptor(1).field(10).hex("01")),
        bad("bool as null", "true or false", Cbor.descriptor(1).field(10).hex("f6")),
        bad("bool as undefined", "true or false", Cbor.descriptor(1).field(10).hex("f7")),
        bad("bool in two bytes", "true or false", Cbor.descriptor(1).field(10).hex("f815")),
        bad("number as float", "an unsigned", Cbor.descriptor(1).field(4).hex("f93c00")),
        bad("number as bignum", "an unsigned", Cbor.descriptor(1).field(4).hex("c24101")),
        bad("MSS 0", "1..65535", Cbor.descriptor(1).field(4).hex("00")),
        bad("MSS 65536", "1..65535", Cbor.descriptor(1).field(4).hex("1a00010000")),
        bad("scale 15", "0..14", Cbor.descriptor(1).field(7).hex("0f")),
        bad("33-bit SEQ", "0..4294967295", Cbor.descriptor(1).field(65).hex("1b0000000100000000")),
        bad("unknown state", "established", Cbor.descriptor(1).field(64).text("open")),
        bad("long name", "at most 64", Cbor.descriptor(1).field(64).hex("7841" + "61".repeat(65))),
        bad("MAC of five", "6 octets", Cbor.descriptor(1).field(34).hex("450000000000")),
        bad("MAC of seven", "at most 6", Cbor.descriptor(1).field(34).hex("4700000000000000")),
        bad("VLAN of two", "3..3 items", Cbor.descriptor(1).field(37).hex("820100")),
        bad("VLAN 0", "1..4094", Cbor.descriptor(1).field(37).hex("830000f4")),
        bad("VLAN 4095", "1..4094", Cbor.descriptor(1).field(37).hex("83190fff00f4")),
        bad("priority 8", "0..7", Cbor.descriptor(1).field(37).hex("830108f4")));
  }

  private static Stream<Arguments> addresses() {
    String v6 = "20010db8" + "00".repeat(12);
    String mapped = "00".repeat(10) + "ffffc0000201";
    return Stream.of(
        bad("no address", "4 or 16", Cbor.descriptor(1).field(35).hex("8140")),
        bad("of five bytes", "4 or 16", Cbor.descriptor(1).field(35).hex("81450000000000")),
        bad(
            "of 17 bytes",
            "at most 16",
            Cbor.descriptor(1).field(35).hex("8151" + "00".repeat(17))),
        bad("array of none", "1..2 items", Cbor.descriptor(1).field(35).hex("80")),
        bad("as text", "a byte string", Cbor.descriptor(1).field(35).hex("81").text("10.0.0.1")),
        bad("mapped", "in 4 bytes", Cbor.descriptor(1).field(35).hex("8150" + mapped)),
        bad("mapped, scoped", "in 4", Cbor.descriptor(1).field(35).hex("8250" + mapped + "01")),
        bad("scope 0", "from 1", Cbor.descriptor(1).field(35).hex("8250" + v6 + "00")),
        bad(
            "scope 2^31",
            "2147483647",
            Cbor.descriptor(1).field(35).hex("8250" + v6 + "1a80000000")),
        bad("scope on IPv4", "only on an IPv6", Cbor.descriptor(1).field(35).hex("8244c000020101")),
        bad("port 0", "1..65535", Cbor.descriptor(1).field(1).hex("828144c000020100")),
        bad("port 65536", "1..65535", Cbor.descriptor(1).field(1).hex("828144c00002011a00010000")),
        bad("any", "unicast", Cbor.descriptor(1).field(1).hex("8281440000000001")),
        bad("multicast", "unicast", Cbor.descriptor(1).field(1).hex("828144e000000101")));
  }

  private static Stream<Arguments> strings() {
    return Stream.of(
        bad("empty text", "1..64", Cbor.descriptor(1).field(32).hex("60")),
        bad("long text", "at most 64", Cbor.descriptor(1).field(32).hex("7841" + "61".repeat(65))),
        bad("lone continuation", "UTF-8", Cbor.descriptor(1).field(32).hex("6180")),
        bad("overlong slash", "UTF-8", Cbor.descriptor(1).field(32).hex("62c0af")),
        bad("surrogate", "UTF-8", Cbor.descriptor(1).field(32).hex("63eda080")),
        bad("beyond Unicode", "UTF-8", Cbor.descriptor(1).field(32).hex("64f4908080")),
        bad("cut character", "UTF-8", Cbor.descriptor(1).field(32).hex("61c3")),
        bad("queue of 2^30", "truncated", Cbor.descriptor(1).field(UNREAD).hex("5a40000000")),
        bad(
            "queue beyond",
            "at most 1073741824",
            Cbor.descriptor(1).field(UNREAD).hex("5a40000001")),
        bad(
            "queue of 2^63-1",
            "at most",
            Cbor.descriptor(1).field(UNREAD).hex("5b7fffffffffffffff")),
        bad(
            "queue of 2^64-1",
            "63 bits",
            Cbor.descriptor(1).field(UNREAD).hex("5bffffffffffffffff")),
        bad("one byte short", "truncated", Cbor.descriptor(1).field(UNREAD).hex("420a")),
        bad(
            "private data of 513",
            "at most 512",
            Cbor.descriptor(1).field(134).hex("590201" + "00".repeat(513))));
  }

  private static Stream<Arguments> contradictions() {
    return Stream.of(
        bad(
            "one end only",
            "remoteAddress",
            Cbor.descriptor(1).field(1).hex("828144c00002011912b7")),
        bad("IPv4 with flow label", "flowLabel", Cbor.descriptor(3).ends().field(42).hex("00")),
        bad(
            "RDMA without MPA",
            "iwarp.mpaRole",
            Cbor.descriptor(3).ends().field(128).text("rdma")));
  }

  private static Arguments bad(String what, String message, Cbor cbor) {
    return Arguments.of(what, message, cbor.bytes());
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("hostile")
  void isRefused(String what, String message, byte[] bytes) {
    assertThatExceptionOfType(DescriptorFormatException.class)
        .as(what)
        .isThrownBy(() -> IwarpConnectionDescriptor.fromBytes(ByteBuffer.wrap(bytes)))
        .withMessageContaining(message)
        .withMessageContaining("descriptor bytes, offset ")
        .satisfies(e -> assertThat(e.offset()).isBetween(0, bytes.length));
  }

  /** Without this, every refusal above could have another reason than its name says. */
  @Test
  void theFramesOfTheseCasesAreSound() {
    assertThatCode(() -> decode(Cbor.descriptor(2).ends().bytes())).doesNotThrowAnyException();
    Cbor number = Cbor.descriptor(3).ends().field(UNREAD).hex("43010203");
    assertThatCode(() -> decode(number.bytes())).doesNotThrowAnyException();
    Cbor text = Cbor.descriptor(3).ends().field(32).text("eth0");
    assertThatCode(() -> decode(text.bytes())).doesNotThrowAnyException();
  }

  /** A claim of 1 GiB in 30 bytes must not make anyone allocate 1 GiB. */
  @Test
  void allocatesNoMoreThanTheInputIsWorth() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    hostile().forEach(arguments -> tryDecode((byte[]) arguments.get()[2])); // classes load here
    hostile()
        .forEach(arguments -> {
          byte[] bytes = (byte[]) arguments.get()[2];
          long before = threads.getCurrentThreadAllocatedBytes();
          tryDecode(bytes);
          long allocated = threads.getCurrentThreadAllocatedBytes() - before;
          assertThat(allocated)
              .as("%s: bytes allocated", arguments.get()[0])
              .isLessThan(64 * 1024 + 8L * bytes.length);
        });
  }

  /** The same for an honest one: a few copies of the queue, nothing that grows faster. */
  @Test
  void allocatesAFewTimesTheQueue() throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int queueBytes = 4 << 20;
    byte[] bytes =
        Descriptors.minimal()
            .present(DescriptorFields.UNREAD, Octets.copyOf(new byte[queueBytes]), "test")
            .build()
            .toBytes();
    decode(Arrays.copyOf(bytes, bytes.length));
    long before = threads.getCurrentThreadAllocatedBytes();
    decode(bytes);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated).isBetween((long) queueBytes, 3L * queueBytes);
  }

  private static void tryDecode(byte[] bytes) {
    try {
      decode(bytes);
      throw new AssertionError("accepted");
    } catch (DescriptorFormatException refused) {
      assertThat(refused.offset()).isNotNegative();
    }
  }

  private static void decode(byte[] bytes) throws DescriptorFormatException {
    IwarpConnectionDescriptor.fromBytes(ByteBuffer.wrap(bytes));
  }
}
