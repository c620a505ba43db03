package dev.offramp.provider.chelsio.wire;

/** Status of a completion: {@code T4_ERR_*} of t4.h. */
public final class T4Err {
  public static final int SUCCESS = 0x00;
  public static final int STAG = 0x01;
  public static final int PDID = 0x02;
  public static final int QPID = 0x03;
  public static final int ACCESS = 0x04;
  public static final int WRAP = 0x05;
  public static final int BOUND = 0x06;
  public static final int INVALIDATE_SHARED_MR = 0x07;
  public static final int INVALIDATE_MR_WITH_MW_BOUND = 0x08;
  public static final int ECC = 0x09;
  public static final int ECC_PSTAG = 0x0A;
  public static final int PBL_ADDR_BOUND = 0x0B;

  /** Made up by the driver: the stream ended before the work did. */
  public static final int SWFLUSH = 0x0C;

  public static final int CRC = 0x10;
  public static final int MARKER = 0x11;
  public static final int PDU_LEN_ERR = 0x12;
  public static final int OUT_OF_RQE = 0x13;
  public static final int DDP_VERSION = 0x14;
  public static final int RDMA_VERSION = 0x15;
  public static final int OPCODE = 0x16;
  public static final int DDP_QUEUE_NUM = 0x17;
  public static final int MSN = 0x18;
  public static final int TBIT = 0x19;
  public static final int MO = 0x1A;
  public static final int MSN_GAP = 0x1B;
  public static final int MSN_RANGE = 0x1C;
  public static final int IRD_OVERFLOW = 0x1D;
  public static final int RQE_ADDR_BOUND = 0x1E;
  public static final int INTERNAL_ERR = 0x1F;

  private T4Err() {}
}
