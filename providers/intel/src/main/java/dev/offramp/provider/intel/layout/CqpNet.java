package dev.offramp.provider.intel.layout;

import java.lang.foreign.MemorySegment;

/**
 * Commands about addresses: next hops, ports, 4-tuples, own MAC addresses.
 *
 * <pre>
 * MANAGE_ARP           q1 | 31:0 reach max     q2 | 47:0 MAC
 *                      q3 | 43 permanent | 42 entry valid | 11:0 index
 * MANAGE_APBVT         q2 | 15:0 port          q3 | 62 add
 * MANAGE_QUAD_HASH     q0 | 47:0 own MAC
 *                      q1 | 49:32 QP | 31:16 source port | 15:0 destination port
 *                      q2 | 43:32 VLAN | 9:0 queue set
 *                      q4 | source word 2, 3      q5 | source word 0, 1
 *                      q6 | destination word 2, 3 q7 | destination word 0, 1
 *                      q3 | 62:61 what | 60 IPv4 | 59 VLAN valid | 44:42 kind of entry
 * MANAGE_LOC_MAC_TABLE q4 | 47:0 MAC           q3 | 62 free | 61 ignore uses | 5:0 index
 * </pre>
 *
 * Source and destination are those of a packet that comes in: the peer is the source. Source:
 * irdma's ctrl.c and uda.c, irdma_sc_add_arp_cache_entry, irdma_sc_manage_apbvt_entry,
 * irdma_sc_manage_qhash_table_entry, irdma_sc_*_local_mac_entry.
 */
public final class CqpNet {
  public static final BitField IRDMA_CQPSQ_MAT_REACHMAX = BitField.bits(0, 31);
  public static final BitField IRDMA_CQPSQ_MAT_ARPENTRYIDX = BitField.bits(0, 11);
  public static final BitField IRDMA_CQPSQ_MAT_ENTRYVALID = BitField.bit(42);
  public static final BitField IRDMA_CQPSQ_MAT_PERMANENT = BitField.bit(43);
  public static final BitField IRDMA_CQPSQ_MAPT_PORT = BitField.bits(0, 15);
  public static final BitField IRDMA_CQPSQ_MAPT_ADDPORT = BitField.bit(62);
  public static final BitField IRDMA_CQPSQ_QHASH_DEST_PORT = BitField.bits(0, 15);
  public static final BitField IRDMA_CQPSQ_QHASH_SRC_PORT = BitField.bits(16, 31);
  public static final BitField IRDMA_CQPSQ_QHASH_QP = BitField.bits(32, 49);
  public static final BitField IRDMA_CQPSQ_QHASH_QS_HANDLE = BitField.bits(0, 9);
  public static final BitField IRDMA_CQPSQ_QHASH_VLANID = BitField.bits(32, 43);
  public static final BitField IRDMA_CQPSQ_QHASH_ENTRYTYPE = BitField.bits(42, 44);
  public static final BitField IRDMA_CQPSQ_QHASH_VLANVALID = BitField.bit(59);
  public static final BitField IRDMA_CQPSQ_QHASH_IPV4VALID = BitField.bit(60);
  public static final BitField IRDMA_CQPSQ_QHASH_MANAGE = BitField.bits(61, 62);
  public static final BitField IRDMA_CQPSQ_MLM_TABLEIDX = BitField.bits(0, 5);
  public static final BitField IRDMA_CQPSQ_MLM_IGNORE_REF_CNT = BitField.bit(61);
  public static final BitField IRDMA_CQPSQ_MLM_FREEENTRY = BitField.bit(62);

  private static final BitField UPPER_ADDRESS_WORD = BitField.bits(32, 63);
  private static final BitField LOWER_ADDRESS_WORD = BitField.bits(0, 31);

  public static final int QHASH_DELETE = 0;
  public static final int QHASH_ADD = 1;
  public static final int QHASH_MODIFY = 2;

  /** {@code IRDMA_QHASH_TYPE_TCP_ESTABLISHED}: a 4-tuple; others have no source. */
  public static final int QHASH_TCP_ESTABLISHED = 1;

  private CqpNet() {}

  /** MANAGE_ARP, an entry. {@code mac}: 48 bits, first octet most significant. */
  public static void addArp(
      MemorySegment ring,
      long wqe,
      int index,
      long mac,
      int reachMax,
      boolean permanent,
      int valid) {
    CqpWqe.begin(ring, wqe);
    Words.put(ring, wqe + CqpWqe.Q1, IRDMA_CQPSQ_MAT_REACHMAX.of(reachMax));
    Words.put(ring, wqe + CqpWqe.Q2, mac);
    CqpWqe.end(
        ring,
        wqe,
        CqpWqe.OP_MANAGE_ARP,
        index | IRDMA_CQPSQ_MAT_PERMANENT.of(permanent) | IRDMA_CQPSQ_MAT_ENTRYVALID.mask(),
        valid);
  }

  /** MANAGE_ARP, without the entry any more. */
  public static void deleteArp(MemorySegment ring, long wqe, int index, int valid) {
    CqpWqe.begin(ring, wqe);
    CqpWqe.end(ring, wqe, CqpWqe.OP_MANAGE_ARP, index, valid);
  }

