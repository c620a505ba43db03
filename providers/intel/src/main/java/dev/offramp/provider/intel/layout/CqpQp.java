package dev.offramp.provider.intel.layout;

import java.lang.foreign.MemorySegment;

/**
 * Commands about a QP.
 *
 * <pre>
 * CREATE, MODIFY, DESTROY_QP
 * q1 | 51:48 Terminate length, bytes | 45:32 new MSS                           (MODIFY)
 * q2 | address of the QP context
 * q3 | 62:60 next state | 59 ARP index valid | 58 reset connection | 57:56 Terminate action
 *    | 55 remove hash | 54 ignore windows | 52 MSS change | 51 MAC valid | 50:48 QP type
 *    | 47 CQ numbers valid | 46 loopback | 45 virtual queues | 44 cached variables valid
 *    | 43 TCP context valid | 42 ORD valid | 23:0 QP id
 * q5 | address of the shadow area
 *
 * FLUSH_WQES, GEN_AE
 * q1 | 19:16 source | 15:0 AE code
 * q2 | 63:48 SQ major | 47:32 SQ minor | 31:16 RQ major | 15:0 RQ minor
 * q3 | 62 flush RQ | 61 flush SQ | 60 codes given | 59 generate AE | 23:0 QP id
 *
 * UPLOAD_CONTEXT
 * q2 | address of the buffer
 * q3 | 62 freeze | 61 raw | 51:48 QP type | 23:0 QP id
 *
 * SUSPEND_QP, RESUME_QP
 * q2 | 31:0 queue set handle (RESUME)
 * q3 | 23:0 QP id
 * </pre>
 *
 * Source: irdma's ctrl.c, irdma_sc_qp_create, _modify, _destroy, _flush_wqes, irdma_sc_gen_ae,
 * irdma_sc_qp_upload_context, irdma_sc_suspend_qp, irdma_sc_resume_qp.
 */
public final class CqpQp {
  public static final BitField IRDMA_CQPSQ_QP_QPID = BitField.bits(0, 23);
  public static final BitField IRDMA_CQPSQ_QP_ORDVALID = BitField.bit(42);
  public static final BitField IRDMA_CQPSQ_QP_TOECTXVALID = BitField.bit(43);
  public static final BitField IRDMA_CQPSQ_QP_CACHEDVARVALID = BitField.bit(44);
  public static final BitField IRDMA_CQPSQ_QP_VQ = BitField.bit(45);
  public static final BitField IRDMA_CQPSQ_QP_FORCELOOPBACK = BitField.bit(46);
  public static final BitField IRDMA_CQPSQ_QP_CQNUMVALID = BitField.bit(47);
  public static final BitField IRDMA_CQPSQ_QP_QPTYPE = BitField.bits(48, 50);
  public static final BitField IRDMA_CQPSQ_QP_MACVALID = BitField.bit(51);
  public static final BitField IRDMA_CQPSQ_QP_MSSCHANGE = BitField.bit(52);
  public static final BitField IRDMA_CQPSQ_QP_IGNOREMWBOUND = BitField.bit(54);
  public static final BitField IRDMA_CQPSQ_QP_REMOVEHASHENTRY = BitField.bit(55);
  public static final BitField IRDMA_CQPSQ_QP_TERMACT = BitField.bits(56, 57);
  public static final BitField IRDMA_CQPSQ_QP_RESETCON = BitField.bit(58);
  public static final BitField IRDMA_CQPSQ_QP_ARPTABIDXVALID = BitField.bit(59);
  public static final BitField IRDMA_CQPSQ_QP_NEXTIWSTATE = BitField.bits(60, 62);

  public static final BitField IRDMA_CQPSQ_QP_NEWMSS = BitField.bits(32, 45);
  public static final BitField IRDMA_CQPSQ_QP_TERMLEN = BitField.bits(48, 51);

  public static final BitField IRDMA_CQPSQ_FWQE_AECODE = BitField.bits(0, 15);
  public static final BitField IRDMA_CQPSQ_FWQE_AESOURCE = BitField.bits(16, 19);
  public static final BitField IRDMA_CQPSQ_FWQE_RQMNERR = BitField.bits(0, 15);
  public static final BitField IRDMA_CQPSQ_FWQE_RQMJERR = BitField.bits(16, 31);
  public static final BitField IRDMA_CQPSQ_FWQE_SQMNERR = BitField.bits(32, 47);
  public static final BitField IRDMA_CQPSQ_FWQE_SQMJERR = BitField.bits(48, 63);
  public static final BitField IRDMA_CQPSQ_FWQE_GENERATE_AE = BitField.bit(59);
  public static final BitField IRDMA_CQPSQ_FWQE_USERFLCODE = BitField.bit(60);
  public static final BitField IRDMA_CQPSQ_FWQE_FLUSHSQ = BitField.bit(61);
  public static final BitField IRDMA_CQPSQ_FWQE_FLUSHRQ = BitField.bit(62);

