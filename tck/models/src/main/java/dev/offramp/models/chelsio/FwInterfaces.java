package dev.offramp.models.chelsio;

import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.models.chelsio.ChelsioFaults.Command;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * FW_VI_CMD, FW_VI_MAC_CMD, FW_PORT_CMD and FW_CLIP_CMD: interfaces, their addresses, ports and the
 * table of local IPv6 addresses. For the model's thread.
 */
final class FwInterfaces {
  private static final int ALLOC = 31;
  private static final int FREE = 30;
  private static final int INTERFACE_VALID = 1 << 7;
  private static final int MAX_INTERFACES = 16;
  private static final int RSS_SLICE = 32;

  // FW_PORT_ACTION_*
  private static final int L1_CFG = 1;
  private static final int L2_CFG = 2;
  private static final int GET_INFO = 3;
  private static final int L1_CFG32 = 9;
  private static final int GET_INFO32 = 10;

  private static final int LINK_UP = 1 << 31;

  /** FW_PORT_CAP_SPEED_10G and _25G, as capability and as speed. */
  private static final int SPEED_10G = 0x8;

  private static final int SPEED_25G = 0x4;
  private static final int SPEED32_10G = 0x4;
  private static final int SPEED32_25G = 0x8;
  private static final int DEFAULT_MTU = 1500;

  private final Silicon silicon;

  /** Port by number of the interface. */
  private final Map<Integer, Integer> interfaces = new HashMap<>();

  private final Set<InetAddress> localAddresses = new HashSet<>();

  FwInterfaces(Silicon silicon) {
    this.silicon = silicon;
  }

  void clear() {
    interfaces.clear();
    localAddresses.clear();
  }

  int count() {
    return interfaces.size();
  }

  int localAddressCount() {
    return localAddresses.size();
  }

  /** Whether a local IPv6 address can be used by connections. */
  boolean hasLocal(InetAddress address) {
    return localAddresses.contains(address);
  }

  int execute(Command name, FwCommand command) {
    return switch (name) {
      case VI -> virtualInterface(command);
      case VI_MAC -> address(command);
      case PORT -> port(command);
      default -> clip(command);
    };
  }

  /** type and viid 11:0 at 8; mac 10; portid 7:4 at 16; rsssize 10:0 at 24. */
  private int virtualInterface(FwCommand command) {
    int named = command.get16(8) & 0xFFF;
    if (command.option(FREE)) {
      return interfaces.remove(named) != null
          ? FwError.SUCCESS
          : refused("VI " + named + " to be freed", "one that is there");
    }
    if (!command.option(ALLOC)) {
      return interfaces.containsKey(named) ? FwError.SUCCESS : FwError.EINVAL;
    }
    int port = command.get8(16) >>> 4;
    if (port >= silicon.options.ports()) {
      return refused("a VI on port " + port, "0.." + (silicon.options.ports() - 1));
    }
    for (int number = 0; number < MAX_INTERFACES; number++) {
      int id = silicon.options.function() << 8 | INTERFACE_VALID | number;
      if (!interfaces.containsKey(id)) {
        interfaces.put(id, port);
        MacAddress mac = silicon.options.macAddress(port);
        silicon.sourceMacs.put(silicon.chip.smtIndex(id), mac);
        command.put16(8, (command.get16(8) & ~0xFFF) | id);
        command.putMac(10, mac.value());
        command.put16(24, RSS_SLICE);
        return FwError.SUCCESS;
      }
    }
    return FwError.ENOMEM;
  }

  /** viid 11:0 at 0; valid 15, smac_result 11:10 and idx 9:0 at 8; mac 10. */
  private int address(FwCommand command) {
    int id = command.get32(0) & 0xFFF;
    if (!interfaces.containsKey(id)) {
      return refused("an address for VI " + id, "one that is there");
    }
    int entry = command.get16(8);
    boolean toSourceTable = Be.bits(entry, 11, 1) != 0;
    if (toSourceTable) {
      silicon.sourceMacs.put(silicon.chip.smtIndex(id), new MacAddress(command.mac(10)));
    }
    command.put16(8, 1 << 15 | (id & 0x7F));
    return FwError.SUCCESS;
  }

  /**
   * portid 3:0 at 0; action 31:16 at 4; for what comes back see struct fw_port_info and _info32.
   */
  private int port(FwCommand command) {
    int port = command.get32(0) & 0xF;
    if (port >= silicon.options.ports()) {
      return refused("port " + port, "0.." + (silicon.options.ports() - 1));
    }
    int action = command.get32(4) >>> 16;
    boolean t5 = silicon.chip == ChelsioChip.T5;
    return switch (action) {
      case L1_CFG, L2_CFG, L1_CFG32 -> FwError.SUCCESS;
      case GET_INFO -> {
        int speed = t5 ? SPEED_10G : SPEED_25G;
        command.put32(8, LINK_UP | speed << 24);
        command.put16(12, speed);
        command.put16(14, speed);
        command.put16(16, DEFAULT_MTU);
        yield FwError.SUCCESS;
      }
      case GET_INFO32 -> {
        int speed = t5 ? SPEED32_10G : SPEED32_25G;
        command.put32(8, LINK_UP);
        command.put32(12, DEFAULT_MTU);
        command.put32(16, speed);
        command.put32(20, speed);
        command.put32(24, speed);
        yield FwError.SUCCESS;
      }
      default -> FwError.EINVAL;
    };
  }

  /** The address at 8. */
  private int clip(FwCommand command) {
    InetAddress address = Addresses.at(command.segment(), 8, Addresses.V6_BYTES);
    if (command.option(FREE)) {
      return localAddresses.remove(address)
          ? FwError.SUCCESS
          : refused("CLIP entry " + address.getHostAddress() + " to be freed", "one that is there");
    }
    if (localAddresses.size() >= AdapterLayout.CLIP.size()) {
      return FwError.ENOMEM;
    }
    localAddresses.add(address);
    return FwError.SUCCESS;
  }

  private int refused(String seen, String expected) {
    silicon.violations.add(Violation.Kind.BAD_COMMAND, "mailbox", seen, expected);
    return FwError.EINVAL;
  }
}
