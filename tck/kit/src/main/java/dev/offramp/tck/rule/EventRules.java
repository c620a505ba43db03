package dev.offramp.tck.rule;

import java.util.List;

/** Leaks E: order of events. */
public final class EventRules {
  private static final RuleSet SET = new RuleSet(Family.EVENTS);

  public static final Rule L45 =
      SET.must(
          "L45",
          "RFC 5044, 7.1.2 (4); RFC 6581, 9.2",
          "Start-up has two frames: the first FPDU sets a Responder free, and it waits for no third"
              + " message.",
          "States between arrival and use that wait for something besides the first FPDU.");

  public static final Rule L46 =
      SET.must(
          "L46",
          "RFC 5044, 7.1.2 (4)",
          "A Responder sends no FPDU before it has received one.",
          "Work posted before activate, or right after it, on a Responder whose peer is silent.");

  public static final Rule L47 =
      SET.must(
          "L47",
          "RFC 6581, 5, 9.2",
          "In peer-to-peer mode the Initiator's first FPDU is the indication that was agreed on,"
              + " and nothing comes before it.",
          "rtr: SEND, WRITE and READ each; work posted before activate.");

  public static final Rule L48 =
      SET.must(
          "L48",
          "RFC 5044, 7.1",
          "The role in MPA has nothing to do with who opened the TCP connection.",
          "mpaRole decides, not ports or addresses.");

  public static final Rule L49 =
      SET.must(
          "L49",
          "RFC 5044, 7.1.2; RFC 9293, 3.8",
          "Nothing of start-up is sent again: TCP is reliable, and silence is no reason to repeat a"
              + " frame.",
          "Timers that send; an hour of silence on the kit's clock.");

  public static final Rule L50 =
      SET.must(
          "L50",
          "RFC 5044, 7.1.2",
          "There are no keep-waiting messages (MRA): who is slow is only slow.",
          "Octets in the stream that are neither what was unsent nor FPDUs.");

  public static final Rule L51 =
      SET.must(
          "L51",
          "RFC 5040, 6.2; RFC 5044, 7.2",
          "An orderly end is a FIN for each direction: no request and reply to disconnect, and what"
              + " the peer still sends is received.",
          "disconnect() on the wire: FPDUs, then FIN; FPDUs that come after the own FIN.");

  public static final Rule L52 =
      SET.must(
          "L52",
          "RFC 9293, 3.6.1",
          "TIME-WAIT belongs to TCP's 4-tuple and to the host: nothing of the driver is held back"
              + " after an end.",
          "Timers that keep endpoints; arrive again with the same 4-tuple at once.");

  public static final Rule L53 =
      SET.must(
          "L53",
          "RFC 5040, 6; RDMA Consortium verbs, Idle to Error",
          "The life of an endpoint has iWARP's states: no ladder of Reset, Init, Ready-to-receive,"
              + " Ready-to-send and Drained.",
          "Enumerations with RESET, INIT, RTR, RTS, SQD, SQE.");

  public static final Rule L54 =
      SET.must(
          "L54",
          "RdmaConnection.post; RFC 5040, 6.2",
          "After the end of a stream work is refused at once, and what was posted completes as"
              + " FLUSHED.",
          "post after a Terminate: ConnectionClosedException; every earlier request completes"
              + " once.");

  public static final Rule L55 =
      SET.must(
          "L55",
          "StateTransfer.arrive",
          "A connected socket is converted in one step: no address or route is resolved first.",
          "What must be called before arrive; a first arrive on a fresh RNIC has to work.");

  public static final Rule L56 =
      SET.untestable(
          Level.MUST,
          "L56",
          "RFC 9293, 3.9.1",
          "The backlog of listeners is the host's; the driver allocates nothing by it.",
          "a driver never listens: the SPI has no listener");

  public static final Rule L57 =
      SET.untestable(
          Level.MUST,
          "L57",
          "RFC 5044, 7.1.2 (8)",
          "Two Initiators are detected and fail; no comparison of identities picks a winner.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  static final List<Rule> ALL = SET.all();

  private EventRules() {}
}
