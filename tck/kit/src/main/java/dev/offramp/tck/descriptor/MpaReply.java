package dev.offramp.tck.descriptor;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.RtrKind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A Responder's MPA Reply, as it stands in the bytes still to be sent (RFC 5044, 7.1.1; RFC 6581,
 * 9).
 */
final class MpaReply {
  private static final int HEADER_BYTES = 20;
  private static final int ENHANCED_BYTES = 4;
  private static final int MARKERS = 0x80;
  private static final int CRC = 0x40;
  private static final int ENHANCED = 0x10;
  private static final int PEER_TO_PEER = 0x8000;
  private static final int RTR_SEND = 0x4000;
  private static final int RTR_WRITE = 0x8000;
  private static final int RTR_READ = 0x4000;

  private MpaReply() {}

  static Octets of(Shape shape, Octets privateData) {
    boolean enhanced = shape.revision() == 2;
    int length = privateData.length() + (enhanced ? ENHANCED_BYTES : 0);
    ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES + length);
    frame.put("MPA ID Rep Frame".getBytes(StandardCharsets.US_ASCII));
    frame.put(
        (byte)
            ((shape.receiveMarkers() ? MARKERS : 0)
                | (shape.crc() ? CRC : 0)
                | (enhanced ? ENHANCED : 0)));
    frame.put((byte) shape.revision());
    frame.putShort((short) length);
    if (enhanced) {
      RtrKind rtr = shape.rtr();
      int first = shape.ird();
      int second = shape.ord();
      if (rtr != RtrKind.NONE) {
        first |= PEER_TO_PEER | (rtr == RtrKind.SEND ? RTR_SEND : 0);
        second |= (rtr == RtrKind.WRITE ? RTR_WRITE : 0) | (rtr == RtrKind.READ ? RTR_READ : 0);
      }
      frame.putShort((short) first);
      frame.putShort((short) second);
    }
    frame.put(privateData.asByteBuffer());
    return Octets.copyOf(frame.flip());
  }
}
