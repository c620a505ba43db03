package dev.offramp.tck.zoo;

import java.nio.ByteBuffer;

/** One DDP segment as octets: what wrong drivers change in it (RFC 5041, section 4). */
final class Segment {
  static final int WRITE = 0;
  static final int READ_REQUEST = 1;
  static final int READ_RESPONSE = 2;
  static final int SEND = 3;
  static final int TERMINATE = 7;
  static final int IMMEDIATE = 8;
  static final int ATOMIC_REQUEST = 10;
  static final int ATOMIC_RESPONSE = 11;

  static final int ULP_WORD = 2;
  static final int QUEUE = 6;
  static final int MSN = 10;
  static final int OFFSET = 14;
  static final int STAG = 2;
  static final int TAGGED_OFFSET = 6;
  static final int UNTAGGED_BYTES = 18;
  static final int TAGGED_BYTES = 14;

  private Segment() {}

  static int opcode(byte[] ulpdu) {
    return ulpdu.length < 2 ? -1 : ulpdu[1] & 15;
  }

  static boolean isTagged(byte[] ulpdu) {
    return ulpdu.length > 0 && ulpdu[0] < 0;
  }

  static boolean isLast(byte[] ulpdu) {
    return (ulpdu[0] & 0x40) != 0;
  }

  static int queue(byte[] ulpdu) {
    return isTagged(ulpdu) || ulpdu.length < UNTAGGED_BYTES ? -1 : word(ulpdu, QUEUE);
  }

  static int headerBytes(byte[] ulpdu) {
    return isTagged(ulpdu) ? TAGGED_BYTES : UNTAGGED_BYTES;
  }

  static boolean isEmpty(byte[] ulpdu) {
    return ulpdu.length <= headerBytes(ulpdu);
  }

  static int word(byte[] ulpdu, int at) {
    return ByteBuffer.wrap(ulpdu).getInt(at);
  }

  static byte[] with(byte[] ulpdu, int at, int word) {
    byte[] changed = ulpdu.clone();
    ByteBuffer.wrap(changed).putInt(at, word);
    return changed;
  }

  static byte[] withOctet(byte[] ulpdu, int at, int octet) {
    byte[] changed = ulpdu.clone();
    changed[at] = (byte) octet;
    return changed;
  }

  static byte[] plus(byte[] ulpdu, int at, int by) {
    return with(ulpdu, at, word(ulpdu, at) + by);
  }
}
