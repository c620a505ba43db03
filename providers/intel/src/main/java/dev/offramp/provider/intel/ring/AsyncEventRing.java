package dev.offramp.provider.intel.ring;

import dev.offramp.provider.intel.layout.BitField;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.Registers;
import dev.offramp.provider.intel.layout.Words;
import dev.offramp.spi.port.DeviceWindow;
import java.lang.foreign.MemorySegment;

/**
 * The AEQ. For one thread at a time.
 *
 * <pre>
 * q0 | completion context of the QP, or context of the CQ shifted right by 1
 * q1 | 63 valid | 62:61 Q2 written | 60:57 TCP state | 56:54 QP state | 53:50 source | 46 id, bit 18
 *    | 45:34 AE code | 33 overflow | 32:18 WQE index | 17:0 id of the QP or CQ
 * </pre>
 *
 * What an event is about follows from its code, and for the rest from its source. Source: irdma's
 * ctrl.c, irdma_sc_get_next_aeqe and irdma_sc_repost_aeq_entries.
 */
public final class AsyncEventRing {
  /** Bytes of an entry. */
  public static final int ENTRY_BYTES = 16;

  private static final BitField IRDMA_AEQE_QPCQID_LOW = BitField.bits(0, 17);
  private static final BitField IRDMA_AEQE_WQDESCIDX = BitField.bits(18, 32);
  private static final BitField IRDMA_AEQE_OVERFLOW = BitField.bit(33);
  private static final BitField IRDMA_AEQE_AECODE = BitField.bits(34, 45);
  private static final BitField IRDMA_AEQE_QPCQID_HI = BitField.bit(46);
  private static final BitField IRDMA_AEQE_AESRC = BitField.bits(50, 53);
  private static final BitField IRDMA_AEQE_IWSTATE = BitField.bits(54, 56);
  private static final BitField IRDMA_AEQE_TCPSTATE = BitField.bits(57, 60);
  private static final BitField IRDMA_AEQE_Q2DATA = BitField.bits(61, 62);
  private static final BitField IRDMA_AEQE_VALID = BitField.bit(63);

  private static final int LOW_ID_BITS = 18;

  private final Generation generation;
  private final MemorySegment ring;
  private final int size;
  private final DeviceWindow window;
  private int tail;
  private int polarity = 1;

  /** An empty ring; {@code ring} is zeroed, 16 bytes for each entry. */
  public AsyncEventRing(Generation generation, MemorySegment ring, DeviceWindow window) {
    this.generation = generation;
    this.ring = ring;
    this.size = Math.toIntExact(ring.byteSize() / ENTRY_BYTES);
    this.window = window;
  }

  /** Takes the next event; false when the device has written nothing new. */
  public boolean poll(AsyncEvent into) {
    long entry = (long) tail * ENTRY_BYTES;
    long q1 = Words.getAcquire(ring, entry + Words.BYTES);
    if (IRDMA_AEQE_VALID.in(q1) != polarity) {
      return false;
    }
    long context = Words.get(ring, entry);
    into.clear();
    into.entryContext = context;
    into.code = IRDMA_AEQE_AECODE.intIn(q1);
    into.source = IRDMA_AEQE_AESRC.intIn(q1);
    into.qpOrCqId = IRDMA_AEQE_QPCQID_LOW.intIn(q1) | IRDMA_AEQE_QPCQID_HI.intIn(q1) << LOW_ID_BITS;
    into.tcpState = IRDMA_AEQE_TCPSTATE.intIn(q1);
    into.iwarpState = IRDMA_AEQE_IWSTATE.intIn(q1);
    into.q2DataWritten = IRDMA_AEQE_Q2DATA.intIn(q1);
    into.overflow = IRDMA_AEQE_OVERFLOW.isSetIn(q1);
    if (!byCode(into, context)) {
      bySource(into, context, IRDMA_AEQE_WQDESCIDX.intIn(q1));
    }
    tail++;
    if (tail == size) {
      tail = 0;
      polarity ^= 1;
    }
    return true;
  }

  /** Gives entries back to the device. */
  public void giveBack(int entries) {
    window.write32(Registers.BAR, generation.registers().aeqAlloc(), entries);
  }

