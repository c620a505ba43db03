package dev.offramp.linux.netlink;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * A request under construction: header, fixed part, attributes. Pure; the sequence number is filled
 * in by the socket.
 */
final class Request {
  private static final int NLM_F_REQUEST = 1;
  // The longest is a u32 filter for IPv6 with an action: some 330 bytes.
  private static final int CAPACITY_BYTES = 512;
  private static final int SEQUENCE_OFFSET = 8;

  private final ByteBuffer bytes =
      ByteBuffer.allocate(CAPACITY_BYTES).order(ByteOrder.nativeOrder());

  /** What it is for, in messages: {@code RTM_GETROUTE 10.0.0.1}. */
  private final String question;

  private final Object about;

  /**
   * Begins one.
   *
   * @param type RTM_GET*
   * @param question for messages: {@code RTM_GETROUTE}
   * @param about for messages: an index, or an address
   */
  Request(int type, String question, Object about) {
    this(type, 0, question, about);
  }

  /**
   * Begins one.
   *
   * @param type RTM_*
   * @param flags NLM_F_*, besides NLM_F_REQUEST
   * @param question for messages: {@code RTM_NEWTFILTER}
   * @param about for messages
   */
  Request(int type, int flags, String question, Object about) {
    this.question = question;
    this.about = about;
    bytes
        .putInt(0)
        .putShort((short) type)
        .putShort((short) (NLM_F_REQUEST | flags))
        .putInt(0)
        .putInt(0);
  }

  Request u8(int value) {
    bytes.put((byte) value);
    return this;
  }

  Request u16(int value) {
    bytes.putShort((short) value);
    return this;
  }

  Request u32(int value) {
    bytes.putInt(value);
    return this;
  }

  /** In network byte order, whatever the host's. */
  Request be32(int value) {
    bytes.order(ByteOrder.BIG_ENDIAN).putInt(value).order(ByteOrder.nativeOrder());
    return this;
  }

  Request attribute(int type, int value) {
    bytes.putShort((short) 8).putShort((short) type).putInt(value);
    return this;
  }

  Request attribute(int type, InetAddress address) {
    byte[] octets = address.getAddress();
    bytes.putShort((short) (4 + octets.length)).putShort((short) type).put(octets);
    return this;
  }

  /** A string with its final NUL. */
  Request attribute(int type, String text) {
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    bytes.putShort((short) (5 + ascii.length)).putShort((short) type).put(ascii).put((byte) 0);
    return pad();
  }

  /** An attribute whose value {@code content} appends. */
  Request nested(int type, Consumer<Request> content) {
    int start = bytes.position();
    bytes.putShort((short) 0).putShort((short) type);
    content.accept(this);
    bytes.putShort(start, (short) (bytes.position() - start));
    return pad();
  }

  Request attributeU8(int type, int value) {
    bytes.putShort((short) 5).putShort((short) type).put((byte) value);
    return pad();
  }

  /** A port number: in network byte order, whatever the host's. */
  Request attributePort(int type, int port) {
    bytes.putShort((short) 6).putShort((short) type);
    bytes.put((byte) (port >>> 8)).put((byte) port);
    return pad();
  }

  /** Made when it is asked for, since most questions are answered. */
  String purpose() {
    return question
        + " "
        + (about instanceof InetAddress address ? address.getHostAddress() : about.toString());
  }

  /** The datagram. */
  byte[] encode(int sequence) {
    bytes.putInt(0, bytes.position());
    bytes.putInt(SEQUENCE_OFFSET, sequence);
    byte[] datagram = new byte[bytes.position()];
    bytes.get(0, datagram);
    return datagram;
  }

  private Request pad() {
    bytes.position((int) NetlinkMessage.align(bytes.position()));
    return this;
  }
}
