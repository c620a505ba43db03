package dev.offramp.provider.chelsio;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** FPDUs by hand (RFC 5044, section 4; RFC 5041, section 4.3; RFC 5040, section 4.1). */
final class Fpdus {
  private static final int HEADER_BYTES = 18;
  private static final int LAST = 0x40;
  private static final int DDP_VERSION = 1;
  private static final int RDMAP_VERSION = 0x40;
  private static final int SEND = 3;

  private Fpdus() {}

  /** A Send of one segment, without markers. */
  static byte[] send(int msn, byte[] message) {
    int length = HEADER_BYTES + message.length;
    int padded = (2 + length + 3) / 4 * 4;
    ByteBuffer fpdu = ByteBuffer.allocate(padded + 4);
    fpdu.putShort((short) length);
    fpdu.put((byte) (LAST | DDP_VERSION)).put((byte) (RDMAP_VERSION | SEND));
    fpdu.putInt(0).putInt(0).putInt(msn).putInt(0).put(message);
    CRC32C crc = new CRC32C();
    crc.update(fpdu.array(), 0, padded);
    return fpdu.putInt(padded, Integer.reverseBytes((int) crc.getValue())).array();
  }
}
