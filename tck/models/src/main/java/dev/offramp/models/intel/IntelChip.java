package dev.offramp.models.intel;

import dev.offramp.spi.Device;
import java.util.List;

/**
 * The chips that the model can be, as data: what differs between irdma's generations 1 and 2.
 * Offsets are those of irdma's {@code i40iw_hw.h} and {@code icrdma_hw.h}, limits those of {@code
 * i40iw_hw.c}, {@code icrdma_hw.c} and {@code user.h}.
 */
public final class IntelChip {
  /** Generation 1: X722 (i40e). */
  public static final IntelChip X722 =
      new IntelChip(
          new Device("x722", Device.Kind.ADAPTER, 0x8086, 0x37D0),
          new IntelRegisters(
              4L << 20,
              0x8180,
              0x8200,
              0x8100,
              0x8000,
              0x8080,
              0x8880,
              0x138C00,
              0x131080,
              0x131100,
              0x131180,
              0x38700,
              0x36800,
              0xB4000,
              0xD040,
              0xBE484,
              1,
              0xC0300,
              // PFINT_DYN_CTL, PFINT_LNKLST, PFINT_ITR, PFINT_RATE, PFINT_ICR0
              List.of(
                  new IntelRegisters.Range(0x30000, 0x36800),
                  new IntelRegisters.Range(0x38400, 0x38900))),
          0,
          3,
          1,
          48,
          2,
          2048,
          63,
          127,
          15,
          0xFFFF,
          false);

  /** Generation 2: E810 (ice). */
  public static final IntelChip E810 =
      new IntelChip(
          new Device("e810", Device.Kind.ADAPTER, 0x8086, 0x1592),
          new IntelRegisters(
              8L << 20,
              0x50A080,
              0x50A100,
              0x50A000,
              0x500800,
              0x500880,
              0x50A200,
              0x504400,
              0x502C00,
              0x502C80,
              0x502D00,
              0x16CB00,
              0x15C000,
              0x534000,
              0x50BA5C,
              0x9DE74,
              2,
              0x520300,
              // GLINT_ITR, GLINT_RATE, GLINT_DYN_CTL, PFINT_OICR
              List.of(
                  new IntelRegisters.Range(0x154000, 0x15C000),
                  new IntelRegisters.Range(0x160000, 0x164000),
                  new IntelRegisters.Range(0x16C800, 0x16CB00))),
          1,
          13,
          13,
          101,
          8,
          32768,
          127,
          255,
          18,
          0x7FFFF,
          true);

  private final Device device;
  private final IntelRegisters registers;
  private final int majorVersion;
  private final int maxFragments;
  private final int maxReadFragments;
  private final int maxInlineBytes;
  private final int chunkQuanta;
  private final int maxQueueQuanta;
  private final int maxIrd;
  private final int maxOrd;
  private final int domainBits;
  private final int maxCqId;
  private final boolean second;

  private IntelChip(
      Device device,
      IntelRegisters registers,
      int majorVersion,
      int maxFragments,
      int maxReadFragments,
      int maxInlineBytes,
      int chunkQuanta,
      int maxQueueQuanta,
      int maxIrd,
      int maxOrd,
      int domainBits,
      int maxCqId,
      boolean second) {
    this.device = device;
    this.registers = registers;
    this.majorVersion = majorVersion;
    this.maxFragments = maxFragments;
    this.maxReadFragments = maxReadFragments;
    this.maxInlineBytes = maxInlineBytes;
    this.chunkQuanta = chunkQuanta;
    this.maxQueueQuanta = maxQueueQuanta;
    this.maxIrd = maxIrd;
    this.maxOrd = maxOrd;
    this.domainBits = domainBits;
    this.maxCqId = maxCqId;
    this.second = second;
  }

  /** Name and PCI ids. */
  public Device device() {
    return device;
  }

  IntelRegisters registers() {
    return registers;
  }

  /** What the control queue's host context has to say of the hardware: 0 or 1. */
  int majorVersion() {
    return majorVersion;
  }

  /** Pieces of memory in one work request. */
  int maxFragments() {
    return maxFragments;
  }

  int maxReadFragments() {
    return maxReadFragments;
  }

  int maxInlineBytes() {
    return maxInlineBytes;
  }

  /** A work request must not cross a multiple of this many quanta. */
  int chunkQuanta() {
    return chunkQuanta;
  }

  int maxQueueQuanta() {
    return maxQueueQuanta;
  }

  /** The largest IRD that the vendor's driver asks for. */
  int maxIrd() {
    return maxIrd;
  }

  int maxOrd() {
    return maxOrd;
  }

  /** Width of a protection domain's id. */
  int domainBits() {
    return domainBits;
  }

  int maxCqId() {
    return maxCqId;
  }

  /** Whether it is of generation 2: fragments with valid bits, source MAC in the context. */
  boolean isSecondGeneration() {
    return second;
  }

  /** The id of a CQ in a command. */
  Field cqId() {
    return second ? new Field(3, 0, 18) : new Field(3, 0, 15);
  }

  /** The id of a CQ's CEQ in a command. */
  Field cqCeqId() {
    return second ? new Field(3, 22, 31) : new Field(3, 24, 30);
  }

  /** The protection domain of an STag in a command. */
  Field stagDomain() {
    return second ? new Field(1, 46, 63) : new Field(1, 48, 62);
  }

  @Override
  public String toString() {
    return device.name();
  }
}