  /** MANAGE_APBVT: whether segments to a port concern the device at all. */
  public static void port(MemorySegment ring, long wqe, int port, boolean add, int valid) {
    CqpWqe.begin(ring, wqe);
    Words.put(ring, wqe + CqpWqe.Q2, IRDMA_CQPSQ_MAPT_PORT.of(port));
    CqpWqe.end(ring, wqe, CqpWqe.OP_MANAGE_APBVT, IRDMA_CQPSQ_MAPT_ADDPORT.of(add), valid);
  }

  /**
   * MANAGE_QUAD_HASH_TABLE_ENTRY: which QP gets the segments of a 4-tuple.
   *
   * @param what {@link #QHASH_ADD} or a neighbour
   * @param type {@link #QHASH_TCP_ESTABLISHED}, or another of the vendor's
   * @param mac own MAC address
   * @param destination own address, 4 words, first octets in word 0; IPv4 is word 0
   * @param source the peer's, likewise
   * @param vlan of account with {@code IRDMA_CQPSQ_QHASH_VLANVALID}
   * @param flags {@code VLANVALID} and {@code IPV4VALID}
   */
  public static void quadHash(
      MemorySegment ring,
      long wqe,
      int what,
      int type,
      long mac,
      int qpId,
      int queueSetHandle,
      int vlan,
      int[] destination,
      int destinationPort,
      int[] source,
      int sourcePort,
      long flags,
      int valid) {
    boolean ipv4 = IRDMA_CQPSQ_QHASH_IPV4VALID.isSetIn(flags);
    boolean established = type == QHASH_TCP_ESTABLISHED;
    CqpWqe.begin(ring, wqe);
    Words.put(ring, wqe + CqpWqe.Q0, mac);
    Words.put(
        ring,
        wqe + CqpWqe.Q1,
        IRDMA_CQPSQ_QHASH_QP.of(qpId)
            | IRDMA_CQPSQ_QHASH_DEST_PORT.of(destinationPort)
            | (established ? IRDMA_CQPSQ_QHASH_SRC_PORT.of(sourcePort) : 0));
    Words.put(
        ring,
        wqe + CqpWqe.Q2,
        IRDMA_CQPSQ_QHASH_QS_HANDLE.of(queueSetHandle)
            | (IRDMA_CQPSQ_QHASH_VLANVALID.isSetIn(flags) ? IRDMA_CQPSQ_QHASH_VLANID.of(vlan) : 0));
    address(ring, wqe + CqpWqe.Q6, destination, ipv4);
    if (established) {
      address(ring, wqe + CqpWqe.Q4, source, ipv4);
    }
    CqpWqe.end(
        ring,
        wqe,
        CqpWqe.OP_MANAGE_QUAD_HASH_TABLE_ENTRY,
        IRDMA_CQPSQ_QHASH_MANAGE.of(what) | IRDMA_CQPSQ_QHASH_ENTRYTYPE.of(type) | flags,
        valid);
  }

  private static void address(MemorySegment ring, long at, int[] words, boolean ipv4) {
    if (ipv4) {
      Words.put(ring, at, LOWER_ADDRESS_WORD.of(words[0]));
    } else {
      Words.put(ring, at, UPPER_ADDRESS_WORD.of(words[2]) | LOWER_ADDRESS_WORD.of(words[3]));
      Words.put(
          ring,
          at + Words.BYTES,
          UPPER_ADDRESS_WORD.of(words[0]) | LOWER_ADDRESS_WORD.of(words[1]));
    }
  }

  /** ALLOCATE_LOC_MAC_TABLE_ENTRY: the index comes back in the completion. */
  public static void allocateLocalMac(MemorySegment ring, long wqe, int valid) {
    CqpWqe.begin(ring, wqe);
    CqpWqe.end(ring, wqe, CqpWqe.OP_ALLOCATE_LOC_MAC_TABLE_ENTRY, 0, valid);
  }

  /** MANAGE_LOC_MAC_TABLE: an own MAC address. */
  public static void addLocalMac(MemorySegment ring, long wqe, int index, long mac, int valid) {
    CqpWqe.begin(ring, wqe);
    Words.put(ring, wqe + CqpWqe.Q4, mac);
    CqpWqe.end(
        ring, wqe, CqpWqe.OP_MANAGE_LOC_MAC_TABLE, IRDMA_CQPSQ_MLM_TABLEIDX.of(index), valid);
  }

  /** MANAGE_LOC_MAC_TABLE: the entry is free again. */
  public static void deleteLocalMac(
      MemorySegment ring, long wqe, int index, boolean ignoreUses, int valid) {
    CqpWqe.begin(ring, wqe);
    CqpWqe.end(
        ring,
        wqe,
        CqpWqe.OP_MANAGE_LOC_MAC_TABLE,
        IRDMA_CQPSQ_MLM_TABLEIDX.of(index)
            | IRDMA_CQPSQ_MLM_FREEENTRY.mask()
            | IRDMA_CQPSQ_MLM_IGNORE_REF_CNT.of(ignoreUses),
        valid);
  }
}
