package dev.offramp.tck.wire;

import java.io.ByteArrayOutputStream;

/**
 * Makes FPDUs of ULPDUs for one direction (RFC 5044, section 4). Its caller may spoil them: that is
 * what scripted peers are for.
 */
public final class FpduFramer {
  private final boolean crc;
  private final boolean markers;

  /** Octets since the first FPDU of this direction, markers included. */
  private long position;

  private int padOctet;
  private int markerReserved;
  private int markerLowBits;
  private boolean spoilMarker;
  private int crcMask;

  /** A framer at the start of Full Operation. */
  public FpduFramer(boolean crc, boolean markers) {
    this.crc = crc;
    this.markers = markers;
  }

  /** What pad octets are from now on; the CRC covers them. */
  public FpduFramer pad(int octet) {
    padOctet = octet;
    return this;
  }

  /** What the reserved half of markers is, and the two low bits of FPDUPTR, from now on. */
  public FpduFramer markerBits(int reserved, int lowBits) {
    markerReserved = reserved;
    markerLowBits = lowBits;
    return this;
  }

  /** The next FPDU's markers point to the wrong place. */
  public FpduFramer spoilMarkers() {
    spoilMarker = true;
    return this;
  }

  /** The CRC of the next FPDU is exclusive-ored with this; 0 is right. */
  public FpduFramer spoilCrc(int mask) {
    crcMask = mask;
    return this;
  }

  /** Octets so far. */
  public long position() {
    return position;
  }

  /** The next FPDU. */
  public byte[] frame(byte[] ulpdu) {
    Body body = new Body();
    body.put(ulpdu.length >> 8);
    body.put(ulpdu.length);
    for (byte octet : ulpdu) {
      body.put(octet);
    }
    for (int i = Framing.padBytes(ulpdu.length); i > 0; i--) {
      body.put(padOctet);
    }
    // A marker that is due between pad and CRC belongs to this FPDU and its CRC.
    body.markerIfDue();
    byte[] covered = body.out.toByteArray();
    int sum = crc ? Framing.crc(covered, 0, covered.length) : 0;
    sum ^= crcMask;
    for (int shift = 24; shift >= 0; shift -= 8) {
      body.put(sum >> shift);
    }
    crcMask = 0;
    spoilMarker = false;
    return body.out.toByteArray();
  }

  private final class Body {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private long lengthField = -1;

    private void put(int octet) {
      markerIfDue();
      if (lengthField < 0) {
        lengthField = position;
      }
      out.write(octet);
      position++;
    }

    private void markerIfDue() {
      if (!markers || position % Framing.MARKER_SPACING != 0) {
        return;
      }
      int pointer = lengthField < 0 ? 0 : (int) (position - lengthField);
      int shown = (spoilMarker ? pointer + 8 : pointer) | markerLowBits;
      out.write(markerReserved >> 8);
      out.write(markerReserved);
      out.write(shown >> 8);
      out.write(shown);
      position += Framing.MARKER_BYTES;
    }
  }
}
