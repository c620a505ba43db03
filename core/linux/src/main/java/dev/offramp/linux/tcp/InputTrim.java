package dev.offramp.linux.tcp;

import static dev.offramp.linux.tcp.ClassicBpf.FLAGS;
import static dev.offramp.linux.tcp.ClassicBpf.JSET_K;
import static dev.offramp.linux.tcp.ClassicBpf.KEEP_ALL;
import static dev.offramp.linux.tcp.ClassicBpf.LD_B_ABS;
import static dev.offramp.linux.tcp.ClassicBpf.RET_K;

/**
 * A socket filter that ends a connection's input at one sequence number. What a filter returns is
 * how many bytes of a segment are kept, TCP header included, and the kernel reads sequence numbers
 * and lengths after it has trimmed (tcp_filter before tcp_v4_fill_cb, net/ipv4/tcp_ipv4.c). So
 * payload beyond the number is dropped without acknowledgement, as though it had been lost, while
 * headers get through: acknowledgements, windows and RST go on being heard.
 *
 * <p>A FIN would move to another place in the stream when payload before it is cut off, so a
 * segment of which something must be cut and that has a FIN is dropped whole.
 *
 * <p>Inference: on an adapter that does not verify TCP checksums the kernel verifies them after the
 * filter, and drops a segment that was cut in the middle. Input then ends early, and never late.
 */
public final class InputTrim {
  // include/uapi/linux/bpf_common.h
  private static final int LD_W_ABS = 0x20;
  private static final int LD_W_LEN = 0x80;
  private static final int LD_MEM = 0x60;
  private static final int LDX_MEM = 0x61;
  private static final int ST = 0x02;
  private static final int ADD_X = 0x0c;
  private static final int SUB_X = 0x1c;
  private static final int SUB_K = 0x14;
  private static final int LSH_K = 0x64;
  private static final int RSH_K = 0x74;
  private static final int NEG = 0x84;
  private static final int JA = 0x05;
  private static final int JEQ_K = 0x15;
  private static final int JGE_K = 0x35;
  private static final int JGE_X = 0x3d;
  private static final int RET_A = 0x16;

  // RFC 9293, section 3.1
  private static final int SEQUENCE = 4;
  private static final int DATA_OFFSET = 12;
  private static final int FIN = 1;
  private static final int RST = 4;

  private static final int HEADER_BYTES = 0;
  private static final int PAYLOAD_BYTES = 1;
  private static final int NEGATIVE = 0x8000_0000;

  private InputTrim() {}

  /** The filter that keeps what lies before {@code limit}, a sequence number. */
  public static SocketFilter at(long limit) {
    int[][] program = {
      {LD_B_ABS, 0, 0, FLAGS},
      {JSET_K, 26, 0, RST}, // 1: keep
      {LD_B_ABS, 0, 0, DATA_OFFSET},
      {RSH_K, 0, 0, 4},
      {LSH_K, 0, 0, 2},
      {ST, 0, 0, HEADER_BYTES},
      {LDX_MEM, 0, 0, HEADER_BYTES},
      {LD_W_LEN, 0, 0, 0},
      {SUB_X, 0, 0, 0},
      {JEQ_K, 18, 0, 0}, // 9: no payload: keep
      {ST, 0, 0, PAYLOAD_BYTES},
      {LDX_MEM, 0, 0, PAYLOAD_BYTES},
      {LD_W_ABS, 0, 0, SEQUENCE},
      {SUB_K, 0, 0, (int) limit},
      {JGE_K, 0, 6, NEGATIVE}, // 14: begins at the limit or behind it: headers
      {NEG, 0, 0, 0}, // bytes before the limit
      {JGE_X, 11, 0, 0}, // 16: all of them: keep
      {LDX_MEM, 0, 0, HEADER_BYTES},
      {ADD_X, 0, 0, 0},
      {ST, 0, 0, PAYLOAD_BYTES}, // what is to be kept
      {JA, 0, 0, 2}, // 20: to the FIN
      {LD_MEM, 0, 0, HEADER_BYTES}, // 21: headers only
      {ST, 0, 0, PAYLOAD_BYTES},
      {LD_B_ABS, 0, 0, FLAGS}, // 23
      {JSET_K, 2, 0, FIN},
      {LD_MEM, 0, 0, PAYLOAD_BYTES},
      {RET_A, 0, 0, 0},
      {RET_K, 0, 0, 0}, // 27: drop
      {RET_K, 0, 0, KEEP_ALL}, // 28
    };
    return ClassicBpf.filter(program);
  }
}
