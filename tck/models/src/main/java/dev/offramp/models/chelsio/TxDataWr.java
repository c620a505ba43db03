package dev.offramp.models.chelsio;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * FW_OFLD_TX_DATA_WR: bytes of the streaming mode (t4fw_api.h, struct fw_ofld_tx_data_wr).
 *
 * <pre>
 * 0: op, compl, immdlen 7:0   4: flowid, len16   8: plen
 * 12: alignpld 30 | shove 29 | tunnel 19 | save 18 | flush 17 | urgent 16 | more 15
 *     ulpmode 13:10 | ulpsubmode 9:6
 * 16: immdlen bytes; with immdlen 0 a ULP_TX_SC_DSGL with addresses of host memory
 * </pre>
 *
 * @param immediate the bytes, when they are in the work request
 * @param gather where they are, when not
 */
record TxDataWr(
    int length,
    boolean shove,
    boolean flush,
    boolean more,
    int ulpMode,
    MemorySegment immediate,
    List<HostPiece> gather) {
  private static final int HEADER_BYTES = 16;

  /** A piece of host memory, by device address. */
  record HostPiece(long address, long length) {}

  TxDataWr {
    gather = List.copyOf(gather);
  }

  static TxDataWr decode(MemorySegment wr) throws MalformedException {
    WrHeader.require(wr, "FW_OFLD_TX_DATA_WR", HEADER_BYTES);
    int immediateBytes = Be.bits(Be.get32(wr, 0), 0, 8);
    int length = Be.get32(wr, 8);
    int flags = Be.get32(wr, 12);
    WrHeader.require(
        wr,
        "FW_OFLD_TX_DATA_WR with " + immediateBytes + " immediate bytes",
        HEADER_BYTES + (long) immediateBytes);
    List<HostPiece> gather =
        immediateBytes == 0 && length != 0 ? Dsgl.decode(wr, HEADER_BYTES) : List.of();
    long described =
        gather.isEmpty() ? immediateBytes : gather.stream().mapToLong(HostPiece::length).sum();
    if (described != Integer.toUnsignedLong(length)) {
      throw new MalformedException(
          "FW_OFLD_TX_DATA_WR with plen " + Integer.toUnsignedLong(length),
          described + ", the bytes that it carries");
    }
    return new TxDataWr(
        length,
        Be.bit(flags, 29),
        Be.bit(flags, 17),
        Be.bit(flags, 15),
        Be.bits(flags, 10, 4),
        wr.asSlice(HEADER_BYTES, immediateBytes),
        gather);
  }

  /**
   * A scatter list of host addresses (t4_msg.h, struct ulptx_sgl): command and count, the first
   * length (4) and address (8), then pairs of two lengths (8) and two addresses (16).
   */
  static final class Dsgl {
    private static final int CMD_DSGL = 0x82;
    private static final int FIRST_BYTES = 16;
    private static final int PAIR_BYTES = 24;

    private Dsgl() {}

    static List<HostPiece> decode(MemorySegment wr, long at) throws MalformedException {
      WrHeader.require(wr, "a work request with ULP_TX_SC_DSGL", at + FIRST_BYTES);
      int command = Be.get32(wr, at);
      int count = Be.bits(command, 0, 16);
      if (Be.bits(command, 24, 8) != CMD_DSGL || count == 0) {
        throw new MalformedException(
            "command [%08x] where data begins".formatted(command), "ULP_TX_SC_DSGL, 1 entry up");
      }
      int pairs = (count - 1) / 2;
      boolean single = (count - 1) % 2 != 0;
      WrHeader.require(
          wr,
          "a list of " + count + " host addresses",
          at + FIRST_BYTES + (long) pairs * PAIR_BYTES + (single ? 16 : 0));
      List<HostPiece> pieces = new ArrayList<>(count);
      pieces.add(new HostPiece(Be.get64(wr, at + 8), Be.getU32(wr, at + 4)));
      for (int i = 1; i < count; i++) {
        long pair = at + FIRST_BYTES + (long) ((i - 1) / 2) * PAIR_BYTES;
        int half = (i - 1) % 2;
        pieces.add(
            new HostPiece(Be.get64(wr, pair + 8 + 8L * half), Be.getU32(wr, pair + 4L * half)));
      }
      return pieces;
    }
  }
}
