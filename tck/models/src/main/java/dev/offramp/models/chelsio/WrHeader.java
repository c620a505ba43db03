package dev.offramp.models.chelsio;

import java.lang.foreign.MemorySegment;

/**
 * The first 16 bytes of a firmware work request (t4fw_api.h, FW_WR_*).
 *
 * <pre>
 * 0: opcode 31:24 | atomic 23 | flush 22 | compl 21 | immdlen, nparams or nres 7:0
 * 4: equiq 31 | equeq 30 | flowid 27:8 | len16 7:0
 * 8: cookie, stored in the host's order and only echoed
 * </pre>
 *
 * @param low8 immediate length, number of parameters or of records, as the opcode has it
 * @param cookie its eight bytes as though big-endian, so that they are echoed as they came
 */
record WrHeader(
    int opcode,
    boolean atomic,
    boolean flush,
    boolean completion,
    int low8,
    boolean statusToIngress,
    boolean statusToEgress,
    int flowId,
    int len16,
    long cookie) {
  static final int BYTES = 16;
  static final int UNIT_BYTES = 16;

  static final int FW_ULPTX = 0x04;
  static final int FW_TP = 0x05;
  static final int FW_FLOWC = 0x0A;
  static final int FW_OFLD_TX_DATA = 0x0B;
  static final int FW_RI_RES = 0x0C;
  static final int FW_RI = 0x0D;
  static final int FW_OFLD_CONNECTION = 0x2F;

  static WrHeader decode(MemorySegment wr) throws MalformedException {
    if (wr.byteSize() < BYTES) {
      throw new MalformedException(
          "a work request of " + wr.byteSize() + " bytes", BYTES + " bytes at least");
    }
    int hi = Be.get32(wr, 0);
    int mid = Be.get32(wr, 4);
    return new WrHeader(
        Be.bits(hi, 24, 8),
        Be.bit(hi, 23),
        Be.bit(hi, 22),
        Be.bit(hi, 21),
        Be.bits(hi, 0, 8),
        Be.bit(mid, 31),
        Be.bit(mid, 30),
        Be.bits(mid, 8, 20),
        Be.bits(mid, 0, 8),
        Be.get64(wr, 8));
  }

  /** Checks that the work request has at least so many bytes, and says so when not. */
  static void require(MemorySegment wr, String name, long bytes) throws MalformedException {
    if (wr.byteSize() < bytes) {
      throw new MalformedException(
          name + " of " + wr.byteSize() + " bytes", bytes + " bytes at least");
    }
  }
}
