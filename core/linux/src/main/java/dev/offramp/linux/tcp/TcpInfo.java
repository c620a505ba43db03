package dev.offramp.linux.tcp;

import dev.offramp.api.descriptor.TcpState;
import dev.offramp.linux.libc.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * {@code struct tcp_info} (include/uapi/linux/tcp.h). Kernels have lengthened it many times, so
 * whoever asks for a word must be ready for {@link #ABSENT}.
 */
public final class TcpInfo {
  /** What an accessor returns when this kernel's structure ends before the word. */
  public static final long ABSENT = -1;

  /** {@code TCP_INFINITE_SSTHRESH} (include/net/tcp.h): no loss so far. */
  public static final long INFINITE_SSTHRESH = 0x7FFF_FFFFL;

  private static final int MAX_BYTES = 512;
  private static final int STATE = 0;
  private static final int OPTIONS = 5;
  private static final int SCALES = 6;
  private static final int RTO = 8;
  private static final int SND_MSS = 16;
  private static final int PMTU = 60;
  private static final int RTT = 68;
  private static final int RTTVAR = 72;
  private static final int SND_SSTHRESH = 76;
  private static final int SND_CWND = 80;
  private static final int TOTAL_RETRANS = 100;
  private static final int BYTES_ACKED = 120;
  private static final int BYTES_RECEIVED = 128;
  private static final int NOTSENT_BYTES = 144;
  private static final int SND_WND = 228;
  private static final int RCV_WND = 232;

  private static final int OPTION_TIMESTAMPS = 1;
  private static final int OPTION_SACK = 2;
  private static final int OPTION_WSCALE = 4;
  private static final int OPTION_ECN = 8;

  private final ByteBuffer bytes;

  private TcpInfo(byte[] bytes) {
    this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
  }

  /** Asks the kernel. Works in every state, without privilege. */
  public static TcpInfo of(OsSocket socket) throws LinuxException {
    return new TcpInfo(socket.getBytes(Opt.TCP_INFO, MAX_BYTES));
  }

  /** How much this kernel gives. */
  public int lengthBytes() {
    return bytes.capacity();
  }

  /** The state; include/net/tcp_states.h. */
  public TcpState state() {
    return switch (u8(STATE)) {
      case 1 -> TcpState.ESTABLISHED;
      case 2 -> TcpState.SYN_SENT;
      case 3, 12 -> TcpState.SYN_RECEIVED;
      case 4 -> TcpState.FIN_WAIT_1;
      case 5 -> TcpState.FIN_WAIT_2;
      case 6 -> TcpState.TIME_WAIT;
      case 8 -> TcpState.CLOSE_WAIT;
      case 9 -> TcpState.LAST_ACK;
      case 10 -> TcpState.LISTEN;
      case 11 -> TcpState.CLOSING;
      default -> TcpState.CLOSED;
    };
  }

  public boolean timestamps() {
    return has(OPTION_TIMESTAMPS);
  }

  public boolean sack() {
    return has(OPTION_SACK);
  }

  public boolean windowScaling() {
    return has(OPTION_WSCALE);
  }

  public boolean ecn() {
    return has(OPTION_ECN);
  }

  /** Bit fields fill from the low end on little-endian machines, the only ones supported. */
  public int sendScale() {
    return u8(SCALES) & 0xF;
  }

  public int receiveScale() {
    return u8(SCALES) >> 4;
  }

  public long rtoMicros() {
    return u32(RTO);
  }

  public long sendMssBytes() {
    return u32(SND_MSS);
  }

  public long pathMtuBytes() {
    return u32(PMTU);
  }

  /** 0: no sample yet. */
  public long rttMicros() {
    return u32(RTT);
  }

  public long rttvarMicros() {
    return u32(RTTVAR);
  }

  /** In segments. */
  public long ssthreshSegments() {
    return u32(SND_SSTHRESH);
  }

  /** In segments. */
  public long cwndSegments() {
    return u32(SND_CWND);
  }

  public long totalRetransmissions() {
    return u32(TOTAL_RETRANS);
  }

  /** Bytes written and never sent, as SIOCOUTQNSD has it; {@link #ABSENT} before Linux 4.6. */
  public long notSentBytes() {
    return u32(NOTSENT_BYTES);
  }

  /**
   * Whether no byte has come in, been acknowledged, written or sent between two looks at one
   * socket. The two counters move with every step of rcv_nxt and snd_una.
   */
  boolean sameBytesAs(TcpInfo earlier) {
    return state() == earlier.state()
        && u64(BYTES_ACKED) == earlier.u64(BYTES_ACKED)
        && u64(BYTES_RECEIVED) == earlier.u64(BYTES_RECEIVED)
        && notSentBytes() == earlier.notSentBytes();
  }

  /** Whether {@link #sameBytesAs} can be answered: Linux 4.6 and newer. */
  boolean countsBytes() {
    return bytes.capacity() >= NOTSENT_BYTES + Integer.BYTES;
  }

  public long sendWindowBytes() {
    return u32(SND_WND);
  }

  public long receiveWindowBytes() {
    return u32(RCV_WND);
  }

  private boolean has(int option) {
    return (u8(OPTIONS) & option) != 0;
  }

  private int u8(int offset) {
    return offset < bytes.capacity() ? Byte.toUnsignedInt(bytes.get(offset)) : 0;
  }

  private long u64(int offset) {
    return offset + Long.BYTES <= bytes.capacity() ? bytes.getLong(offset) : ABSENT;
  }

  private long u32(int offset) {
    return offset + Integer.BYTES <= bytes.capacity()
        ? Integer.toUnsignedLong(bytes.getInt(offset))
        : ABSENT;
  }
}
