package dev.offramp.models.chelsio;

import java.lang.foreign.MemorySegment;

/**
 * A command in the mailbox, which becomes its own answer (t4fw_api.h, struct fw_cmd_hdr).
 *
 * <pre>
 * 0: opcode 31:24 | request 23 | read 22 | write 21 | exec 20
 * 4: the command's own bits, or retval 15:8 in an answer | len16 7:0
 * </pre>
 */
final class FwCommand {
  private static final int REQUEST = 1 << 23;
  private static final int RETVAL_MASK = 0xFF00;
  private static final int MAX_LEN16 = Mailbox.BYTES / 16;

  private final byte[] bytes;
  private final MemorySegment segment;

  FwCommand(byte[] bytes) {
    this.bytes = bytes;
    this.segment = MemorySegment.ofArray(bytes);
  }

  int opcode() {
    return get8(0);
  }

  boolean isRequest() {
    return (get32(0) & REQUEST) != 0;
  }

  boolean isRead() {
    return Be.bit(get32(0), 22);
  }

  boolean isWrite() {
    return Be.bit(get32(0), 21);
  }

  boolean isExec() {
    return Be.bit(get32(0), 20);
  }

  int len16() {
    return get32(4) & 0xFF;
  }

  boolean hasLength(int structBytes) {
    return len16() == structBytes / 16 && len16() <= MAX_LEN16;
  }

  /** A bit of the second word: ALLOC 31, FREE 30 and so on. */
  boolean option(int bit) {
    return Be.bit(get32(4), bit);
  }

  int get8(int offset) {
    return Be.get8(segment, offset);
  }

  int get16(int offset) {
    return Be.get16(segment, offset);
  }

  int get32(int offset) {
    return Be.get32(segment, offset);
  }

  long get64(int offset) {
    return Be.get64(segment, offset);
  }

  void put8(int offset, int value) {
    Be.put8(segment, offset, value);
  }

  void put16(int offset, int value) {
    Be.put16(segment, offset, value);
  }

  void put32(int offset, int value) {
    Be.put32(segment, offset, value);
  }

  long mac(int offset) {
    return (long) get16(offset) << 32 | Be.getU32(segment, offset + 2L);
  }

  void putMac(int offset, long mac) {
    put16(offset, (int) (mac >>> 32));
    put32(offset + 2, (int) mac);
  }

  MemorySegment segment() {
    return segment;
  }

  /** The answer: what the command has become, with a result and without the request bit. */
  byte[] answer(int retval) {
    put32(0, get32(0) & ~REQUEST);
    put32(4, (get32(4) & ~RETVAL_MASK) | (retval & 0xFF) << 8);
    return bytes;
  }
}
