package dev.offramp.models.chelsio;

import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.iwarp.ddp.DdpControl;
import dev.offramp.iwarp.ddp.UntaggedHeader;
import dev.offramp.iwarp.rdmap.TerminateCause;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * What the chip reports when the peer breaks a rule: the T4_ERR_* from which iw_cxgb4 makes the
 * Terminate that the RFCs want (qp.c, build_term_codes), read backwards. Where that table has no
 * status for a cause, the nearest one (model decision).
 */
final class RdmaErrors {
  private static final int READ_REQUEST_QUEUE = 1;
  private static final int FLAG_M = 0x80;
  private static final int FLAG_D = 0x40;
  private static final int FLAG_R = 0x20;
  private static final int LENGTH_AT = 4;
  private static final int HEADERS_AT = 6;

  private RdmaErrors() {}

  /** The asynchronous CQE of an error that the engine found in what came. */
  static Cqe found(int queueId, StreamEnd.TerminatedLocally end) {
    Terminate terminate = end.terminate();
    ByteBuffer headers = terminate.headers().asByteBuffer();
    boolean untagged =
        headers.remaining() >= UntaggedHeader.BYTES && !DdpControl.isTagged(headers.get(0));
    int opcode = headers.remaining() > 1 ? headers.get(1) & 0xF : Cqe.SEND;
    int msn = untagged ? UntaggedHeader.msn(headers, 0) : 0;
    return Cqe.received(queueId, opcode, status(terminate, headers, untagged), 0, 0, msn);
  }

  private static int status(Terminate terminate, ByteBuffer headers, boolean untagged) {
    TerminateCause cause =
        TerminateCause.of(terminate.layer(), terminate.type(), terminate.code())
            .orElse(TerminateCause.RDMAP_LOCAL_CATASTROPHIC);
    return switch (cause) {
      case REMOTE_INVALID_STAG, TAGGED_INVALID_STAG -> Cqe.ERR_STAG;
      case REMOTE_BOUNDS, TAGGED_BOUNDS -> Cqe.ERR_BOUND;
      case REMOTE_ACCESS -> Cqe.ERR_ACCESS;
      case REMOTE_STAG_OF_OTHER_STREAM, TAGGED_STAG_OF_OTHER_STREAM -> Cqe.ERR_PDID;
      case REMOTE_OFFSET_WRAP, TAGGED_OFFSET_WRAP -> Cqe.ERR_WRAP;
      case REMOTE_CANNOT_INVALIDATE, OPERATION_CANNOT_INVALIDATE -> Cqe.ERR_INVALIDATE_SHARED_MR;
      case RDMAP_VERSION -> Cqe.ERR_RDMA_VERSION;
      case UNEXPECTED_OPCODE -> Cqe.ERR_OPCODE;
      case TAGGED_DDP_VERSION, UNTAGGED_DDP_VERSION -> Cqe.ERR_DDP_VERSION;
      case UNTAGGED_INVALID_QN -> Cqe.ERR_DDP_QUEUE_NUM;
      case UNTAGGED_NO_BUFFER ->
          untagged && UntaggedHeader.queueNumber(headers, 0) == READ_REQUEST_QUEUE
              ? Cqe.ERR_IRD_OVERFLOW
              : Cqe.ERR_OUT_OF_RQE;
      case UNTAGGED_MSN_RANGE -> Cqe.ERR_MSN;
      case UNTAGGED_INVALID_MO -> Cqe.ERR_MO;
      case UNTAGGED_MESSAGE_TOO_LONG -> Cqe.ERR_PDU_LEN;
      case LLP_CRC -> Cqe.ERR_CRC;
      case LLP_MARKER -> Cqe.ERR_MARKER;
      default -> Cqe.ERR_INTERNAL;
    };
  }

  /**
   * The message of a CPL_RDMA_TERMINATE. The engine keeps the terminated headers but not the length
   * of their segment; the headers' own stands in for it.
   */
  static MemorySegment message(Terminate terminate) {
    byte[] headers = terminate.headers().toByteArray();
    byte[] bytes = new byte[headers.length == 0 ? LENGTH_AT : HEADERS_AT + headers.length];
    MemorySegment to = MemorySegment.ofArray(bytes);
    Be.put8(to, 0, terminate.layer() << 4 | terminate.type());
    Be.put8(to, 1, terminate.code());
    if (headers.length > 0) {
      boolean request = headers.length > UntaggedHeader.BYTES;
      Be.put8(to, 2, FLAG_M | FLAG_D | (request ? FLAG_R : 0));
      Be.put16(to, LENGTH_AT, headers.length);
      System.arraycopy(headers, 0, bytes, HEADERS_AT, headers.length);
    }
    return to;
  }
}
