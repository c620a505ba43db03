package dev.offramp.models.chelsio;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What FW_PARAMS_CMD tells and takes (t4fw_api.h, enum fw_params_param_dev and _pfvf). A parameter
 * is named by mnem 31:24, x 23:16, y 15:8 and z 7:0. For the model's thread.
 */
final class FwParams {
  private static final int DEV = 1;
  private static final int PFVF = 2;
  private static final int DMAQ = 4;

  private static final int DEV_FWREV = 0x0B;
  private static final int DEV_FILTER = 0x2E;
  private static final int FILTER_MODE_MASK = 1;
  private static final int EQ_CMPLIQID_CTRL = 0x11;
  private static final int CPLFW4MSG_ENCAP = 0x31;
  private static final int PORT_CAPS32 = 0x3A;

  private static final int CORE_CLOCK_KHZ = 312_500;
  private static final int TP_VERSION = 0x0001_2300;
  private static final int CONFIG_FILE_IN_FLASH = 4 << 16;

  private final Silicon silicon;
  private final Map<Integer, Integer> device = new HashMap<>();
  private final Map<Integer, Integer> function = new HashMap<>();

  FwParams(Silicon silicon) {
    this.silicon = silicon;
    ChelsioOptions options = silicon.options;
    device.put(0x00, CORE_CLOCK_KHZ);
    device.put(0x01, (1 << options.ports()) - 1); // PORTVEC
    device.put(0x02, options.tids()); // NTID
    device.put(0x03, 0); // FLOWC_BUFFIFO_SZ
    device.put(0x0C, TP_VERSION);
    device.put(0x0D, CONFIG_FILE_IN_FLASH);
    device.put(0x13, options.maxReadDepth()); // MAXORDIRD_QP
    device.put(0x14, options.adapterReadDepth()); // MAXIRD_ADAPTER
    device.put(0x17, 1); // ULPTX_MEMWRITE_DSGL
    device.put(0x1A, 1); // SCFGREV
    device.put(0x1B, 1); // VPDREV
    device.put(0x1C, 1); // RI_FR_NSMR_TPTE_WR
    device.put(0x21, 0); // RDMA_WRITE_WITH_IMM: not modelled
    device.put(0x24, silicon.chip == ChelsioChip.T6 ? 1 : 0); // RI_WRITE_CMPL_WR
    range(0x03, AdapterLayout.CLIP);
    range(0x05, AdapterLayout.FILTER);
    range(0x07, AdapterLayout.SERVER);
    range(0x09, AdapterLayout.NONE); // TDDP
    range(0x0B, AdapterLayout.NONE); // ISCSI
    range(0x0D, AdapterLayout.STAG);
    function.put(0x1F, AdapterLayout.RQ.start()); // RQ_START is 0x1f, not 0x0f
    function.put(0x10, AdapterLayout.RQ.end());
    range(0x11, AdapterLayout.PBL);
    range(0x13, AdapterLayout.L2T);
    range(0x15, AdapterLayout.SQRQ);
    range(0x17, AdapterLayout.CQ);
    range(0x19, AdapterLayout.NONE); // SRQ
    range(0x26, AdapterLayout.NONE); // OCQ
    range(0x29, AdapterLayout.IQ); // IQFLINT
    range(0x2B, AdapterLayout.EQ);
    range(0x2D, AdapterLayout.ACTIVE_FILTER);
    range(0x2F, AdapterLayout.NONE); // ETHOFLD
    range(0x32, AdapterLayout.NONE); // HPFILTER
  }

  private void range(int start, AdapterLayout.Range range) {
    function.put(start, range.start());
    function.put(start + 1, range.end());
  }

  /** A parameter's value; null when there is none. */
  @Nullable Integer read(int name) {
    int x = Be.bits(name, 16, 8);
    return switch (name >>> 24) {
      case DEV -> readDevice(x, Be.bits(name, 8, 8));
      case PFVF -> function.get(x);
      default -> null;
    };
  }

  private @Nullable Integer readDevice(int x, int y) {
    return switch (x) {
      case DEV_FWREV -> silicon.firmwareVersion();
      case DEV_FILTER ->
          y == FILTER_MODE_MASK
              ? silicon.registers.indirect(Registers.TP_VLAN_PRI_MAP) << 16
                  | silicon.registers.indirect(Registers.TP_VLAN_PRI_MAP)
              : silicon.registers.indirect(Registers.TP_INGRESS_CONFIG);
      default -> device.get(x);
    };
  }

  /** Sets a parameter; false when it cannot be set. */
  boolean write(int name, int value) {
    int x = Be.bits(name, 16, 8);
    return switch (name >>> 24) {
      case PFVF -> x == CPLFW4MSG_ENCAP || x == PORT_CAPS32;
      case DMAQ -> x == EQ_CMPLIQID_CTRL && setReplyQueue(name & 0xFFFF, value);
      default -> false;
    };
  }

  private boolean setReplyQueue(int egress, int ingress) {
    EgressQueue queue = silicon.queues.egress(egress);
    if (queue == null || silicon.queues.ingress(ingress) == null) {
      return false;
    }
    queue.setReplyQueue(ingress);
    return true;
  }
}
