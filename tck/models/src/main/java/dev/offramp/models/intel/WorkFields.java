package dev.offramp.models.intel;

import static dev.offramp.models.intel.Field.bit;
import static dev.offramp.models.intel.Field.word;

/**
 * Fields of work requests, after irdma's {@code IRDMAQPSQ_*} and {@code IRDMAQPRQ_*}, and the
 * opcodes. A quantum has 32 bytes; the header is word 3 of the first and is written last.
 */
final class WorkFields {
  static final int QUANTUM_BYTES = 32;
  static final int QUANTUM_WORDS = QUANTUM_BYTES / Long.BYTES;

  /** The longest work request. */
  static final int MAX_QUANTA = 8;

  static final int HEADER_WORD = 3;

  static final Field REMOTE_OFFSET = word(2);
  static final Field REMOTE_STAG = new Field(3, 0, 31);
  static final Field OPCODE = new Field(3, 32, 37);
  static final Field ADDFRAGCNT = new Field(3, 38, 41);
  static final Field REPORTRTT = bit(3, 46);
  static final Field IMMDATAFLAG = bit(3, 47);
  static final Field INLINEDATALEN = new Field(3, 48, 55);
  static final Field PUSHWQE = bit(3, 56);
  static final Field INLINEDATAFLAG = bit(3, 57);
  static final Field STREAMMODE = bit(3, 58);
  static final Field WAITFORRCVPDU = bit(3, 59);
  static final Field READFENCE = bit(3, 60);
  static final Field LOCALFENCE = bit(3, 61);
  static final Field SIGCOMPL = bit(3, 62);
  static final Field VALID = bit(3, 63);

  static final int OP_WRITE = 0x00;
  static final int OP_READ = 0x01;
  static final int OP_SEND = 0x03;
  static final int OP_SEND_INVALIDATE = 0x04;
  static final int OP_SEND_SOLICITED = 0x05;
  static final int OP_SEND_SOLICITED_INVALIDATE = 0x06;
  static final int OP_BIND = 0x08;
  static final int OP_FAST_REGISTER = 0x09;
  static final int OP_LOCAL_INVALIDATE = 0x0A;
  static final int OP_READ_LOCAL_INVALIDATE = 0x0B;
  static final int OP_NOP = 0x0C;
  static final int OP_WRITE_SOLICITED = 0x0D;
  static final int OP_RTS_EVENT = 0x30;

  /** What a completion of a Receive says (IRDMA_OP_TYPE_REC). */
  static final int OP_RECEIVE = 0x3E;

  private WorkFields() {}
}
