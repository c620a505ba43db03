package dev.offramp.api.descriptor;

import java.util.HexFormat;
import org.apiguardian.api.API;

/**
 * An Ethernet address.
 *
 * @param value its 48 bits, first octet on the wire most significant
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record MacAddress(long value) {
  private static final int OCTETS = 6;
  private static final long MAX_VALUE = 0xFFFF_FFFF_FFFFL;

  public MacAddress {
    if ((value & ~MAX_VALUE) != 0) {
      throw new InvalidDescriptorException("mac", Long.toHexString(value), "48 bits");
    }
  }

  /**
   * The address with these octets.
   *
   * @param octets six bytes in wire order
   */
  public static MacAddress of(byte[] octets) {
    if (octets.length != OCTETS) {
      throw new InvalidDescriptorException("mac", octets.length + " octets", "6 octets");
    }
    long value = 0;
    for (byte octet : octets) {
      value = value << 8 | Byte.toUnsignedLong(octet);
    }
    return new MacAddress(value);
  }

  /** Six bytes in wire order. */
  public byte[] toByteArray() {
    byte[] octets = new byte[OCTETS];
    for (int i = 0; i < OCTETS; i++) {
      octets[i] = (byte) (value >> (40 - 8 * i));
    }
    return octets;
  }

  /** The usual form: {@code 02:00:5e:10:00:01}. */
  @Override
  public String toString() {
    return HexFormat.ofDelimiter(":").formatHex(toByteArray());
  }
}
