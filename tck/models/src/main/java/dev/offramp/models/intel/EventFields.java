package dev.offramp.models.intel;

import static dev.offramp.models.intel.Field.bit;
import static dev.offramp.models.intel.Field.word;

/** Fields of what the device writes: CQEs, AEQEs, CEQEs and the shadow areas. */
final class EventFields {
  static final int CQE_BYTES = 32;

  /** A CQE with the avoid-conflict bit of its queue. */
  static final int WIDE_CQE_BYTES = 64;

  static final int AEQE_BYTES = 16;
  static final int CEQE_BYTES = 8;

  // CQE, after IRDMA_CQ_* and IRDMACQ_*
  static final Field PAYLDLEN = new Field(0, 0, 31);
  static final Field TCPSEQNUMRTT = new Field(0, 32, 63);
  static final Field COMPCTX = word(1);
  static final Field INVSTAG = new Field(2, 0, 31);
  static final Field QPID = new Field(2, 32, 55);
  static final Field MINERR = new Field(3, 0, 15);
  static final Field MAJERR = new Field(3, 16, 31);
  static final Field WQEIDX = new Field(3, 32, 46);
  static final Field EXTCQE = bit(3, 50);
  static final Field PSHDROP = bit(3, 51);
  static final Field STAG = bit(3, 53);
  static final Field SOEVENT = bit(3, 54);
  static final Field ERROR = bit(3, 55);
  static final Field OP = new Field(3, 56, 61);
  static final Field SQ = bit(3, 62);
  static final Field VALID = bit(3, 63);

  /** What a control command returned. */
  static final Field OPRETVAL = new Field(2, 0, 31);

  // AEQE, after IRDMA_AEQE_*
  static final Field AE_COMPCTX = word(0);
  static final Field AE_ID_LOW = new Field(1, 0, 17);
  static final Field AE_WQDESCIDX = new Field(1, 18, 32);
  static final Field AE_OVERFLOW = bit(1, 33);
  static final Field AE_CODE = new Field(1, 34, 45);
  static final Field AE_ID_HIGH = bit(1, 46);
  static final Field AE_SOURCE = new Field(1, 50, 53);
  static final Field AE_IWSTATE = new Field(1, 54, 56);
  static final Field AE_TCPSTATE = new Field(1, 57, 60);
  static final Field AE_Q2DATA = new Field(1, 61, 62);
  static final Field AE_VALID = bit(1, 63);
  static final int AE_ID_LOW_BITS = 18;

  // CEQE
  static final Field CEQE_CONTEXT = new Field(0, 0, 62);
  static final Field CEQE_VALID = bit(0, 63);

  // shadow area of a CQ, and of a QP
  static final Field SHADOW_HEAD = new Field(0, 0, 19);
  static final int SHADOW_ARM_WORD = 4;
  static final Field ARM_SELECT = new Field(0, 0, 13);
  static final Field ARM_NEXT = bit(0, 14);
  static final Field ARM_NEXT_SOLICITED = bit(0, 15);
  static final Field ARM_SEQUENCE = new Field(0, 16, 17);
  static final Field SQ_TAIL = new Field(0, 0, 14);

  static final int SHADOW_BYTES = 64;

  private EventFields() {}
}
