package dev.offramp.provider.intel.layout;

import dev.offramp.spi.port.DeviceWindow;
import java.lang.foreign.MemorySegment;

/**
 * What the control queue is created from: 64 bytes.
 *
 * <pre>
 * q0 | 39:32 CEQs per VF | 31:24 version | 11:8 size code | 4:3 protocol (2) | 2 RTO policy (2)
 *    | 1 packed FPDUs off
 * q1 | 63:9 address of the queue
 * q2 | 37:32 VFs | 2:0 HMC profile
 * q3 | context, given back in completions
 * q4 | 59:56 decrease factor (2) | 51:48 rate (2) | 31:16 major | 15:0 minor hardware version
 * q5 | 0
 * q6 | 63:48 RAI (2) | 47:32 HAI (2) | 15:0 T (2)
 * q7 | 63:32 period (2) | 31 congestion control given (2) | 27:25 F (2) | 24:0 B (2)
 * </pre>
 *
 * (2): E810 only. Source: irdma's ctrl.c, irdma_sc_cqp_init and irdma_sc_cqp_create.
 */
public final class CqpContext {
  public static final int BYTES = 64;

  public static final BitField IRDMA_CQPHC_DISABLE_PFPDUS = BitField.bit(1);
  public static final BitField IRDMA_CQPHC_ROCEV2_RTO_POLICY = BitField.bit(2);
  public static final BitField IRDMA_CQPHC_PROTOCOL_USED = BitField.bits(3, 4);
  public static final BitField IRDMA_CQPHC_SQSIZE = BitField.bits(8, 11);
  public static final BitField IRDMA_CQPHC_SVER = BitField.bits(24, 31);
  public static final BitField IRDMA_CQPHC_CEQPERVF = BitField.bits(32, 39);
  public static final BitField IRDMA_CQPHC_HMC_PROFILE = BitField.bits(0, 2);
  public static final BitField IRDMA_CQPHC_ENABLED_VFS = BitField.bits(32, 37);
  public static final BitField IRDMA_CQPHC_HW_MINVER = BitField.bits(0, 15);
  public static final BitField IRDMA_CQPHC_HW_MAJVER = BitField.bits(16, 31);
  public static final BitField IRDMA_CQPHC_MIN_RATE = BitField.bits(48, 51);
  public static final BitField IRDMA_CQPHC_MIN_DEC_FACTOR = BitField.bits(56, 59);
  public static final BitField IRDMA_CQPHC_DCQCN_T = BitField.bits(0, 15);
  public static final BitField IRDMA_CQPHC_HAI_FACTOR = BitField.bits(32, 47);
  public static final BitField IRDMA_CQPHC_RAI_FACTOR = BitField.bits(48, 63);
  public static final BitField IRDMA_CQPHC_DCQCN_B = BitField.bits(0, 24);
  public static final BitField IRDMA_CQPHC_DCQCN_F = BitField.bits(25, 27);
  public static final BitField IRDMA_CQPHC_CC_CFG_VALID = BitField.bit(31);
  public static final BitField IRDMA_CQPHC_RREDUCE_MPERIOD = BitField.bits(32, 63);

  private static final int CODE_OF_FOUR_ENTRIES = 1;

  private CqpContext() {}

  /** The parameters. For one thread. */
  public static final class Settings {
    /** A power of two, 4..2048. */
    public int entries;

    public long queueAddress;
    public int structVersion;
    public int majorVersion;
    public int minorVersion;
    public int hmcProfile;
    public int vfs;
    public int ceqsPerVf;
    public boolean disablePacked;
    public boolean rtoPolicy;

    /** E810: {@link #PROTOCOL_IWARP}. */
    public int protocol;

    public long context;
    public boolean congestionControlGiven;
    public int minDecreaseFactor;
    public int minRate;
    public int dcqcnF;
    public int raiFactor;
    public int haiFactor;
    public int dcqcnT;
    public int dcqcnB;
    public int reducePeriod;
  }

  /** {@code IRDMA_IWARP_PROTOCOL_ONLY}. */
  public static final int PROTOCOL_IWARP = 1;

  /** The size code of a control queue: log2 of its entries, less 1. */
  static int sizeCode(int entries) {
    return CODE_OF_FOUR_ENTRIES - 2 + Integer.SIZE - 1 - Integer.numberOfLeadingZeros(entries);
  }

  /**
   * Has the device create the control queue, or, with address 0, destroy it. The lower half starts
   * it.
   */
  public static void create(Generation generation, DeviceWindow window, long contextAddress) {
    window.fence();
    window.write32(
        Registers.BAR, generation.registers().ccqpHigh(), (int) (contextAddress >>> Integer.SIZE));
    window.write32(Registers.BAR, generation.registers().ccqpLow(), (int) contextAddress);
  }

  /** Writes all 64 bytes. */
  public static void write(
      Generation generation, MemorySegment memory, long offset, Settings settings) {
    boolean second = !generation.isFirst();
    Words.put(
        memory,
        offset,
        IRDMA_CQPHC_SQSIZE.of(sizeCode(settings.entries))
            | IRDMA_CQPHC_SVER.of(settings.structVersion)
            | IRDMA_CQPHC_DISABLE_PFPDUS.of(settings.disablePacked)
            | IRDMA_CQPHC_CEQPERVF.of(settings.ceqsPerVf)
            | (second
                ? IRDMA_CQPHC_ROCEV2_RTO_POLICY.of(settings.rtoPolicy)
                    | IRDMA_CQPHC_PROTOCOL_USED.of(settings.protocol)
                : 0));
    Words.put(memory, offset + CqpWqe.Q1, settings.queueAddress);
    Words.put(
        memory,
        offset + CqpWqe.Q2,
        IRDMA_CQPHC_ENABLED_VFS.of(settings.vfs) | IRDMA_CQPHC_HMC_PROFILE.of(settings.hmcProfile));
    Words.put(memory, offset + CqpWqe.HEADER, settings.context);
    Words.put(
        memory,
        offset + CqpWqe.Q4,
        IRDMA_CQPHC_HW_MAJVER.of(settings.majorVersion)
            | IRDMA_CQPHC_HW_MINVER.of(settings.minorVersion)
            | (second
                ? IRDMA_CQPHC_MIN_RATE.of(settings.minRate)
                    | IRDMA_CQPHC_MIN_DEC_FACTOR.of(settings.minDecreaseFactor)
                : 0));
    Words.put(memory, offset + CqpWqe.Q5, 0);
    Words.put(
        memory,
        offset + CqpWqe.Q6,
        second
            ? IRDMA_CQPHC_DCQCN_T.of(settings.dcqcnT)
                | IRDMA_CQPHC_RAI_FACTOR.of(settings.raiFactor)
                | IRDMA_CQPHC_HAI_FACTOR.of(settings.haiFactor)
            : 0);
    Words.put(
        memory,
        offset + CqpWqe.Q7,
        second
            ? IRDMA_CQPHC_DCQCN_B.of(settings.dcqcnB)
                | IRDMA_CQPHC_DCQCN_F.of(settings.dcqcnF)
                | IRDMA_CQPHC_CC_CFG_VALID.of(settings.congestionControlGiven)
                | IRDMA_CQPHC_RREDUCE_MPERIOD.of(settings.reducePeriod)
            : 0);
  }
}
