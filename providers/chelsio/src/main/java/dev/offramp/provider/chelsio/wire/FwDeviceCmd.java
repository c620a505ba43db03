package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * The commands for the whole adapter (t4fw_api.h {@code fw_hello_cmd}, {@code fw_reset_cmd}, {@code
 * fw_initialize_cmd}, {@code fw_bye_cmd}, {@code fw_caps_config_cmd}).
 *
 * <pre>
 * HELLO        8  err 31 | init 30 | masterdis 29 | masterforce 28 | mbmaster 27:24
 *                 | mbasyncnotint 23 | mbasyncnot 22:20 | stage 19:17 | clearinit 16
 *             12  fwrev
 * RESET        8  val: piorst 1 | piorstmode 0
 * CAPS_CONFIG 16  nbmcaps 18 linkcaps 20 switchcaps 24 niccaps 26 ofldcaps 28 rdmacaps
 *             30  cryptocaps 32 iscsicaps 34 fcoecaps
 * INITIALIZE, BYE  nothing
 * </pre>
 */
public final class FwDeviceCmd extends FwCommand {
  /** {@code FW_CAPS_CONFIG_OFLD}. */
  public static final int CAPS_OFLD = 1;

  /** {@code FW_CAPS_CONFIG_RDMA_RDDP} and {@code _RDMAC}. */
  public static final int CAPS_RDMA = 3;

  private static final Bits ERR = Bits.flag("FW_HELLO_CMD_ERR", 31);
  private static final Bits INIT = Bits.flag("FW_HELLO_CMD_INIT", 30);
  private static final Bits MBMASTER = new Bits("FW_HELLO_CMD_MBMASTER", 24, 4);
  private static final Bits MBASYNCNOT = new Bits("FW_HELLO_CMD_MBASYNCNOT", 20, 3);
  private static final Bits CLEARINIT = Bits.flag("FW_HELLO_CMD_CLEARINIT", 16);

  /** PIORSTMODE and PIORST of PL_RST. */
  private static final int PIO_RESET = 3;

  private static final int SMALL_BYTES = 16;
  private static final int CAPS_BYTES = 48;
  private static final int HELLO_FLAGS = 8;
  private static final int FWREV = 12;
  private static final int RESET_VAL = 8;
  private static final int OFLDCAPS = 26;
  private static final int RDMACAPS = 28;

  /**
   * HELLO: may become the master, if nobody is.
   *
   * @param mailbox where asynchronous events would go
   */
  public FwDeviceCmd hello(MemorySegment buffer, int mailbox) {
    begin(buffer, FW_HELLO_CMD, WRITE, 0, 0, SMALL_BYTES);
    putBe32(
        HELLO_FLAGS,
        MBMASTER.int32(MBMASTER.max()) | MBASYNCNOT.int32(mailbox) | CLEARINIT.int32(true));
    return this;
  }

  /** HELLO's answer: the adapter has failed. */
  public boolean isError() {
    return ERR.isSetIn(Integer.toUnsignedLong(be32(HELLO_FLAGS)));
  }

  /** HELLO's answer: the adapter has been initialized by somebody. */
  public boolean isInitialized() {
    return INIT.isSetIn(Integer.toUnsignedLong(be32(HELLO_FLAGS)));
  }

  /** HELLO's answer: the mailbox of the master. */
  public int master() {
    return MBMASTER.from(be32(HELLO_FLAGS));
  }

  /** HELLO's answer: the firmware's version, 0 when it does not say. */
  public int firmwareRevision() {
    return be32(FWREV);
  }

  /** RESET. */
  public FwDeviceCmd reset(MemorySegment buffer) {
    begin(buffer, FW_RESET_CMD, WRITE, 0, 0, SMALL_BYTES);
    putBe32(RESET_VAL, PIO_RESET);
    return this;
  }

  /** INITIALIZE. */
  public FwDeviceCmd initialize(MemorySegment buffer) {
    begin(buffer, FW_INITIALIZE_CMD, WRITE, 0, 0, SMALL_BYTES);
    return this;
  }

  /** BYE. */
  public FwDeviceCmd bye(MemorySegment buffer) {
    begin(buffer, FW_BYE_CMD, WRITE, 0, 0, SMALL_BYTES);
    return this;
  }

  /** CAPS_CONFIG: what the firmware's own configuration offers. */
  public FwDeviceCmd readCaps(MemorySegment buffer) {
    begin(buffer, FW_CAPS_CONFIG_CMD, READ, 0, 0, CAPS_BYTES);
    return this;
  }

  /**
   * CAPS_CONFIG: turns on what an answer to {@link #readCaps} offered, without the protocols that
   * nobody needs here.
   *
   * @param offered the answer's bytes
   */
  public FwDeviceCmd writeCaps(MemorySegment buffer, MemorySegment offered) {
    begin(buffer, FW_CAPS_CONFIG_CMD, WRITE, 0, 0, CAPS_BYTES);
    int first = 8;
    int last = RDMACAPS + Short.BYTES;
    MemorySegment.copy(offered, first, buffer, first, last - (long) first);
    return this;
  }

  /** CAPS_CONFIG's answer: offload of TCP. */
  public int offloadCaps() {
    return be16(OFLDCAPS);
  }

  /** CAPS_CONFIG's answer: RDMA. */
  public int rdmaCaps() {
    return be16(RDMACAPS);
  }
}
