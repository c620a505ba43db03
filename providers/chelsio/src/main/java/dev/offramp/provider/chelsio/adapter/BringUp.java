package dev.offramp.provider.chelsio.adapter;

import dev.offramp.provider.chelsio.wire.FwDeviceCmd;
import dev.offramp.provider.chelsio.wire.FwParamsCmd;
import dev.offramp.provider.chelsio.wire.FwParamsCmd.Param;
import dev.offramp.provider.chelsio.wire.MtuTable;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.OutOfDeviceMemoryException;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Brings an adapter up as the vendor's driver does without a configuration file: HELLO, RESET,
 * CAPS_CONFIG, INITIALIZE, parameters, a virtual interface, queues (cxgb4_main.c, {@code
 * adap_init0}). Either all of it is there in the end or nothing.
 */
public final class BringUp {
  /** The only major version that firmware of T5 and T6 ever had (t4fw_version.h). */
  private static final int FIRMWARE_MAJOR = 1;

  private static final int REGISTER_BYTES = Registers.PL_REV + Integer.BYTES;
  private static final int EGRSTATUSPAGESIZE = 1 << 17;
  private static final int PAGE_SHIFT_BASE = 10;
  private static final int MTU_INDEX_READ = 0xFF << 24;
  private static final int MTU_VALUE_MASK = 0x3FFF;

  /** The field L2T_IDX has twelve bits (t4_msg.h, opt0). */
  private static final int MAX_NEXT_HOP = 0xFFF;

  private static final int MIN_FREE_LIST_BYTES = 512;
  private static final int MAX_FREE_LIST_BYTES = 1 << 16;

  private final DriverContext context;
  private final DeviceWindow window;
  private final Chip chip;
  private final int pf;
  private final Mailbox mailbox;
  private final Undo undo = new Undo();

  private BringUp(DriverContext context, long replyNanos) throws RnicException {
    this.context = context;
    this.window = context.window();
    this.chip = Chip.of(context.device());
    requireBars();
    int whoAmI = window.read32(Registers.BAR0, Registers.PL_WHOAMI);
    if (whoAmI == Registers.ALL_ONES) {
      throw Mailbox.gone(context.device().name(), "PL_WHOAMI");
    }
    this.pf = chip.function(whoAmI);
    this.mailbox = new Mailbox(window, pf, context::nanoTime, replyNanos, context.device().name());
  }

  /**
   * Brings one up.
   *
   * @param port which of its ports to use
   * @param replyNanos how long an answer may take
   * @param random where STags come from
   * @throws RnicException when it does not come up; nothing is left behind
   */
  public static Adapter open(
      DriverContext context, int port, long replyNanos, RandomGenerator random)
      throws RnicException {
    BringUp bringUp = new BringUp(context, replyNanos);
    try {
      return bringUp.run(port, replyNanos, random);
    } catch (RnicException | RuntimeException e) {
      bringUp.undo.run(context.logger());
      if (e instanceof OutOfDeviceMemoryException memory) {
        throw new RnicException(
            "device [%s]: %s".formatted(context.device().name(), memory.getMessage()), memory);
      }
      if (e instanceof IllegalArgumentException) {
        // A number of firmware's or of a register's has no room where it has to go.
        throw new RnicException(
            "device [%s]: firmware or registers give what cannot be: %s; reset the adapter"
                .formatted(context.device().name(), e.getMessage()),
            e);
      }
      throw e;
    }
  }

  private void requireBars() throws RnicException {
    long registers = window.sizeBytes(Registers.BAR0);
    long doorbells = window.sizeBytes(2);
    if (registers < REGISTER_BYTES || doorbells == 0) {
      throw new RnicException(
          "device [%s]: BAR0 of [%d] bytes and BAR2 of [%d], expected at least [%d] and doorbells"
              .formatted(context.device().name(), registers, doorbells, REGISTER_BYTES));
    }
  }

  private Adapter run(int portNumber, long replyNanos, RandomGenerator random)
      throws RnicException {
    hello();
    Map<Param, Integer> values = askAll();
    requireFirmware(values.getOrDefault(Param.FWREV, 0));
    requirePort(portNumber, values.getOrDefault(Param.PORTVEC, 0));
    MtuTable mtus = readMtus();
    Parameters parameters = parameters(values, mtus);
    Port port = Port.open(mailbox, pf, portNumber, mtus.mtuBytes(MtuTable.ENTRIES - 1), undo);
    Queues queues = Queues.make(window, mailbox, parameters, port, undo);
    Adapter adapter =
        new Adapter(context, parameters, mailbox, port, queues, undo, replyNanos, random);
    adapter.start();
    adapter.requireUp();
    return adapter;
  }