  public static final BitField IRDMA_CQPSQ_UCTX_QPTYPE = BitField.bits(48, 51);
  public static final BitField IRDMA_CQPSQ_UCTX_RAWFORMAT = BitField.bit(61);
  public static final BitField IRDMA_CQPSQ_UCTX_FREEZEQP = BitField.bit(62);

  public static final BitField IRDMA_CQPSQ_RESUMEQP_QSHANDLE = BitField.bits(0, 31);

  /** {@code IRDMA_QP_TYPE_IWARP}. */
  public static final int QP_TYPE_IWARP = 1;

  /** {@code IRDMA_QP_STATE_IDLE}: created, without a connection. */
  public static final int STATE_IDLE = 1;

  /** {@code IRDMA_QP_STATE_RTS}: the connection runs. */
  public static final int STATE_RTS = 2;

  /** {@code IRDMA_QP_STATE_CLOSING}: TCP closes in order. */
  public static final int STATE_CLOSING = 3;

  /** {@code IRDMA_QP_STATE_TERMINATE}: a Terminate, a FIN, or both are sent. */
  public static final int STATE_TERMINATE = 5;

  /** {@code IRDMA_QP_STATE_ERROR}: nothing is sent or received any more. */
  public static final int STATE_ERROR = 6;

  /** In a Terminate action: no FIN. */
  public static final int DONT_SEND_FIN = 1;

  /** In a Terminate action: no Terminate. */
  public static final int DONT_SEND_TERM = 2;

  private CqpQp() {}

  /** CREATE_QP; {@code flags} are masks of this class' flags. */
  public static void create(
      MemorySegment ring,
      long wqe,
      int qpId,
      int qpType,
      long contextAddress,
      long shadowAddress,
      long flags,
      int nextState,
      int valid) {
    CqpWqe.begin(ring, wqe);
    addresses(ring, wqe, contextAddress, shadowAddress);
    CqpWqe.end(
        ring,
        wqe,
        CqpWqe.OP_CREATE_QP,
        qpId | IRDMA_CQPSQ_QP_QPTYPE.of(qpType) | flags | IRDMA_CQPSQ_QP_NEXTIWSTATE.of(nextState),
        valid);
  }

  /**
   * MODIFY_QP.
   *
   * @param terminateAction a sum of {@link #DONT_SEND_FIN} and {@link #DONT_SEND_TERM}; of account
   *     only when the next state is TERMINATE
   * @param terminateBytes length of the Terminate in the Q2 buffer, where one is sent
   */
  public static void modify(
      MemorySegment ring,
      long wqe,
      int qpId,
      int qpType,
      long contextAddress,
      long shadowAddress,
      long flags,
      int nextState,
      int terminateAction,
      int terminateBytes,
      int newMss,
      int valid) {
    int action = nextState == STATE_TERMINATE ? terminateAction : 0;
    boolean terminates = nextState == STATE_TERMINATE && action < DONT_SEND_TERM;
    CqpWqe.begin(ring, wqe);
    Words.put(
        ring,
        wqe + CqpWqe.Q1,
        IRDMA_CQPSQ_QP_NEWMSS.of(newMss)
            | IRDMA_CQPSQ_QP_TERMLEN.of(terminates ? terminateBytes : 0));
    addresses(ring, wqe, contextAddress, shadowAddress);
    CqpWqe.end(
        ring,
        wqe,
        CqpWqe.OP_MODIFY_QP,
        qpId
            | IRDMA_CQPSQ_QP_QPTYPE.of(qpType)
            | flags
            | IRDMA_CQPSQ_QP_TERMACT.of(action)
            | IRDMA_CQPSQ_QP_NEXTIWSTATE.of(nextState),
        valid);
  }

  /** DESTROY_QP. */
  public static void destroy(
      MemorySegment ring,
      long wqe,
      int qpId,
      int qpType,
      long contextAddress,
      long shadowAddress,
      long flags,
      int valid) {
    CqpWqe.begin(ring, wqe);
    addresses(ring, wqe, contextAddress, shadowAddress);
    CqpWqe.end(
        ring, wqe, CqpWqe.OP_DESTROY_QP, qpId | IRDMA_CQPSQ_QP_QPTYPE.of(qpType) | flags, valid);
  }

