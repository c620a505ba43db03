package dev.offramp.provider.intel.ring;

/** AE codes: IRDMA_AE_* in irdma's defs.h. Those that the driver or its decoder tells apart. */
public final class EventCode {
  public static final int AMP_UNALLOCATED_STAG = 0x102;
  public static final int AMP_INVALID_STAG = 0x103;
  public static final int AMP_BAD_QP = 0x104;
  public static final int AMP_BAD_PD = 0x105;
  public static final int AMP_BAD_STAG_KEY = 0x106;
  public static final int AMP_BAD_STAG_INDEX = 0x107;
  public static final int AMP_BOUNDS_VIOLATION = 0x108;
  public static final int AMP_RIGHTS_VIOLATION = 0x109;
  public static final int AMP_TO_WRAP = 0x10A;
  public static final int AMP_INVALIDATE_NO_REMOTE_ACCESS_RIGHTS = 0x112;
  public static final int PRIV_OPERATION_DENIED = 0x11C;
  public static final int AMP_INVALIDATE_TYPE1_MW = 0x11D;
  public static final int AMP_MWBIND_ZERO_BASED_TYPE1_MW = 0x11E;
  public static final int AMP_FASTREG_INVALID_PBL_HPS_CFG = 0x11F;
  public static final int AMP_FASTREG_PBLE_MISMATCH = 0x121;
  public static final int UDA_XMIT_DGRAM_TOO_LONG = 0x132;
  public static final int UDA_XMIT_BAD_PD = 0x133;
  public static final int UDA_XMIT_DGRAM_TOO_SHORT = 0x134;
  public static final int UDA_L4LEN_INVALID = 0x135;
  public static final int BAD_CLOSE = 0x201;
  public static final int RDMAP_ROE_BAD_LLP_CLOSE = 0x202;
  public static final int CQ_OPERATION_ERROR = 0x203;
  public static final int RDMA_READ_WHILE_ORD_ZERO = 0x205;
  public static final int STAG_ZERO_INVALID = 0x206;
  public static final int RREQ_AND_Q1_FULL = 0x207;
  public static final int RREQ_INVALID = 0x208;
  public static final int WQE_UNEXPECTED_OPCODE = 0x20A;
  public static final int WQE_INVALID_PARAMETER = 0x20B;
  public static final int WQE_INVALID_FRAG_DATA = 0x20C;
  public static final int REMOTE_ACCESS_ERROR = 0x20D;
  public static final int REMOTE_OP_ERROR = 0x20E;
  public static final int WQE_LSMM_TOO_LONG = 0x220;
  public static final int DDP_INVALID_MSN_GAP_IN_MSN = 0x301;
  public static final int DDP_UBE_DDP_MESSAGE_TOO_LONG_FOR_AVAILABLE_BUFFER = 0x303;
  public static final int DDP_UBE_INVALID_DDP_VERSION = 0x304;
  public static final int DDP_UBE_INVALID_MO = 0x305;
  public static final int DDP_UBE_INVALID_MSN_NO_BUFFER_AVAILABLE = 0x306;
  public static final int DDP_UBE_INVALID_QN = 0x307;
  public static final int DDP_NO_L_BIT = 0x308;
  public static final int RDMAP_ROE_INVALID_RDMAP_VERSION = 0x311;
  public static final int RDMAP_ROE_UNEXPECTED_OPCODE = 0x312;
  public static final int ROE_INVALID_RDMA_READ_REQUEST = 0x313;
  public static final int ROE_INVALID_RDMA_WRITE_OR_READ_RESP = 0x314;
  public static final int RSP_LENGTH_ERROR = 0x316;

  /** 0x380 to 0x383 are about multicast, which iWARP has not. */
  public static final int EMPTY_MCG = 0x380;

  public static final int BAD_MC_IP_ADDR = 0x381;
  public static final int BAD_MC_QPID = 0x382;
  public static final int MCG_QP_PROTOCOL_MISMATCH = 0x383;
  public static final int INVALID_ARP_ENTRY = 0x401;
  public static final int INVALID_TCP_OPTION_RCVD = 0x402;
  public static final int STALE_ARP_ENTRY = 0x403;
  public static final int INVALID_AH_ENTRY = 0x406;
  public static final int LLP_CLOSE_COMPLETE = 0x501;
  public static final int LLP_CONNECTION_RESET = 0x502;
  public static final int LLP_FIN_RECEIVED = 0x503;
  public static final int LLP_RECEIVED_MARKER_AND_LENGTH_FIELDS_DONT_MATCH = 0x504;
  public static final int LLP_RECEIVED_MPA_CRC_ERROR = 0x505;
  public static final int LLP_SEGMENT_TOO_SMALL = 0x507;
  public static final int LLP_SYN_RECEIVED = 0x508;
  public static final int LLP_TERMINATE_RECEIVED = 0x509;
  public static final int LLP_TOO_MANY_RETRIES = 0x50A;
  public static final int LLP_TOO_MANY_KEEPALIVE_RETRIES = 0x50B;
  public static final int LLP_DOUBT_REACHABILITY = 0x50C;
  public static final int LLP_CONNECTION_ESTABLISHED = 0x50E;
  public static final int RESOURCE_EXHAUSTION = 0x520;
  public static final int RESET_SENT = 0x601;
  public static final int TERMINATE_SENT = 0x602;
  public static final int RESET_NOT_SENT = 0x603;
  public static final int LCE_QP_CATASTROPHIC = 0x700;
  public static final int LCE_FUNCTION_CATASTROPHIC = 0x701;
  public static final int LCE_CQ_CATASTROPHIC = 0x702;
  public static final int QP_SUSPEND_COMPLETE = 0x900;

  private EventCode() {}
}
