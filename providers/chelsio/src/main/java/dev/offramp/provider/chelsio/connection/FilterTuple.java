package dev.offramp.provider.chelsio.connection;

import dev.offramp.provider.chelsio.wire.CplL2tWriteReq;

/**
 * What the look-up engine compares besides the 4-tuple: the fields that TP_VLAN_PRI_MAP has turned
 * on, packed in the order of its bits ({@code cxgb4_select_ntuple}; t4_values.h, {@code FT_*_W}).
 *
 * <pre>
 *  bit    0     1    2     3     4    5         6          7         8       9
 *  field  FCOE  PORT VNIC  VLAN  TOS  PROTOCOL  ETHERTYPE  MACMATCH  MPSHIT  FRAGMENTATION
 *  width  1     3    17    17    8    8         16         9         3       1
 * </pre>
 */
final class FilterTuple {
  private static final int[] WIDTHS = {1, 3, 17, 17, 8, 8, 16, 9, 3, 1};
  private static final int PORT = 1;
  private static final int VLAN = 3;
  private static final int PROTOCOL = 5;
  private static final int VLAN_VALID = 1 << 16;
  private static final int PROTOCOL_TCP = 6;

  private FilterTuple() {}

  /**
   * The tuple of a TCP connection; what does not fit 32 bits is cut, as FW_OFLD_CONNECTION_WR has
   * no more.
   *
   * @param mode TP_VLAN_PRI_MAP
   * @param vlan tag control information, or {@link CplL2tWriteReq#VLAN_NONE}
   */
  static int of(int mode, int port, int vlan) {
    long tuple = 0;
    int shift = 0;
    for (int field = 0; field < WIDTHS.length; field++) {
      if ((mode >>> field & 1) != 0) {
        tuple |= value(field, port, vlan) << shift;
        shift += WIDTHS[field];
      }
    }
    return (int) tuple;
  }

  /** Whether the VLAN tag is among the fields. */
  static boolean comparesVlan(int mode) {
    return (mode >>> VLAN & 1) != 0;
  }

  private static long value(int field, int port, int vlan) {
    return switch (field) {
      case PORT -> port;
      case VLAN -> vlan == CplL2tWriteReq.VLAN_NONE ? 0 : VLAN_VALID | vlan;
      case PROTOCOL -> PROTOCOL_TCP;
      default -> 0;
    };
  }
}
