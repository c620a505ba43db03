package dev.offramp.linux.tcp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What the programs of socket filters are written with: instructions of {@code struct sock_filter}
 * as {@code {code, jump if true, jump if false, k}} (include/uapi/linux/bpf_common.h). A filter of
 * TCP's sees a segment from its TCP header on.
 */
final class ClassicBpf {
  static final int LD_B_ABS = 0x30;
  static final int JSET_K = 0x45;
  static final int RET_K = 0x06;

  /** What {@link #RET_K} returns of a segment that is to be kept whole. */
  static final int KEEP_ALL = -1;

  /** Where the flags are: RFC 9293, section 3.1. */
  static final int FLAGS = 13;

  private static final int INSTRUCTION_BYTES = 8;

  private ClassicBpf() {}

  static SocketFilter filter(int[]... program) {
    ByteBuffer bytes =
        ByteBuffer.allocate(program.length * INSTRUCTION_BYTES).order(ByteOrder.nativeOrder());
    for (int[] each : program) {
      bytes.putShort((short) each[0]).put((byte) each[1]).put((byte) each[2]).putInt(each[3]);
    }
    return SocketFilter.of(bytes.array());
  }
}
