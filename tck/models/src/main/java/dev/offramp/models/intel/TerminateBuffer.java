package dev.offramp.models.intel;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.iwarp.rdmap.TerminateCodec;
import dev.offramp.models.DmaFaultException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * The 256-byte Q2 buffer of a QP. The host puts the Terminate to be sent at its start ({@code
 * irdma_bld_terminate_hdr}); the device puts the segment in question, from its Ethernet header on,
 * at byte 72 ({@code Q2_BAD_FRAME_OFFSET}). Of that segment the model has the DDP and RDMAP headers
 * only.
 */
final class TerminateBuffer {
  static final int BYTES = 256;

  private static final int FRAME_OFFSET = 72;
  private static final int FLAGS_OFFSET = 2;
  private static final int FLAG_LENGTH = 0x80;
  private static final int FLAG_DDP = 0x40;
  private static final int FLAG_RDMAP = 0x20;
  private static final int TAGGED = 0x80;
  private static final int TAGGED_BYTES = 14;
  private static final int UNTAGGED_BYTES = 18;
  private static final int READ_REQUEST_BYTES = 28;
  private static final short ETHERTYPE_IPV4 = 0x0800;
  private static final short ETHERTYPE_IPV6 = (short) 0x86DD;
  private static final int IPV4_BYTES = 20;
  private static final int TCP_BYTES = 20;
  private static final byte PROTOCOL_TCP = 6;
  private static final byte IPV4_VERSION_AND_LENGTH = 0x45;
  private static final byte IPV6_VERSION = 0x60;
  private static final byte TCP_DATA_OFFSET = 0x50;
  private static final byte TTL = 64;

  /** DDP: untagged, last, version 1; RDMAP: version 1, Terminate. Queue 2, MSN 1, offset 0. */
  private static final byte[] TERMINATE_HEADER = {
    0x41, 0x47, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0
  };

  private TerminateBuffer() {}

  /**
   * The Terminate that the host wants sent.
   *
   * @param length the command's 4 bits: irdma passes a length of up to 52 and the rest is cut off,
   *     so the flags in the message decide, and this only says that there is one
   */
  static ByteBuffer read(Dma dma, long address, int length)
      throws CommandException, DmaFaultException {
    if (length == 0) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD, "a Terminate is to be sent and has length [0]");
    }
    ByteBuffer all = dma.at(address, BYTES).asByteBuffer();
    int flags = all.get(FLAGS_OFFSET) & 0xFF;
    int bytes = TerminateCodec.CONTROL_BYTES;
    if ((flags & FLAG_LENGTH) != 0) {
      bytes += Short.BYTES;
    }
    if ((flags & FLAG_DDP) != 0) {
      bytes += (all.get(bytes) & TAGGED) != 0 ? TAGGED_BYTES : UNTAGGED_BYTES;
    }
    if ((flags & FLAG_RDMAP) != 0) {
      bytes += READ_REQUEST_BYTES;
    }
    ByteBuffer copy = ByteBuffer.allocate(bytes);
    return copy.put(all.limit(bytes)).flip();
  }

  /**
   * Writes the segment in question.
   *
   * @param received whether that is the peer's Terminate; else the segment that a Terminate of this
   *     end is about
   * @return false when nothing of the segment is known
   */
  static boolean write(Dma dma, ConnectionContext context, Terminate terminate, boolean received)
      throws DmaFaultException {
    Octets headers = terminate.headers();
    ByteBuffer ulpdu = received ? terminate(terminate) : headers.asByteBuffer();
    if (!ulpdu.hasRemaining()) {
      return false;
    }
    ByteBuffer frame = ByteBuffer.allocate(BYTES - FRAME_OFFSET);
    putPacket(frame, context, Short.BYTES + ulpdu.remaining());
    frame.putShort((short) ulpdu.remaining());
    frame.put(ulpdu);
    frame.flip();
    MemorySegment.copy(
        MemorySegment.ofBuffer(frame),
        0,
        dma.at(context.q2Address() + FRAME_OFFSET, frame.remaining()),
        0,
        frame.remaining());
    return true;
  }

  private static ByteBuffer terminate(Terminate terminate) {
    Octets headers = terminate.headers();
    ByteBuffer ulpdu =
        ByteBuffer.allocate(
            TERMINATE_HEADER.length
                + TerminateCodec.CONTROL_BYTES
                + Short.BYTES
                + headers.length());
    ulpdu.put(TERMINATE_HEADER);
    ulpdu.put((byte) ((terminate.layer() << 4) | terminate.type()));
    ulpdu.put((byte) terminate.code());
    if (headers.isEmpty()) {
      ulpdu.putShort((short) 0);
    } else {
      int ddpBytes = (headers.asByteBuffer().get(0) & TAGGED) != 0 ? TAGGED_BYTES : UNTAGGED_BYTES;
      int flags = FLAG_LENGTH | FLAG_DDP | (headers.length() > ddpBytes ? FLAG_RDMAP : 0);
      ulpdu.putShort((short) (flags << Byte.SIZE));
      ulpdu.putShort((short) headers.length());
      ulpdu.put(headers.asByteBuffer());
    }
    return ulpdu.flip();
  }

  /** The headers below MPA; what they say of addresses, ports and lengths is right. */
  private static void putPacket(ByteBuffer frame, ConnectionContext context, int payloadBytes) {
    InetAddress source = context.remote().getAddress();
    InetAddress destination = context.local().getAddress();
    boolean ipv4 = source.getAddress().length == Integer.BYTES;
    frame.put(mac(context.get(ContextFields.MACADDRESS)));
    frame.put(mac(0));
    frame.putShort(ipv4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
    int tcpBytes = TCP_BYTES + payloadBytes;
    if (ipv4) {
      frame.put(IPV4_VERSION_AND_LENGTH).put((byte) 0).putShort((short) (IPV4_BYTES + tcpBytes));
      frame.putInt(0).put(TTL).put(PROTOCOL_TCP).putShort((short) 0);
    } else {
      frame.put(IPV6_VERSION).put((byte) 0).putShort((short) 0);
      frame.putShort((short) tcpBytes).put(PROTOCOL_TCP).put(TTL);
    }
    frame.put(source.getAddress()).put(destination.getAddress());
    frame.putShort((short) context.getInt(ContextFields.DESTPORTNUM));
    frame.putShort((short) context.getInt(ContextFields.SRCPORTNUM));
    frame.putLong(0).put(TCP_DATA_OFFSET).put((byte) 0).putShort((short) 0).putInt(0);
  }

  private static byte[] mac(long value) {
    return new dev.offramp.api.descriptor.MacAddress(value).toByteArray();
  }
}
