package dev.offramp.models.intel;

import dev.offramp.api.descriptor.MacAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** ARP entries, local MAC addresses and accelerated ports. Sizes may be asked by any thread. */
final class LocalTables {
  private static final int MAC_ENTRIES = 64;

  /** A MAC address of a station: not zero, and no group address. */
  private static final long GROUP_BIT = 0x0100_0000_0000L;

  private final Map<Integer, MacAddress> arp = new ConcurrentHashMap<>();

  /** Entries that are allocated; zero until an address is put in. */
  private final Map<Integer, MacAddress> macs = new ConcurrentHashMap<>();

  private final Set<Integer> ports = ConcurrentHashMap.newKeySet();

  /** MANAGE_ARP: an entry comes, is replaced or goes. */
  void manageArp(long[] command) throws CommandException {
    int index = CommandFields.ARP_INDEX.getInt(command);
    if (CommandFields.ARP_VALID.isSet(command)) {
      arp.put(index, station(CommandFields.ARP_MAC.get(command), "ARP entry " + index));
    } else if (arp.remove(index) == null) {
      throw new CommandException(
          CommandCodes.MINOR_ID_UNKNOWN, "ARP entry [%d] is not there".formatted(index));
    }
  }

  /** The next hop's address; null when there is no such entry. */
  @Nullable MacAddress arp(int index) {
    return arp.get(index);
  }

  /** ALLOCATE_LOC_MAC_TABLE_ENTRY. */
  int allocateMac() throws CommandException {
    for (int index = 0; index < MAC_ENTRIES; index++) {
      if (macs.putIfAbsent(index, new MacAddress(0)) == null) {
        return index;
      }
    }
    throw new CommandException(
        CommandCodes.MINOR_ID_IN_USE, "all " + MAC_ENTRIES + " local MAC entries are in use");
  }

  /** MANAGE_LOC_MAC_TABLE: an address is put in, or the entry goes. */
  void manageMac(long[] command) throws CommandException {
    int index = CommandFields.MAC_INDEX.getInt(command);
    if (!macs.containsKey(index)) {
      throw new CommandException(
          CommandCodes.MINOR_ID_UNKNOWN, "local MAC entry [%d] is not allocated".formatted(index));
    }
    if (CommandFields.MAC_FREE.isSet(command)) {
      macs.remove(index);
    } else {
      macs.put(index, station(CommandFields.MAC_ADDRESS.get(command), "local MAC " + index));
    }
  }

  /** A local address; null when the entry has none. */
  @Nullable MacAddress mac(int index) {
    MacAddress mac = macs.get(index);
    return mac == null || mac.value() == 0 ? null : mac;
  }

  /** MANAGE_APBVT: a bit for each port. */
  void managePort(long[] command) throws CommandException {
    int port = CommandFields.PORT.getInt(command);
    if (CommandFields.ADDPORT.isSet(command)) {
      ports.add(port);
    } else if (!ports.remove(port)) {
      throw new CommandException(
          CommandCodes.MINOR_ID_UNKNOWN, "port [%d] is not accelerated".formatted(port));
    }
  }

  boolean isAccelerated(int port) {
    return ports.contains(port);
  }

  int arpCount() {
    return arp.size();
  }

  int macCount() {
    return macs.size();
  }

  int portCount() {
    return ports.size();
  }

  void clear() {
    arp.clear();
    macs.clear();
    ports.clear();
  }

  /** Refuses what is no station's address. */
  static MacAddress station(long value, String what) throws CommandException {
    MacAddress mac = new MacAddress(value);
    if (value == 0 || (value & GROUP_BIT) != 0) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD, "%s: [%s] is no station's address".formatted(what, mac));
    }
    return mac;
  }
}
