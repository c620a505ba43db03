package dev.offramp.tck.zoo;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Takes a right stream of FPDUs apart. */
final class FpduSplitter {
  private final boolean markers;
  private final ByteArrayOutputStream clean = new ByteArrayOutputStream();
  private long position;
  private int markerLeft;

  FpduSplitter(boolean markers) {
    this.markers = markers;
  }

  /** The ULPDUs that are complete with these octets. */
  List<byte[]> feed(byte[] octets) {
    for (byte octet : octets) {
      if (markers && markerLeft == 0 && position % FpduMaker.SPACING == 0) {
        markerLeft = 4;
      }
      position++;
      if (markerLeft > 0) {
        markerLeft--;
        // A marker's own octets do not begin another.
        continue;
      }
      clean.write(octet);
    }
    List<byte[]> ulpdus = new ArrayList<>();
    byte[] all = clean.toByteArray();
    int at = 0;
    while (all.length - at >= 2) {
      int length = ((all[at] & 0xFF) << 8) | (all[at + 1] & 0xFF);
      int whole = 2 + length + (-(2 + length) & 3) + 4;
      if (all.length - at < whole) {
        break;
      }
      ulpdus.add(Arrays.copyOfRange(all, at + 2, at + 2 + length));
      at += whole;
    }
    clean.reset();
    clean.write(all, at, all.length - at);
    return ulpdus;
  }

  /** What is not a whole FPDU yet. */
  byte[] rest() {
    return clean.toByteArray();
  }
}