  private static void addresses(MemorySegment ring, long wqe, long context, long shadow) {
    Words.put(ring, wqe + CqpWqe.Q2, context);
    Words.put(ring, wqe + CqpWqe.Q5, shadow);
  }

  /**
   * FLUSH_WQES: completes what is posted, with an error.
   *
   * @param flags of {@link #IRDMA_CQPSQ_FWQE_FLUSHSQ} and its neighbours
   * @param codes major and minor codes; of account with {@link #IRDMA_CQPSQ_FWQE_USERFLCODE}, for
   *     the queues that are flushed
   * @param event code and source of the event; of account with {@link
   *     #IRDMA_CQPSQ_FWQE_GENERATE_AE}
   */
  public static void flush(
      MemorySegment ring, long wqe, int qpId, long flags, long codes, long event, int valid) {
    long given = 0;
    if (IRDMA_CQPSQ_FWQE_USERFLCODE.isSetIn(flags)) {
      if (IRDMA_CQPSQ_FWQE_FLUSHRQ.isSetIn(flags)) {
        given |= codes & (IRDMA_CQPSQ_FWQE_RQMNERR.mask() | IRDMA_CQPSQ_FWQE_RQMJERR.mask());
      }
      if (IRDMA_CQPSQ_FWQE_FLUSHSQ.isSetIn(flags)) {
        given |= codes & (IRDMA_CQPSQ_FWQE_SQMNERR.mask() | IRDMA_CQPSQ_FWQE_SQMJERR.mask());
      }
    }
    CqpWqe.begin(ring, wqe);
    Words.put(ring, wqe + CqpWqe.Q1, IRDMA_CQPSQ_FWQE_GENERATE_AE.isSetIn(flags) ? event : 0);
    Words.put(ring, wqe + CqpWqe.Q2, given);
    CqpWqe.end(ring, wqe, CqpWqe.OP_FLUSH_WQES, qpId | flags, valid);
  }

  /** GEN_AE: has the device raise an event. */
  public static void generateEvent(
      MemorySegment ring, long wqe, int qpId, int code, int source, int valid) {
    CqpWqe.begin(ring, wqe);
    Words.put(
        ring,
        wqe + CqpWqe.Q1,
        IRDMA_CQPSQ_FWQE_AECODE.of(code) | IRDMA_CQPSQ_FWQE_AESOURCE.of(source));
    CqpWqe.end(ring, wqe, CqpWqe.OP_GEN_AE, qpId | IRDMA_CQPSQ_FWQE_GENERATE_AE.mask(), valid);
  }

  /** UPLOAD_CONTEXT: the device writes the QP context to host memory. */
  public static void uploadContext(
      MemorySegment ring,
      long wqe,
      int qpId,
      int qpType,
      long bufferAddress,
      boolean freeze,
      boolean raw,
      int valid) {
    CqpWqe.begin(ring, wqe);
    Words.put(ring, wqe + CqpWqe.Q2, bufferAddress);
    CqpWqe.end(
        ring,
        wqe,
        CqpWqe.OP_UPLOAD_CONTEXT,
        IRDMA_CQPSQ_QP_QPID.of(qpId)
            | IRDMA_CQPSQ_UCTX_QPTYPE.of(qpType)
            | IRDMA_CQPSQ_UCTX_RAWFORMAT.of(raw)
            | IRDMA_CQPSQ_UCTX_FREEZEQP.of(freeze),
        valid);
  }

  /** SUSPEND_QP: the device stops to send. */
  public static void suspend(MemorySegment ring, long wqe, int qpId, int valid) {
    CqpWqe.begin(ring, wqe);
    CqpWqe.end(ring, wqe, CqpWqe.OP_SUSPEND_QP, IRDMA_CQPSQ_QP_QPID.of(qpId), valid);
  }

  /** RESUME_QP. */
  public static void resume(MemorySegment ring, long wqe, int qpId, int queueSetHandle, int valid) {
    CqpWqe.begin(ring, wqe);
    Words.put(ring, wqe + CqpWqe.Q2, IRDMA_CQPSQ_RESUMEQP_QSHANDLE.of(queueSetHandle));
    CqpWqe.end(ring, wqe, CqpWqe.OP_RESUME_QP, IRDMA_CQPSQ_QP_QPID.of(qpId), valid);
  }
}
