package dev.offramp.api.descriptor;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Writes CBOR, right or wrong, byte by byte. */
final class Cbor {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  static Cbor start() {
    return new Cbor();
  }

  /** {@code [1, {pairs...}}, up to the first field. */
  static Cbor descriptor(int pairs) {
    return start().hex("8201").hex("%02x".formatted(0xA0 | pairs));
  }

  /** A whole field that is present, its value still to come. */
  Cbor field(int number) {
    return (number < 24 ? hex("%02x".formatted(number)) : hex("18%02x".formatted(number)))
        .hex("83")
        .text("present")
        .text("s");
  }

  /** Both ends, as valid as they can be. */
  Cbor ends() {
    return field(1).hex("828144c00002011912b7").field(2).hex("828144c0000202199c40");
  }

  Cbor hex(String bytes) {
    out.writeBytes(HexFormat.of().parseHex(bytes));
    return this;
  }

  /** Of at most 23 bytes. */
  Cbor text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    out.write(0x60 | utf8.length);
    out.writeBytes(utf8);
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
