package dev.offramp.provider.intel;

import dev.offramp.provider.intel.layout.CqpNet;
import java.io.IOException;

/**
 * The device's tables of next hops, local ports and own MAC addresses, which connections share.
 * Safe for several threads.
 */
final class AddressTables {
  private final ControlQueue control;
  private final SharedEntries nextHops;
  private final SharedEntries ports;
  private final SharedEntries ownMacs;

  /**
   * Empty tables.
   *
   * @param nextHopLimit how many next hops the device has room for
   */
  AddressTables(ControlQueue control, int nextHopLimit) {
    this.control = control;
    this.nextHops = new SharedEntries(nextHopTable(nextHopLimit));
    this.ports = new SharedEntries(portTable());
    this.ownMacs = new SharedEntries(ownMacTable());
  }

  /** Next hops, by MAC address (MANAGE_ARP). */
  SharedEntries nextHops() {
    return nextHops;
  }

  /** Local ports whose segments concern the device at all (MANAGE_APBVT). */
  SharedEntries ports() {
    return ports;
  }

  /** Own MAC addresses, which X722 wants in a table of its own. */
  SharedEntries ownMacs() {
    return ownMacs;
  }

  private SharedEntries.Table nextHopTable(int limit) {
    IdPool places = new IdPool("next hops", 0, limit);
    return new SharedEntries.Table() {
      @Override
      public int add(long mac) throws IOException {
        int place = places.take();
        try {
          change(place, mac);
          return place;
        } catch (CommandException | RuntimeException e) {
          places.giveBack(place);
          throw e;
        }
      }

      @Override
      public void change(int place, long mac) throws CommandException {
        control.run(
            "MANAGE_ARP " + place,
            (ring, wqe, valid) ->
                CqpNet.addArp(
                    ring, wqe, place, mac, /* reachMax= */ 0, /* permanent= */ true, valid));
      }

      @Override
      public void remove(int place, long mac) throws CommandException {
        control.insist(
            "MANAGE_ARP " + place, (ring, wqe, valid) -> CqpNet.deleteArp(ring, wqe, place, valid));
        places.giveBack(place);
      }
    };
  }

  private SharedEntries.Table portTable() {
    return new SharedEntries.Table() {
      @Override
      public int add(long port) throws CommandException {
        control.run("MANAGE_APBVT " + port, command(port, true));
        return 0;
      }

      @Override
      public void remove(int place, long port) throws CommandException {
        control.insist("MANAGE_APBVT " + port, command(port, false));
      }

      private ControlQueue.Command command(long port, boolean add) {
        return (ring, wqe, valid) -> CqpNet.port(ring, wqe, (int) port, add, valid);
      }
    };
  }

  private SharedEntries.Table ownMacTable() {
    return new SharedEntries.Table() {
      @Override
      public int add(long mac) throws CommandException {
        int result = control.run("ALLOCATE_LOC_MAC_TABLE_ENTRY", CqpNet::allocateLocalMac);
        int index = CqpNet.IRDMA_CQPSQ_MLM_TABLEIDX.intIn(result);
        try {
          control.run(
              "MANAGE_LOC_MAC_TABLE " + index,
              (ring, wqe, valid) -> CqpNet.addLocalMac(ring, wqe, index, mac, valid));
          return index;
        } catch (CommandException | RuntimeException e) {
          try {
            remove(index, mac);
          } catch (CommandException | RuntimeException also) {
            e.addSuppressed(also);
          }
          throw e;
        }
      }

      @Override
      public void remove(int index, long mac) throws CommandException {
        control.insist(
            "MANAGE_LOC_MAC_TABLE " + index,
            (ring, wqe, valid) ->
                CqpNet.deleteLocalMac(ring, wqe, index, /* ignoreUses= */ false, valid));
      }
    };
  }
}
