package dev.offramp.models.chelsio;

import dev.offramp.models.Faults;
import dev.offramp.models.chelsio.ChelsioFaults.Command;
import org.jspecify.annotations.Nullable;

/**
 * The firmware's side of the mailbox (t4fw_api.h; the order in which cxgb4_main.c's adap_init0 uses
 * it). Commands before HELLO, and queues before INITIALIZE, are refused with FW_EPROTO (model
 * decision: the driver never does that). For the model's thread.
 */
final class Firmware {
  private static final int FW_DEBUG_CMD = 0x81;
  private static final int INIT = 1 << 30;

  private final Silicon silicon;
  private final FwParams params;
  private final FwQueues queues;
  private final FwInterfaces interfaces;
  private boolean greeted;
  private boolean initialized;
  private int offloadCapabilities = 1;
  private int rdmaCapabilities = 3;

  Firmware(Silicon silicon) {
    this.silicon = silicon;
    this.params = new FwParams(silicon);
    this.queues = new FwQueues(silicon);
    this.interfaces = new FwInterfaces(silicon);
  }

  FwInterfaces interfaces() {
    return interfaces;
  }

  /** Whether connections can be offloaded, as FW_CAPS_CONFIG_CMD left it. */
  boolean offloads() {
    return initialized && (offloadCapabilities & 1) != 0;
  }

  /** Whether RDMA is on. */
  boolean hasRdma() {
    return offloads() && (rdmaCapabilities & 3) == 3;
  }

  /** Carries out what the driver has put into the mailbox. */
  void execute(byte[] bytes, Mailbox mailbox) {
    if (silicon.faults.at(ChelsioFaults.MAILBOX_SILENT) != Faults.NO_FAULT) {
      return;
    }
    FwCommand command = new FwCommand(bytes);
    if (silicon.faults.at(ChelsioFaults.MAILBOX_ASSERT) != Faults.NO_FAULT) {
      command.put8(0, FW_DEBUG_CMD);
      mailbox.answer(command.answer(FwError.EIO));
      return;
    }
    mailbox.answer(command.answer(result(command)));
  }

  private int result(FwCommand command) {
    Command name = name(command.opcode());
    if (name == null) {
      refused(command, "opcode [%02x]".formatted(command.opcode()), "one that firmware knows");
      return FwError.ENOSYS;
    }
    long fault = silicon.faults.at(ChelsioFaults.command(name));
    if (fault != Faults.NO_FAULT) {
      return (int) fault;
    }
    if (!command.isRequest() || !hasLength(command, name)) {
      refused(
          command,
          name + " with len16 " + command.len16(),
          "a request with len16 " + bytes(name) / 16);
      return FwError.EINVAL;
    }
    if (!greeted && name != Command.HELLO && name != Command.RESET) {
      refused(command, name + " before HELLO", "HELLO first");
      return FwError.EPROTO;
    }
    return switch (name) {
      case LDST -> indirect(command);
      case RESET -> reset();
      case HELLO -> hello(command);
      case BYE -> bye();
      case INITIALIZE -> initialize();
      case CAPS_CONFIG -> capabilities(command);
      case PARAMS -> params(command);
      case PFVF, VI_RXMODE, VI_ENABLE, RSS_IND_TBL, RSS_GLB_CONFIG, RSS_VI_CONFIG ->
          FwError.SUCCESS;
      case IQ, EQ_ETH, EQ_CTRL, EQ_OFLD ->
          initialized ? queues.execute(name, command) : early(command, name);
      case VI, VI_MAC, PORT, CLIP -> interfaces.execute(name, command);
    };
  }

  /**
   * VI_MAC has room for seven addresses and may be cut behind the last (t4_change_mac: len16 1).
   */
  private static boolean hasLength(FwCommand command, Command name) {
    return command.hasLength(bytes(name))
        || (name == Command.VI_MAC && command.len16() >= 1 && command.len16() * 16 <= bytes(name));
  }

  private int early(FwCommand command, Command name) {
    refused(command, name + " before INITIALIZE", "INITIALIZE first");
    return FwError.EPROTO;
  }

  private void refused(FwCommand command, String seen, String expected) {
    silicon.violations.add(
        Violation.Kind.BAD_COMMAND,
        "mailbox, opcode [%02x]".formatted(command.opcode()),
        seen,
        expected);
  }

