package dev.offramp.models.chelsio;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Where a modelled T5 or T6 can be made to fail: names for {@link dev.offramp.models.Faults}. A
 * sweep goes through {@link #all}. What the value means stands at each place; where nothing is
 * said, any value will do.
 */
public final class ChelsioFaults {
  private static final String PREFIX = "chelsio.";

  /** A register read gives all ones, as of an adapter that is gone. Asked at each read. */
  public static final String REGISTERS_ALL_ONES = PREFIX + "registers.all-ones";

  /** PCIE_FW says that firmware has failed. Asked at each read of that register. */
  public static final String FIRMWARE_ERROR = PREFIX + "registers.firmware-error";

  /** The mailbox never answers this command. */
  public static final String MAILBOX_SILENT = PREFIX + "mailbox.silent";

  /** The mailbox answers with FW_DEBUG_CMD: firmware's assertion. */
  public static final String MAILBOX_ASSERT = PREFIX + "mailbox.assert";

  /** The mailbox belongs to nobody: owner 0 at each read. */
  public static final String MAILBOX_NO_OWNER = PREFIX + "mailbox.no-owner";

  /** Firmware reports this version: major 31:24, minor 23:16, micro 15:8, build 7:0. */
  public static final String FIRMWARE_VERSION = PREFIX + "firmware.version";

  /** A doorbell is lost. */
  public static final String DOORBELL_LOST = PREFIX + "doorbell.lost";

  /** An egress queue stops for good. */
  public static final String EGRESS_STUCK = PREFIX + "egress.stuck";

  /** A completion queue overflows: this completion overwrites, and says so. */
  public static final String CQ_OVERFLOW = PREFIX + "cq.overflow";

  /** This completion has the value as its T4_ERR_* status. */
  public static final String CQE_STATUS = PREFIX + "cq.status";

  /** The connection is aborted by the chip with the value as its CPL_ERR_*. Asked at each turn. */
  public static final String STREAM_ABORT = PREFIX + "stream.abort";

  /**
   * A Terminate of the peer's, layer 31:28, type 27:24, code 23:16, that it never sent. Asked at
   * each turn in RDMA mode.
   */
  public static final String STREAM_TERMINATE = PREFIX + "stream.terminate";

  /** An asynchronous CQE with the value as its T4_ERR_* status. Asked at each turn. */
  public static final String STREAM_ASYNC_ERROR = PREFIX + "stream.async-error";

  /** The peer's FIN, though it has sent none. Asked at each turn. */
  public static final String STREAM_PEER_CLOSE = PREFIX + "stream.peer-close";

  /** Firmware commands that can be refused: the value is the FW_E* that they answer. */
  public enum Command {
    LDST,
    RESET,
    HELLO,
    BYE,
    INITIALIZE,
    CAPS_CONFIG,
    PARAMS,
    PFVF,
    IQ,
    EQ_ETH,
    EQ_CTRL,
    EQ_OFLD,
    VI,
    VI_MAC,
    VI_RXMODE,
    VI_ENABLE,
    PORT,
    RSS_IND_TBL,
    RSS_GLB_CONFIG,
    RSS_VI_CONFIG,
    CLIP
  }

  /** Requests that can be refused: the value is the FW_E* or CPL_ERR_* that they answer. */
  public enum Request {
    OFLD_CONNECTION_WR,
    RI_RES_WR,
    RI_INIT_WR,
    RI_FINI_WR,
    ULPTX_WR,
    ACT_OPEN_REQ,
    SET_TCB_FIELD,
    GET_TCB,
    L2T_WRITE_REQ,
    SMT_WRITE_REQ,
    ABORT_REQ,
    CLOSE_CON_REQ
  }

  /** Messages of the chip that can be damaged. */
  public enum Message {
    FW4_ACK,
    FW6_WR_RPL,
    FW6_CQE,
    FW6_OFLD_CONNECTION_WR_RPL,
    ACT_OPEN_RPL,
    SET_TCB_RPL,
    GET_TCB_RPL,
    L2T_WRITE_RPL,
    SMT_WRITE_RPL,
    ABORT_REQ_RSS,
    ABORT_RPL_RSS,
    PEER_CLOSE,
    CLOSE_CON_RPL,
    RX_DATA,
    RDMA_TERMINATE,
    SGE_EGR_UPDATE,
    CQE
  }

  /** How a message can be damaged. */
  public enum Damage {
    /** It never comes. */
    LOST,
    /** Its opcode is the value. */
    UNKNOWN_OPCODE,
    /** Its tid, or the queue that a CQE names, is the value. */
    WRONG_TID,
    /** The queue number in its RSS header is the value; a CQE has none. */
    WRONG_QUEUE,
    /** Its generation bit is wrong, so it looks like an old entry. */
    WRONG_GENERATION,
    /** All but as many bytes as the value are zero. */
    TRUNCATED,
    /** Random bytes from the value as a seed; the generation is right. */
    GARBAGE
  }

  private ChelsioFaults() {}

  /** The place where a firmware command can be refused. */
  public static String command(Command command) {
    return PREFIX + "command." + name(command);
  }

  /** The place where a request can be refused. */
  public static String request(Request request) {
    return PREFIX + "request." + name(request);
  }

  /** The place where a message can be damaged; there is none for the queue of a CQE. */
  public static String message(Message message, Damage damage) {
    return PREFIX + "message." + name(message) + '.' + name(damage);
  }

  /** All places. */
  public static List<String> all() {
    List<String> places =
        new ArrayList<>(
            List.of(
                REGISTERS_ALL_ONES,
                FIRMWARE_ERROR,
                MAILBOX_SILENT,
                MAILBOX_ASSERT,
                MAILBOX_NO_OWNER,
                FIRMWARE_VERSION,
                DOORBELL_LOST,
                EGRESS_STUCK,
                CQ_OVERFLOW,
                CQE_STATUS,
                STREAM_ABORT,
                STREAM_TERMINATE,
                STREAM_ASYNC_ERROR,
                STREAM_PEER_CLOSE));
    Arrays.stream(Command.values()).map(ChelsioFaults::command).forEach(places::add);
    Arrays.stream(Request.values()).map(ChelsioFaults::request).forEach(places::add);
    for (Message message : Message.values()) {
      for (Damage damage : Damage.values()) {
        if (message != Message.CQE || damage != Damage.WRONG_QUEUE) {
          places.add(message(message, damage));
        }
      }
    }
    return List.copyOf(places);
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