  /** Meets the firmware, and has it initialize the adapter where nobody has. */
  private void hello() throws RnicException {
    FwDeviceCmd hello = mailbox.execute(new FwDeviceCmd().hello(Mailbox.buffer(), pf), "HELLO");
    undo.add(this::bye);
    if (hello.isError()) {
      throw new RnicException(
          "device [%s]: HELLO says that the firmware has failed; reset the adapter"
              .formatted(context.device().name()));
    }
    boolean initialized = hello.isInitialized();
    if (!initialized && hello.master() != pf) {
      throw new RnicException(
          ("device [%s]: function [%d] is the master and has not initialized the adapter, this is"
                  + " function [%d]; load its driver first")
              .formatted(context.device().name(), hello.master(), pf));
    }
    if (!initialized) {
      mailbox.execute(new FwDeviceCmd().reset(Mailbox.buffer()), "RESET");
    }
    MemorySegment offered = Mailbox.buffer();
    FwDeviceCmd caps = mailbox.execute(new FwDeviceCmd().readCaps(offered), "CAPS_CONFIG read");
    if ((caps.offloadCaps() & FwDeviceCmd.CAPS_OFLD) == 0
        || (caps.rdmaCaps() & FwDeviceCmd.CAPS_RDMA) != FwDeviceCmd.CAPS_RDMA) {
      throw new RnicException(
          "device [%s]: firmware offers offload [%#x] and RDMA [%#x], expected 1 and 3; load a"
                  .formatted(context.device().name(), caps.offloadCaps(), caps.rdmaCaps())
              + " firmware configuration with RDMA");
    }
    if (!initialized) {
      mailbox.execute(new FwDeviceCmd().writeCaps(Mailbox.buffer(), offered), "CAPS_CONFIG write");
      mailbox.execute(new FwDeviceCmd().initialize(Mailbox.buffer()), "INITIALIZE");
    }
  }

  private void bye() {
    mailbox.takeBack(new FwDeviceCmd().bye(Mailbox.buffer()), "BYE");
  }

  private Map<Param, Integer> askAll() throws RnicException {
    Map<Param, Integer> values = new EnumMap<>(Param.class);
    ask(values, List.of(Param.FWREV, Param.PORTVEC, Param.NTID));
    ask(values, List.of(Param.L2T_START, Param.L2T_END, Param.SQRQ_START, Param.SQRQ_END));
    ask(values, List.of(Param.CQ_START, Param.CQ_END, Param.STAG_START, Param.STAG_END));
    ask(values, List.of(Param.PBL_START, Param.PBL_END, Param.RQ_START, Param.RQ_END));
    ask(values, List.of(Param.ACTIVE_FILTER_START, Param.ACTIVE_FILTER_END));
    // Older firmware does not know these; the vendor's driver goes on without them.
    tryAsk(values, List.of(Param.MAXORDIRD_QP, Param.MAXIRD_ADAPTER));
    tryAsk(values, List.of(Param.FILTER_MODE_MASK));
    return values;
  }

  private void ask(Map<Param, Integer> values, List<Param> params) throws RnicException {
    FwParamsCmd command = question(params);
    mailbox.execute(command, "PARAMS " + params);
    collect(values, params, command);
  }

  private void tryAsk(Map<Param, Integer> values, List<Param> params) throws RnicException {
    FwParamsCmd command = question(params);
    if (mailbox.tryExecute(command, "PARAMS " + params) == 0) {
      collect(values, params, command);
    }
  }

  private FwParamsCmd question(List<Param> params) {
    FwParamsCmd command = new FwParamsCmd().query(Mailbox.buffer(), pf);
    params.forEach(command::add);
    return command;
  }

  private static void collect(Map<Param, Integer> values, List<Param> params, FwParamsCmd answer) {
    for (int i = 0; i < params.size(); i++) {
      values.put(params.get(i), answer.value(i));
    }
  }

  private void requireFirmware(int revision) throws RnicException {
    if (revision >>> 24 != FIRMWARE_MAJOR) {
      throw new RnicException(
          "device [%s]: firmware version [%d.%d.%d.%d], expected 1.x; load the vendor's firmware"
              .formatted(
                  context.device().name(),
                  revision >>> 24,
                  revision >>> 16 & 0xFF,
                  revision >>> 8 & 0xFF,
                  revision & 0xFF));
    }
  }

  private void requirePort(int port, int vector) throws RnicException {
    if ((vector >>> port & 1) == 0) {
      throw new RnicException(
          "device [%s]: setting [chelsio.port] is [%d], expected one of the ports with a bit in [%#x]"
              .formatted(context.device().name(), port, vector));
    }
  }

