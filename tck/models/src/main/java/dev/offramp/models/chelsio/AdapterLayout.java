package dev.offramp.models.chelsio;

/**
 * How the adapter's numbers and its memory are divided. A driver has all of it from FW_PARAMS_CMD;
 * the values are a small configuration's (model decision). Ranges of different kinds do not
 * overlap, and relative and absolute numbers of a queue differ, so that one taken for the other
 * leads nowhere.
 */
final class AdapterLayout {
  /** Entries of the next-hop table. */
  static final Range L2T = new Range(0, 1023);

  /** Ingress queues with interrupts, by the numbers that commands and doorbells use. */
  static final Range IQ = new Range(24, 87);

  /** What is added to such a number for the one that CPL messages and RSS use. */
  static final int IQ_ABSOLUTE = 40;

  /** Egress queues and free lists that firmware commands make. */
  static final Range EQ = new Range(192, 319);

  static final int EQ_ABSOLUTE = 16;

  /** Completion queues of RDMA. */
  static final Range CQ = new Range(512, 1023);

  /** Send and receive queues of RDMA. */
  static final Range SQRQ = new Range(1024, 2047);

  /** Bytes of the table of STags. */
  static final Range STAG = new Range(0x0080_0000, 0x0087_FFFF);

  /** Bytes of the page lists. */
  static final Range PBL = new Range(0x0100_0000, 0x013F_FFFF);

  /** Bytes of the table of posted Receives. */
  static final Range RQ = new Range(0x0200_0000, 0x027F_FFFF);

  /** Bytes of a posted Receive in that table (iw_cxgb4, c4iw_rqtpool_alloc: size << 6). */
  static final int RQ_ENTRY_BYTES = 64;

  static final Range CLIP = new Range(0, 127);
  static final Range ACTIVE_FILTER = new Range(0, 495);
  static final Range FILTER = new Range(496, 511);
  static final Range SERVER = new Range(512, 1023);

  /** No region: its end is before its start. */
  static final Range NONE = new Range(1, 0);

  private AdapterLayout() {}

  /** From {@code start} to {@code end}, both included. */
  record Range(int start, int end) {
    boolean contains(long value) {
      return value >= start && value <= end;
    }

    int size() {
      return end - start + 1;
    }
  }
}
