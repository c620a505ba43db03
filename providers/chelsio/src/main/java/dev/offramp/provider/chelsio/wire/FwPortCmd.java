package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * The commands for a port, its virtual interface and its addresses (t4fw_api.h {@code fw_port_cmd},
 * {@code fw_vi_cmd}, {@code fw_vi_mac_cmd}, {@code fw_vi_rxmode_cmd}, {@code fw_vi_enable_cmd},
 * {@code fw_clip_cmd}).
 *
 * <pre>
 * PORT       0  portid 3:0     4  action 31:16     l1cfg: 8 rcap     info: 12 pcap  14 acap
 * VI         0  pfn 10:8       4  alloc 31 | free 30
 *            8  viid 11:0     10  mac       16  portid 7:4    17  nmac
 * VI_MAC     0  viid 11:0      8  valid 15 | result 11:10 | idx 9:0     10  macaddr
 * VI_RXMODE  0  viid 11:0      8  mtu 31:16 | promiscen 15:14 | allmultien 13:12
 *                                 | broadcasten 11:10 | vlanexen 9:8
 * VI_ENABLE  0  viid 11:0      4  ien 31 | een 30
 * CLIP                         4  alloc 31 | free 30     8  ip_hi    16  ip_lo
 * </pre>
 */
public final class FwPortCmd extends FwCommand {
  private static final int PORT_BYTES = 32;
  private static final int VI_BYTES = 64;
  private static final int MAC_BYTES = 16;
  private static final int MODE_BYTES = 16;
  private static final int CLIP_BYTES = 32;

  private static final int ALLOC = 1 << 31;
  private static final int FREE = 1 << 30;
  private static final int ENABLE_BOTH = 3 << 30;

  private static final Bits PORTID = new Bits("FW_PORT_CMD_PORTID", 0, 4);
  private static final Bits ACTION = new Bits("FW_PORT_CMD_ACTION", 16, 16);
  private static final int ACTION_L1_CFG = 1;
  private static final int ACTION_GET_PORT_INFO = 3;

  private static final Bits PFN = new Bits("FW_VI_CMD_PFN", 8, 3);
  private static final Bits VIID = new Bits("FW_VI_CMD_VIID", 0, 12);
  private static final Bits VI_PORTID = new Bits("FW_VI_CMD_PORTID", 4, 4);

  private static final Bits MAC_VALID = Bits.flag("FW_VI_MAC_CMD_VALID", 15);
  private static final Bits MAC_RESULT = new Bits("FW_VI_MAC_CMD_SMAC_RESULT", 10, 2);
  private static final Bits MAC_IDX = new Bits("FW_VI_MAC_CMD_IDX", 0, 10);
  private static final int ADD_MAC = 0x3FF;
  private static final int MAC_BASED_FREE = 0x3FD;

  private static final Bits MTU = new Bits("FW_VI_RXMODE_CMD_MTU", 16, 16);
  private static final Bits BROADCASTEN = new Bits("FW_VI_RXMODE_CMD_BROADCASTEN", 10, 2);

  /** What a port can do; the answer says it. */
  public FwPortCmd portInfo(MemorySegment buffer, int port) {
    begin(
        buffer,
        FW_PORT_CMD,
        READ,
        PORTID.int32(port),
        ACTION.int32(ACTION_GET_PORT_INFO),
        PORT_BYTES);
    return this;
  }

  /** The capabilities in the answer to {@link #portInfo}. */
  public int portCaps() {
    return be16(12);
  }

  /** Brings the link up with these capabilities. */
  public FwPortCmd configureLink(MemorySegment buffer, int port, int caps) {
    begin(buffer, FW_PORT_CMD, EXEC, PORTID.int32(port), ACTION.int32(ACTION_L1_CFG), PORT_BYTES);
    putBe32(8, caps);
    return this;
  }

  /** Makes a virtual interface on a port. */
  public FwPortCmd allocInterface(MemorySegment buffer, int pf, int port) {
    begin(buffer, FW_VI_CMD, WRITE | EXEC, PFN.int32(pf), ALLOC, VI_BYTES);
    put8(16, VI_PORTID.int32(port));
    return this;
  }

  /** The interface, in the answer to {@link #allocInterface}. */
  public int interfaceId() {
    return VIID.from(be16(8));
  }

  /** The interface's address, six octets, the first most significant. */
  public long interfaceMac() {
    return (long) be16(10) << 32 | Integer.toUnsignedLong(be32(12));
  }

  /** Ends a virtual interface. */
  public FwPortCmd freeInterface(MemorySegment buffer, int pf, int viid) {
    begin(buffer, FW_VI_CMD, EXEC, PFN.int32(pf), FREE, VI_BYTES);
    putBe16(8, VIID.int32(viid));
    return this;
  }

  /** Has the interface take frames for one more address. */
  public FwPortCmd addMac(MemorySegment buffer, int viid, long mac) {
    return mac(buffer, viid, mac, ADD_MAC);
  }

  /** Takes that back. */
  public FwPortCmd removeMac(MemorySegment buffer, int viid, long mac) {
    return mac(buffer, viid, mac, MAC_BASED_FREE);
  }

  private FwPortCmd mac(MemorySegment buffer, int viid, long mac, int index) {
    begin(buffer, FW_VI_MAC_CMD, WRITE, VIID.int32(viid), 0, MAC_BYTES);
    putBe16(8, MAC_VALID.int32(true) | MAC_IDX.int32(index));
    putBe16(10, (int) (mac >>> 32));
    putBe32(12, (int) mac);
    return this;
  }

  /** Whether the address could be added, in the answer to {@link #addMac}. */
  public boolean isMacAdded() {
    return MAC_RESULT.from(be16(8)) == 0 && MAC_IDX.from(be16(8)) != ADD_MAC;
  }

  /** Frames up to this MTU, and broadcasts; no others than for the interface's addresses. */
  public FwPortCmd receiveMode(MemorySegment buffer, int viid, int mtuBytes) {
    begin(buffer, FW_VI_RXMODE_CMD, WRITE, VIID.int32(viid), 0, MODE_BYTES);
    putBe32(8, MTU.int32(mtuBytes) | BROADCASTEN.int32(1));
    return this;
  }

  /** Lets frames in and out. */
  public FwPortCmd enableInterface(MemorySegment buffer, int viid, boolean enabled) {
    begin(buffer, FW_VI_ENABLE_CMD, EXEC, VIID.int32(viid), enabled ? ENABLE_BOTH : 0, MODE_BYTES);
    return this;
  }

  /** Makes a local IPv6 address known to the look-up engine. */
  public FwPortCmd addClip(MemorySegment buffer, long high, long low) {
    begin(buffer, FW_CLIP_CMD, WRITE, 0, ALLOC, CLIP_BYTES);
    putBe64(8, high);
    putBe64(16, low);
    return this;
  }

  /** Takes that back. */
  public FwPortCmd removeClip(MemorySegment buffer, long high, long low) {
    begin(buffer, FW_CLIP_CMD, READ, 0, FREE, CLIP_BYTES);
    putBe64(8, high);
    putBe64(16, low);
    return this;
  }
}
