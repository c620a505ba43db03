package dev.offramp.tck.zoo;

import java.io.ByteArrayOutputStream;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/** Frames ULPDUs (RFC 5044, section 4) as it is told to, right or wrong. */
class FpduMaker {
  static final int SPACING = 512;
  static final int MARKER_BYTES = 4;

  private final boolean crc;
  private final boolean markers;
  private long position;
  private int padOctet;
  private int markerReserved;
  private int markerPhase;
  private int pointerBias;
  private int pointerMask = 0xFFFF;
  private boolean plainCrc;
  private boolean reversed;
  private int crcMask;
  private boolean withoutCrcField;
  private boolean markersUncovered;

  FpduMaker(boolean crc, boolean markers) {
    this.crc = crc;
    this.markers = markers;
  }

  FpduMaker pad(int octet) {
    padOctet = octet;
    return this;
  }

  FpduMaker markerReserved(int bits) {
    markerReserved = bits;
    return this;
  }

  /** Markers stand where the position modulo 512 is this. */
  FpduMaker markerPhase(int octets) {
    markerPhase = octets;
    return this;
  }

  FpduMaker pointerBias(int octets) {
    pointerBias = octets;
    return this;
  }

  FpduMaker pointerMask(int bits) {
    pointerMask = bits;
    return this;
  }

  FpduMaker plainCrc() {
    plainCrc = true;
    return this;
  }

  FpduMaker reversedCrc() {
    reversed = true;
    return this;
  }

  FpduMaker crcMask(int mask) {
    crcMask = mask;
    return this;
  }

  FpduMaker withoutCrcField() {
    withoutCrcField = true;
    return this;
  }

  FpduMaker markersUncovered() {
    markersUncovered = true;
    return this;
  }

  byte[] frame(byte[] ulpdu) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream covered = new ByteArrayOutputStream();
    long[] start = {-1};
    put(out, covered, start, ulpdu.length >> 8);
    put(out, covered, start, ulpdu.length);
    for (byte octet : ulpdu) {
      put(out, covered, start, octet);
    }
    for (int i = -(2 + ulpdu.length) & 3; i > 0; i--) {
      put(out, covered, start, padOctet);
    }
    if (withoutCrcField) {
      return out.toByteArray();
    }
    marker(out, covered, start);
    Checksum sum = plainCrc ? new CRC32() : new CRC32C();
    byte[] bytes = covered.toByteArray();
    sum.update(bytes, 0, bytes.length);
    int value = crc ? (int) sum.getValue() ^ crcMask : 0;
    for (int i = 0; i < 4; i++) {
      out.write(reversed ? value >> (24 - 8 * i) : value >> (8 * i));
      position++;
    }
    return out.toByteArray();
  }

  private void put(
      ByteArrayOutputStream out, ByteArrayOutputStream covered, long[] start, int octet) {
    marker(out, covered, start);
    if (start[0] < 0) {
      start[0] = position;
    }
    out.write(octet);
    covered.write(octet);
    position++;
  }

  private void marker(ByteArrayOutputStream out, ByteArrayOutputStream covered, long[] start) {
    if (!markers || position % SPACING != markerPhase) {
      return;
    }
    int pointer = (start[0] < 0 ? 0 : (int) (position - start[0]) & pointerMask) + pointerBias;
    byte[] marker = {
      (byte) (markerReserved >> 8), (byte) markerReserved, (byte) (pointer >> 8), (byte) pointer
    };
    out.writeBytes(marker);
    if (!markersUncovered) {
      covered.writeBytes(marker);
    }
    position += marker.length;
  }
}