  /** Whether the code settles what the event is about, whatever its source. */
  private static boolean byCode(AsyncEvent event, long context) {
    return switch (event.code) {
      case EventCode.PRIV_OPERATION_DENIED,
          EventCode.AMP_INVALIDATE_TYPE1_MW,
          EventCode.AMP_MWBIND_ZERO_BASED_TYPE1_MW,
          EventCode.AMP_FASTREG_INVALID_PBL_HPS_CFG,
          EventCode.AMP_FASTREG_PBLE_MISMATCH,
          EventCode.UDA_XMIT_DGRAM_TOO_LONG,
          EventCode.UDA_XMIT_BAD_PD,
          EventCode.UDA_XMIT_DGRAM_TOO_SHORT,
          EventCode.BAD_CLOSE,
          EventCode.RDMA_READ_WHILE_ORD_ZERO,
          EventCode.STAG_ZERO_INVALID,
          EventCode.RREQ_AND_Q1_FULL,
          EventCode.RREQ_INVALID,
          EventCode.WQE_UNEXPECTED_OPCODE,
          EventCode.REMOTE_ACCESS_ERROR,
          EventCode.REMOTE_OP_ERROR,
          EventCode.DDP_UBE_INVALID_DDP_VERSION,
          EventCode.DDP_UBE_INVALID_MO,
          EventCode.DDP_UBE_INVALID_QN,
          EventCode.DDP_NO_L_BIT,
          EventCode.RDMAP_ROE_INVALID_RDMAP_VERSION,
          EventCode.RDMAP_ROE_UNEXPECTED_OPCODE,
          EventCode.ROE_INVALID_RDMA_READ_REQUEST,
          EventCode.ROE_INVALID_RDMA_WRITE_OR_READ_RESP,
          EventCode.RSP_LENGTH_ERROR,
          EventCode.INVALID_ARP_ENTRY,
          EventCode.INVALID_TCP_OPTION_RCVD,
          EventCode.STALE_ARP_ENTRY,
          EventCode.INVALID_AH_ENTRY,
          EventCode.LLP_RECEIVED_MPA_CRC_ERROR,
          EventCode.LLP_SEGMENT_TOO_SMALL,
          EventCode.LLP_TOO_MANY_RETRIES,
          EventCode.LLP_DOUBT_REACHABILITY,
          EventCode.LLP_CONNECTION_ESTABLISHED,
          EventCode.RESET_SENT,
          EventCode.TERMINATE_SENT,
          EventCode.RESET_NOT_SENT,
          EventCode.LCE_QP_CATASTROPHIC,
          EventCode.QP_SUSPEND_COMPLETE,
          EventCode.UDA_L4LEN_INVALID -> {
        aboutQp(event, context);
        yield false;
      }
      case EventCode.LCE_CQ_CATASTROPHIC -> {
        aboutCq(event, context);
        yield true;
      }
      case EventCode.EMPTY_MCG,
          EventCode.BAD_MC_IP_ADDR,
          EventCode.BAD_MC_QPID,
          EventCode.MCG_QP_PROTOCOL_MISMATCH,
          EventCode.LLP_CONNECTION_RESET,
          EventCode.LLP_SYN_RECEIVED,
          EventCode.LLP_FIN_RECEIVED,
          EventCode.LLP_CLOSE_COMPLETE,
          EventCode.LLP_TERMINATE_RECEIVED,
          EventCode.RDMAP_ROE_BAD_LLP_CLOSE -> {
        aboutQp(event, context);
        yield true;
      }
      default -> false;
    };
  }

  private static void bySource(AsyncEvent event, long context, int wqeIndex) {
    switch (event.source) {
      case 1, 3 -> {
        aboutQp(event, context);
        event.aboutReceiveQueue = true;
        event.wqeIndex = wqeIndex;
      }
      case 5, 7 -> {
        aboutQp(event, context);
        event.aboutSendQueue = true;
        event.wqeIndex = wqeIndex;
      }
      case 2, 6, 10, 14 -> aboutCq(event, context);
      case 9, 11 -> {
        aboutQp(event, context);
        event.inboundReadResponseOrWrite = true;
      }
      case 13, 15 -> {
        aboutQp(event, context);
        event.outboundReadResponse = true;
      }
      default -> {
        // Reserved: the code alone has said it.
      }
    }
  }

  private static void aboutQp(AsyncEvent event, long context) {
    event.aboutQp = true;
    event.context = context;
  }

  private static void aboutCq(AsyncEvent event, long context) {
    event.aboutCq = true;
    event.context = context << 1;
  }

  /** Sets what a test needs. */
  void restore(int newPolarity) {
    polarity = newPolarity;
  }
}
