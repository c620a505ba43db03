package dev.offramp.models;

import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.api.descriptor.VlanTag;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A TCP segment in its frame.
 *
 * @param source who sends it
 * @param destination to whom
 * @param sequence SEG.SEQ
 * @param acknowledgement SEG.ACK
 * @param window SEG.WND as it is in the header, 16 bits
 * @param fin FIN
 * @param rst RST
 * @param timestamps whether it carries the timestamp option
 * @param frame how it is addressed on the link
 * @param data the payload
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares segments
record SimulatedSegment(
    InetSocketAddress source,
    InetSocketAddress destination,
    int sequence,
    int acknowledgement,
    int window,
    boolean fin,
    boolean rst,
    boolean timestamps,
    Frame frame,
    byte[] data) {
  private static final int IPV4_AND_TCP_BYTES = 40;
  private static final int IPV6_AND_TCP_BYTES = 60;
  private static final int TIMESTAMP_BYTES = 12;

  /**
   * The link layer.
   *
   * @param destinationMac null: whoever has the address
   * @param vlan null: untagged
   */
  record Frame(@Nullable MacAddress destinationMac, @Nullable VlanTag vlan) {
    /** Whether an interface with this address and VLAN takes such a frame. */
    boolean takes(Frame sent) {
      boolean own = sent.destinationMac == null || sent.destinationMac.equals(destinationMac);
      return own && Objects.equals(sent.vlan, vlan);
    }
  }

  /** The RST that a host without such a connection sends back. */
  SimulatedSegment reset() {
    return new SimulatedSegment(
        /* source= */ destination,
        /* destination= */ source,
        acknowledgement,
        sequence + length(),
        0,
        false,
        true,
        false,
        new Frame(null, frame.vlan()),
        new byte[0]);
  }

  /** SEG.LEN. */
  int length() {
    return data.length + (fin ? 1 : 0);
  }

  /** Bytes of the IP packet. */
  int packetBytes() {
    boolean v4 = source.getAddress() instanceof java.net.Inet4Address;
    return (v4 ? IPV4_AND_TCP_BYTES : IPV6_AND_TCP_BYTES)
        + (timestamps ? TIMESTAMP_BYTES : 0)
        + data.length;
  }
}