  /** fwrev 12; ERR 31, INIT 30, MBMASTER 27:24 at 8. */
  private int hello(FwCommand command) {
    greeted = true;
    silicon.registers.setMaster(true);
    command.put32(8, (initialized ? INIT : 0) | silicon.options.function() << 24);
    command.put32(12, silicon.firmwareVersion());
    return FwError.SUCCESS;
  }

  private int bye() {
    greeted = false;
    silicon.registers.setMaster(false);
    return FwError.SUCCESS;
  }

  private int reset() {
    initialized = false;
    silicon.reset();
    silicon.registers.setMaster(greeted);
    return FwError.SUCCESS;
  }

  private int initialize() {
    initialized = true;
    silicon.registers.setInitialized(true);
    return FwError.SUCCESS;
  }

  /** ofldcaps 26, rdmacaps 28; the sums of the configuration file agree. */
  private int capabilities(FwCommand command) {
    if (command.isWrite()) {
      offloadCapabilities = command.get16(26);
      rdmaCapabilities = command.get16(28);
    } else {
      command.put16(24, 1);
      command.put16(26, offloadCapabilities);
      command.put16(28, rdmaCapabilities);
      command.put32(36, 0);
      command.put32(40, 0x0142_5001);
      command.put32(44, 0);
    }
    return FwError.SUCCESS;
  }

  /** Up to seven pairs of a name and a value from 8 on; a name of 0 ends them. */
  private int params(FwCommand command) {
    for (int i = 0; i < 7; i++) {
      int at = 8 + 8 * i;
      int name = command.get32(at);
      if (name == 0) {
        break;
      }
      if (command.isWrite()) {
        if (!params.write(name, command.get32(at + 4))) {
          return FwError.EINVAL;
        }
      } else {
        Integer value = params.read(name);
        if (value == null) {
          return FwError.EINVAL;
        }
        command.put32(at + 4, value);
      }
    }
    return FwError.SUCCESS;
  }

  /** TP_PIO through firmware: address 8, value 12. */
  private int indirect(FwCommand command) {
    int space = command.get32(0) & 0xFF;
    return switch (space) {
      case 0x10 -> {
        if (command.isWrite()) {
          silicon.registers.setIndirect(command.get32(8), command.get32(12));
        } else {
          command.put32(12, silicon.registers.indirect(command.get32(8)));
        }
        yield FwError.SUCCESS;
      }
      case 0x11, 0x12 -> {
        command.put32(12, 0);
        yield FwError.SUCCESS;
      }
      default -> FwError.EINVAL;
    };
  }

  private static @Nullable Command name(int opcode) {
    return switch (opcode) {
      case 0x01 -> Command.LDST;
      case 0x03 -> Command.RESET;
      case 0x04 -> Command.HELLO;
      case 0x05 -> Command.BYE;
      case 0x06 -> Command.INITIALIZE;
      case 0x07 -> Command.CAPS_CONFIG;
      case 0x08 -> Command.PARAMS;
      case 0x09 -> Command.PFVF;
      case 0x10 -> Command.IQ;
      case 0x12 -> Command.EQ_ETH;
      case 0x13 -> Command.EQ_CTRL;
      case 0x14 -> Command.VI;
      case 0x15 -> Command.VI_MAC;
      case 0x16 -> Command.VI_RXMODE;
      case 0x17 -> Command.VI_ENABLE;
      case 0x1B -> Command.PORT;
      case 0x20 -> Command.RSS_IND_TBL;
      case 0x21 -> Command.EQ_OFLD;
      case 0x22 -> Command.RSS_GLB_CONFIG;
      case 0x23 -> Command.RSS_VI_CONFIG;
      case 0x28 -> Command.CLIP;
      default -> null;
    };
  }

  /** The size of a command's structure (layouts of t4fw_api.h). */
  private static int bytes(Command name) {
    return switch (name) {
      case RESET, HELLO, BYE, INITIALIZE, VI_ENABLE, VI_RXMODE -> 16;
      case PFVF, EQ_CTRL, EQ_OFLD, PORT, RSS_GLB_CONFIG, RSS_VI_CONFIG, CLIP -> 32;
      case CAPS_CONFIG, EQ_ETH -> 48;
      case LDST, PARAMS, IQ, VI, VI_MAC, RSS_IND_TBL -> 64;
    };
  }
}
