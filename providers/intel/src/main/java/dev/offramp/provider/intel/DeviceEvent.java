package dev.offramp.provider.intel;

import dev.offramp.provider.intel.ring.AsyncEvent;

/**
 * An event of the device about one connection.
 *
 * @param code {@link dev.offramp.provider.intel.ring.EventCode}
 * @param aboutCq whether it is about the connection's CQ, and not its QP
 * @param tcpState as in the QP context
 * @param hasPacket whether the Q2 buffer holds the packet that it is about
 * @param ofSendQueue whether work in the send queue caused it
 * @param ofReceiveQueue whether work in the receive queue caused it
 */
record DeviceEvent(
    int code,
    boolean aboutCq,
    int tcpState,
    boolean hasPacket,
    boolean ofSendQueue,
    boolean ofReceiveQueue) {
  static DeviceEvent of(AsyncEvent event) {
    return new DeviceEvent(
        event.code(),
        event.isAboutCq() && !event.isAboutQp(),
        event.tcpState(),
        event.q2DataWritten() != 0,
        event.isAboutSendQueue(),
        event.isAboutReceiveQueue());
  }

  @Override
  public String toString() {
    return "event [%#05x] of %s, TCP state [%d]"
        .formatted(
            code,
            aboutCq ? "the CQ" : ofSendQueue ? "the SQ" : ofReceiveQueue ? "the RQ" : "the QP",
            tcpState);
  }
}
