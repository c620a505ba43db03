package dev.offramp.tck.zoo;

import java.util.List;

/** What a wrong driver does to the FPDUs of one connection. */
class StreamEdit {
  /** Octets pass as they are. */
  static final StreamEdit NONE = new StreamEdit();

  /** Whether outgoing octets are taken apart and framed anew. */
  boolean editsOutput() {
    return false;
  }

  /** Whether incoming octets are. */
  boolean editsInput() {
    return false;
  }

  /** What goes out in place of a ULPDU. */
  List<byte[]> out(byte[] ulpdu) {
    return List.of(ulpdu);
  }

  /** What the driver reads in place of a ULPDU. */
  List<byte[]> in(byte[] ulpdu) {
    return List.of(ulpdu);
  }

  /** What the driver reads in place of ULPDUs that came together. */
  List<byte[]> batch(List<byte[]> ulpdus) {
    return ulpdus;
  }

  /** Whether what one read brings is taken for whole FPDUs. */
  boolean takesReadsForFpdus() {
    return false;
  }

  /** Whether a ULPDU is taken before its CRC has come. */
  boolean takesFpdusEarly() {
    return false;
  }

  /** Whether the driver gets to see that a CRC, or a marker, was wrong. */
  boolean showsBadFraming() {
    return false;
  }

  /** How outgoing ULPDUs are framed. */
  FpduMaker maker(boolean crc, boolean markers) {
    return new FpduMaker(crc, markers);
  }

  /** Octets that go out before anything else when the stream is let go. */
  byte[] preamble() {
    return new byte[0];
  }

  /** Octets that go out before a FIN. */
  byte[] farewell() {
    return new byte[0];
  }

  /** What the stream port says of its segments. */
  int segmentBytes(int honest) {
    return honest;
  }

  /** What happens instead of a FIN. */
  Ending finish() {
    return Ending.AS_ASKED;
  }

  /** What happens instead of a RST. */
  Ending reset() {
    return Ending.AS_ASKED;
  }

  /** How a stream is ended. */
  enum Ending {
    AS_ASKED,
    FIN,
    RST,
    NOTHING
  }
}
