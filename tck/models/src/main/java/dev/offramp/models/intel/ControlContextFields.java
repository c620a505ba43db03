package dev.offramp.models.intel;

import static dev.offramp.models.intel.Field.bit;
import static dev.offramp.models.intel.Field.word;

/** The control queue's 64-byte host context, after irdma's {@code IRDMA_CQPHC_*}. */
final class ControlContextFields {
  static final int BYTES = 64;
  static final int WORDS = BYTES / Long.BYTES;

  static final Field DISABLE_PFPDUS = bit(0, 1);
  static final Field ROCEV2_RTO_POLICY = bit(0, 2);
  static final Field PROTOCOL_USED = new Field(0, 3, 4);
  static final Field SQSIZE = new Field(0, 8, 11);
  static final Field SVER = new Field(0, 24, 31);
  static final Field CEQPERVF = new Field(0, 32, 39);
  static final Field SQBASE = word(1);
  static final Field HMC_PROFILE = new Field(2, 0, 2);
  static final Field ENABLED_VFS = new Field(2, 32, 37);
  static final Field CONTEXT = word(3);
  static final Field HW_MINVER = new Field(4, 0, 15);
  static final Field HW_MAJVER = new Field(4, 16, 31);
  static final Field MIN_RATE = new Field(4, 48, 51);
  static final Field MIN_DEC_FACTOR = new Field(4, 56, 59);
  static final Field DCQCN_T = new Field(6, 0, 15);
  static final Field HAI_FACTOR = new Field(6, 32, 47);
  static final Field RAI_FACTOR = new Field(6, 48, 63);
  static final Field DCQCN_B = new Field(7, 0, 24);
  static final Field DCQCN_F = new Field(7, 25, 27);
  static final Field CC_CFG_VALID = bit(7, 31);
  static final Field RREDUCE_MPERIOD = new Field(7, 32, 63);

  /** The ring starts at a multiple of this. */
  static final int RING_ALIGNMENT_BYTES = 512;

  /** The smallest code is 1 and means four commands. */
  static final int SMALLEST_CODE = 1;

  /** The largest is 2048 commands. */
  static final int LARGEST_CODE = 10;

  private ControlContextFields() {}

  /** Commands in a ring with this code. */
  static int commands(int code) {
    return 2 << code;
  }
}
