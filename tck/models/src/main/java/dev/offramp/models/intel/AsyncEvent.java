package dev.offramp.models.intel;

/**
 * One entry of the asynchronous event queue before its valid bit is known.
 *
 * @param context a QP's completion context, or half of a CQ's
 * @param id of the QP or CQ
 * @param code what happened, see {@link EventCodes}
 * @param source where, 0..15, see {@link EventCodes}
 * @param wqeIndex which work request, if it was one
 * @param iwarpState the QP's state
 * @param tcpState by the context's numbers
 * @param q2Data whether the Q2 buffer holds the segment in question: 0 or 1
 */
record AsyncEvent(
    long context,
    int id,
    int code,
    int source,
    int wqeIndex,
    int iwarpState,
    int tcpState,
    int q2Data) {
  long[] encode() {
    long[] words = new long[EventFields.AEQE_BYTES / Long.BYTES];
    EventFields.AE_COMPCTX.set(words, context);
    EventFields.AE_ID_LOW.set(words, id);
    EventFields.AE_ID_HIGH.set(words, id >>> EventFields.AE_ID_LOW_BITS);
    EventFields.AE_WQDESCIDX.set(words, wqeIndex);
    EventFields.AE_CODE.set(words, code);
    EventFields.AE_SOURCE.set(words, source);
    EventFields.AE_IWSTATE.set(words, iwarpState);
    EventFields.AE_TCPSTATE.set(words, tcpState);
    EventFields.AE_Q2DATA.set(words, q2Data);
    return words;
  }
}
