package dev.offramp.provider.intel.layout;

import java.util.List;

/**
 * What differs between the two generations, as data. There are no others than {@link #X722} and
 * {@link #E810}. Sources: irdma's i40iw_hw.c and icrdma_hw.c for limits, registers and shifted
 * fields; uk.c for fragments and inline data.
 *
 * @param name as people know it
 * @param number 1 or 2, as in the vendor's {@code IRDMA_GEN_1} and {@code IRDMA_GEN_2}
 * @param registers where they are
 * @param limits what it can do
 * @param inline where inline bytes go
 * @param fragment how a fragment is laid out
 * @param cqId {@code CQPSQ_CQ_CQID}, in a command's header
 * @param ceqId {@code CQPSQ_CQ_CEQID}, in a command's header
 * @param stagPdId {@code CQPSQ_STAG_PDID}, in a command's second word
 * @param hasRtsEvent whether a WQE can ask for an event when the connection runs ({@code
 *     FEATURE_RTS_AE})
 */
public record Generation(
    String name,
    int number,
    Registers registers,
    Limits limits,
    Inline inline,
    Fragment fragment,
    BitField cqId,
    BitField ceqId,
    BitField stagPdId,
    boolean hasRtsEvent) {
  /** GEN_1. */
  public static final Generation X722 =
      new Generation(
          "X722",
          1,
          new Registers(
              0x138C00, 0x131080, 0x131100, 0x131180, 0x8000, 0x8080, 0x8200, 0x8180, 0x8100,
              0x8880, 0xB4000),
          new Limits(3, 1, 3, 63, 127, 2048, 1 << 15, 2),
          new Inline(48, 0, 16, 32, false),
          new Fragment(BitField.bits(0, 31), BitField.bits(32, 63), BitField.NONE, false),
          BitField.bits(0, 15),
          BitField.bits(24, 30),
          BitField.bits(48, 62),
          false);

  /** GEN_2. */
  public static final Generation E810 =
      new Generation(
          "E810",
          2,
          new Registers(
              0x504400, 0x502C00, 0x502C80, 0x502D00, 0x500800, 0x500880, 0x50A100, 0x50A080,
              0x50A000, 0x50A200, 0x534000),
          new Limits(13, 13, 13, 127, 255, 32768, 1 << 18, 8),
          new Inline(101, 8, 8, 31, true),
          new Fragment(BitField.bits(32, 62), BitField.bits(0, 31), BitField.bit(63), true),
          BitField.bits(0, 18),
          BitField.bits(22, 31),
          BitField.bits(46, 63),
          true);

  /**
   * Sizes that a generation does not exceed.
   *
   * @param fragments local buffers of a Send or Write
   * @param readFragments local buffers of a Read
   * @param receiveFragments local buffers of a Receive
   * @param ird inbound Read depth
   * @param ord outbound Read depth
   * @param queueQuanta quanta of an SQ or RQ
   * @param protectionDomains how many there are
   * @param chunkQuanta a WQE does not cross a multiple of this many quanta
   */
  public record Limits(
      int fragments,
      int readFragments,
      int receiveFragments,
      int ird,
      int ord,
      int queueQuanta,
      int protectionDomains,
      int chunkQuanta) {}

  /**
   * Where bytes go that travel inside a WQE.
   *
   * @param maxBytes how many at most
   * @param firstOffset where they begin in the first quantum
   * @param firstBytes how many the first quantum takes
   * @param nextBytes how many each of the others takes, from its first byte on
   * @param marked whether the last byte of each of the others is the valid bit, times 128
   */
  public record Inline(
      int maxBytes, int firstOffset, int firstBytes, int nextBytes, boolean marked) {
    /** Quanta of a WQE with this many bytes inside. */
    public int quanta(int lengthBytes) {
      return lengthBytes <= firstBytes
          ? 1
          : 1 + (lengthBytes - firstBytes + nextBytes - 1) / nextBytes;
    }
  }

  /**
   * The second word of a fragment; the first is its address in both generations.
   *
   * @param length its length in bytes
   * @param stag its STag
   * @param valid the valid bit
   * @param padded whether an even number of fragments is made odd by one without a buffer
   */
  public record Fragment(BitField length, BitField stag, BitField valid, boolean padded) {
    /** Bytes of a fragment. */
    public static final int BYTES = 16;
  }

  /** Both. */
  public static List<Generation> all() {
    return List.of(X722, E810);
  }

  /** Whether it is the first one. */
  public boolean isFirst() {
    return number == X722.number;
  }

  @Override
  public String toString() {
    return name;
  }
}
