package dev.offramp.tck.zoo;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/** Takes right FPDUs apart (RFC 5044, section 4). */
final class FpduSplitter {
  private static final int CRC_BYTES = 4;

  private final boolean markers;
  private final boolean early;
  private final ByteArrayOutputStream clean = new ByteArrayOutputStream();
  private final ByteArrayOutputStream raw = new ByteArrayOutputStream();
  private final List<Boolean> intact = new ArrayList<>();
  private final List<Boolean> pointed = new ArrayList<>();
  private long position;
  private int markerLeft;
  private int bodyBytes;
  private long startsAt;
  private int pointer;
  private boolean pointsWrong;

  FpduSplitter(boolean markers) {
    this(markers, false);
  }

  /**
   * A splitter at the beginning of a stream.
   *
   * @param early whether a ULPDU is taken for complete before its CRC has come
   */
  FpduSplitter(boolean markers, boolean early) {
    this.markers = markers;
    this.early = early;
  }

  /** The ULPDUs that are complete with these octets. */
  List<byte[]> feed(byte[] octets) {
    List<byte[]> ulpdus = new ArrayList<>();
    intact.clear();
    pointed.clear();
    for (byte octet : octets) {
      if (markers && markerLeft == 0 && position % FpduMaker.SPACING == 0) {
        markerLeft = 4;
      }
      position++;
      raw.write(octet);
      if (markerLeft > 0) {
        markerLeft--;
        pointer = pointer << 8 | (octet & 0xFF);
        if (markerLeft == 0) {
          checkPointer();
        }
        // A marker's own octets do not begin another.
        continue;
      }
      if (clean.size() == 0) {
        startsAt = position - 1;
      }
      clean.write(octet);
      take(ulpdus);
    }
    return ulpdus;
  }

  /** FPDUPTR is what lies between the FPDU's length and the marker; its low bits do not count. */
  private void checkPointer() {
    long expected = clean.size() == 0 ? 0 : position - FpduMaker.MARKER_BYTES - startsAt;
    pointsWrong |= (pointer & 0xFFFC) != expected;
  }

  private void take(List<byte[]> ulpdus) {
    int count = clean.size();
    if (count == 2) {
      int whole = 2 + length();
      bodyBytes = whole + (-whole & 3);
    }
    if (count >= 2 && count == bodyBytes + (early ? 0 : CRC_BYTES)) {
      ulpdus.add(Arrays.copyOfRange(clean.toByteArray(), 2, 2 + length()));
      intact.add(early || isIntact());
      pointed.add(!pointsWrong);
      pointsWrong = false;
    }
    if (count >= 2 && count == bodyBytes + CRC_BYTES) {
      clean.reset();
      raw.reset();
    }
  }

  private int length() {
    byte[] all = clean.toByteArray();
    return ((all[0] & 0xFF) << 8) | (all[1] & 0xFF);
  }

  private boolean isIntact() {
    byte[] all = raw.toByteArray();
    CRC32C sum = new CRC32C();
    int covered = all.length - CRC_BYTES;
    sum.update(all, 0, covered);
    int value = (int) sum.getValue();
    for (int i = 0; i < CRC_BYTES; i++) {
      if (all[covered + i] != (byte) (value >> (8 * i))) {
        return false;
      }
    }
    return true;
  }

  /** Whether the CRC of this ULPDU of the last ones was right. */
  boolean wasIntact(int index) {
    return index >= intact.size() || intact.get(index);
  }

  /** Whether the markers in this ULPDU's FPDU pointed to its beginning. */
  boolean wasPointed(int index) {
    return index >= pointed.size() || pointed.get(index);
  }

  /** What is not a whole FPDU yet. */
  byte[] rest() {
    return clean.toByteArray();
  }
}