  private Parameters parameters(Map<Param, Integer> values, MtuTable mtus) throws RnicException {
    Values of = new Values(values);
    int freeListBytes = window.read32(Registers.BAR0, Registers.SGE_FL_BUFFER_SIZE0);
    if (freeListBytes < MIN_FREE_LIST_BYTES || freeListBytes > MAX_FREE_LIST_BYTES) {
      throw new RnicException(
          "device [%s]: SGE_FL_BUFFER_SIZE0 is [%d], expected %d..%d"
              .formatted(
                  context.device().name(),
                  freeListBytes,
                  MIN_FREE_LIST_BYTES,
                  MAX_FREE_LIST_BYTES));
    }
    int tids = of.value(Param.NTID);
    return new Parameters(
        chip,
        pf,
        of.value(Param.FWREV),
        of.value(Param.PORTVEC),
        tids,
        Math.min(of.value(Param.MAXORDIRD_QP, Values.DEFAULT_READ_DEPTH), Values.MAX_READ_DEPTH),
        of.value(Param.MAXIRD_ADAPTER, Values.MAX_READ_DEPTH * tids),
        nextHops(of),
        required(of, Param.SQRQ_START, Param.SQRQ_END),
        required(of, Param.CQ_START, Param.CQ_END),
        required(of, Param.STAG_START, Param.STAG_END),
        required(of, Param.PBL_START, Param.PBL_END),
        required(of, Param.RQ_START, Param.RQ_END),
        // cxgb4_main.c: the firmware makes connections itself when these differ.
        of.value(Param.ACTIVE_FILTER_START) != of.value(Param.ACTIVE_FILTER_END),
        filterMode(values),
        (window.read32(Registers.BAR0, Registers.SGE_CONTROL) & EGRSTATUSPAGESIZE) != 0 ? 2 : 1,
        PAGE_SHIFT_BASE + ofFunction(Registers.SGE_HOST_PAGE_SIZE),
        ofFunction(Registers.SGE_EGRESS_QUEUES_PER_PAGE_PF),
        ofFunction(Registers.SGE_INGRESS_QUEUES_PER_PAGE_PF),
        freeListBytes,
        mtus);
  }

  private Range required(Values values, Param start, Param end) throws RnicException {
    Range range = new Range(values.value(start), values.value(end));
    // Adapter memory may lie above 2 GiB, so the numbers count as unsigned.
    if (range.size() < 2 || Integer.compareUnsigned(range.start(), range.end()) >= 0) {
      throw new RnicException(
          "device [%s]: firmware gives this function [%s..%s] = [%s], expected some"
              .formatted(context.device().name(), start, end, range));
    }
    return range;
  }

  private Range nextHops(Values values) throws RnicException {
    Range range = required(values, Param.L2T_START, Param.L2T_END);
    if (Integer.compareUnsigned(range.end(), MAX_NEXT_HOP) > 0) {
      throw new RnicException(
          "device [%s]: firmware gives this function next hops [%s], expected some of 0..%d"
              .formatted(context.device().name(), range, MAX_NEXT_HOP));
    }
    return range;
  }

  private int filterMode(Map<Param, Integer> values) {
    Integer modeAndMask = values.get(Param.FILTER_MODE_MASK);
    if (modeAndMask != null) {
      return modeAndMask >>> Short.SIZE;
    }
    window.write32(Registers.BAR0, Registers.TP_PIO_ADDR, Registers.TP_VLAN_PRI_MAP);
    return window.read32(Registers.BAR0, Registers.TP_PIO_DATA);
  }

  private int ofFunction(int register) {
    return window.read32(Registers.BAR0, register) >>> (4 * pf) & 0xF;
  }

  private MtuTable readMtus() {
    int[] mtus = new int[MtuTable.ENTRIES];
    for (int i = 0; i < mtus.length; i++) {
      window.write32(Registers.BAR0, Registers.TP_MTU_TABLE, MTU_INDEX_READ | i);
      mtus[i] = window.read32(Registers.BAR0, Registers.TP_MTU_TABLE) & MTU_VALUE_MASK;
    }
    return new MtuTable(mtus);
  }

  /** What firmware has answered. */
  private record Values(Map<Param, Integer> map) {
    /**
     * iw_cxgb4 takes 8 where firmware does not say, and 32 at most ({@code c4iw_max_read_depth}).
     */
    static final int DEFAULT_READ_DEPTH = 8;

    static final int MAX_READ_DEPTH = 32;

    int value(Param param) {
      return value(param, 0);
    }

    int value(Param param, int byDefault) {
      return map.getOrDefault(param, byDefault);
    }
  }
}
