package dev.offramp.models.chelsio;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * FW_FLOWC_WR: tells firmware the parameters of a flow (t4fw_api.h, struct fw_flowc_wr): an eight
 * byte header and pairs of a mnemonic (1 byte, 3 of zero) and a value (4).
 */
record FlowcWr(List<Pair> pairs) {
  static final int PFNVFN = 0;
  static final int CH = 1;
  static final int PORT = 2;
  static final int IQID = 3;
  static final int SNDNXT = 4;
  static final int RCVNXT = 5;
  static final int SNDBUF = 6;
  static final int MSS = 7;
  static final int TXDATAPLEN_MAX = 8;
  static final int TCPSTATE = 9;
  static final int EOSTATE = 10;
  static final int SCHEDCLASS = 11;
  static final int DCBPRIO = 12;
  static final int SND_SCALE = 13;
  static final int RCV_SCALE = 14;
  static final int ULD_MODE = 15;

  private static final int HEADER_BYTES = 8;
  private static final int PAIR_BYTES = 8;

  /** One parameter. */
  record Pair(int mnemonic, int value) {}

  FlowcWr {
    pairs = List.copyOf(pairs);
  }

  static FlowcWr decode(MemorySegment wr) throws MalformedException {
    WrHeader.require(wr, "FW_FLOWC_WR", HEADER_BYTES);
    int count = Be.bits(Be.get32(wr, 0), 0, 8);
    WrHeader.require(
        wr, "FW_FLOWC_WR with " + count + " parameters", HEADER_BYTES + (long) count * PAIR_BYTES);
    List<Pair> pairs = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long at = HEADER_BYTES + (long) i * PAIR_BYTES;
      int mnemonic = Be.get8(wr, at);
      if (mnemonic > ULD_MODE) {
        throw new MalformedException(
            "FW_FLOWC_WR parameter " + i + " with mnemonic " + mnemonic, "0.." + ULD_MODE);
      }
      pairs.add(new Pair(mnemonic, Be.get32(wr, at + 4)));
    }
    return new FlowcWr(pairs);
  }

  /** The last value of a mnemonic, or {@code other} when there is none. */
  int get(int mnemonic, int other) {
    int value = other;
    for (Pair pair : pairs) {
      value = pair.mnemonic == mnemonic ? pair.value : value;
    }
    return value;
  }

  boolean has(int mnemonic) {
    return pairs.stream().anyMatch(pair -> pair.mnemonic == mnemonic);
  }
}
