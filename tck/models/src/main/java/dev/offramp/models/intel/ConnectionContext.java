package dev.offramp.models.intel;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** What can be read from the 256 bytes of a connection beyond single fields. */
final class ConnectionContext {
  private static final int IPV4_BYTES = 4;
  private static final int IPV6_BYTES = 16;
  private static final int MARKER_MASK = 0x1FF;

  /**
   * Outstanding Reads for each IRD code. irdma rounds twice the IRD up to a power of two and has
   * codes for 4, 16, 64, 128 and 256, so a code stands for half as many requests.
   */
  private static final int[] IRD = {2, 8, 32, 64, 128};

  private final long[] words;

  ConnectionContext(long[] words) {
    if (words.length != ContextFields.WORDS) {
      throw new IllegalArgumentException(
          "context of [%d] words, expected %d".formatted(words.length, ContextFields.WORDS));
    }
    this.words = words;
  }

  /** The words themselves. */
  long[] words() {
    return words;
  }

  long get(Field field) {
    return field.get(words);
  }

  int getInt(Field field) {
    return field.getInt(words);
  }

  boolean isSet(Field field) {
    return field.isSet(words);
  }

  InetSocketAddress local() {
    return new InetSocketAddress(
        address(
            getInt(ContextFields.LOCAL_IPADDR0),
            getInt(ContextFields.LOCAL_IPADDR1),
            getInt(ContextFields.LOCAL_IPADDR2),
            getInt(ContextFields.LOCAL_IPADDR3),
            isSet(ContextFields.IPV4)),
        getInt(ContextFields.SRCPORTNUM));
  }

  InetSocketAddress remote() {
    return new InetSocketAddress(
        address(
            getInt(ContextFields.DESTIPADDR0),
            getInt(ContextFields.DESTIPADDR1),
            getInt(ContextFields.DESTIPADDR2),
            getInt(ContextFields.DESTIPADDR3),
            isSet(ContextFields.IPV4)),
        getInt(ContextFields.DESTPORTNUM));
  }

  /** An address from its words; word 0 has the first four octets on the wire. */
  static InetAddress address(int word0, int word1, int word2, int word3, boolean ipv4) {
    byte[] octets = new byte[ipv4 ? IPV4_BYTES : IPV6_BYTES];
    int[] source = ipv4 ? new int[] {word3} : new int[] {word0, word1, word2, word3};
    for (int i = 0; i < octets.length; i++) {
      octets[i] = (byte) (source[i / 4] >>> (24 - 8 * (i % 4)));
    }
    try {
      return InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new AssertionError("4 or 16 octets", e);
    }
  }

  /** The words of an address; an IPv4 address is word 3. */
  static int[] words(InetAddress address) {
    byte[] octets = address.getAddress();
    int[] words = new int[4];
    int first = 4 - octets.length / 4;
    for (int i = 0; i < octets.length; i++) {
      words[first + i / 4] |= (octets[i] & 0xFF) << (24 - 8 * (i % 4));
    }
    return words;
  }

  /** The protection domain. */
  int domain() {
    return (getInt(ContextFields.PDIDXHI) << 16) | getInt(ContextFields.PDIDX);
  }

  /** How many Reads of the peer can be outstanding; null for a code that no driver writes. */
  @Nullable Integer ird() {
    int code = getInt(ContextFields.IRDSIZE);
    return code < IRD.length ? IRD[code] : null;
  }

  /** The device address of the 256 bytes for Terminate messages. */
  long q2Address() {
    return get(ContextFields.Q2ADDR) << 8;
  }

  /** Quanta of a queue with this size code. */
  static int quanta(int sizeCode) {
    return 4 << sizeCode;
  }

  /** Quanta of one Receive. */
  int receiveQuanta() {
    return 1 << getInt(ContextFields.RQWQESIZE);
  }

  /**
   * How many octets of the sent stream lie between the last place of a marker and the first FPDU,
   * by what the context says; 0 when markers start with it.
   *
   * @param firstFpdu sequence number of the first octet of the first FPDU sent
   */
  int sendMarkerLag(int firstFpdu) {
    return (firstFpdu - getInt(ContextFields.SNDMARKOFFSET)) & MARKER_MASK;
  }

  /** As {@link #sendMarkerLag}, of the received stream. */
  int receiveMarkerLag(int firstFpdu) {
    return (firstFpdu - getInt(ContextFields.RCVMARKOFFSET)) & MARKER_MASK;
  }
}
