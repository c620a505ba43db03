package dev.offramp.models.intel;

import dev.offramp.models.Faults;
import dev.offramp.models.ModelPlatform;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which interrupt vector tells of which queue. The control registers say so ({@code AEQCTL}, {@code
 * CEQCTL}); one that was never written leaves the AEQ at vector 0 and CEQ n at vector n: model
 * decision, after irdma's shared vector 0. Moderation and masking of vectors are not modelled.
 */
final class Interrupter {
  /** What is neither a CEQ's nor the AEQ's: the critical error. */
  static final int OTHER = 0;

  private static final int ENABLE = 1 << 30;
  private static final int X722_VECTOR = 0xFF;
  private static final int E810_VECTOR = 0x7FF;
  private static final int CEQS = 512;

  private final IntelRegisters registers;
  private final ModelPlatform platform;
  private final int vectorMask;
  private final Map<Long, Integer> controls = new ConcurrentHashMap<>();

  Interrupter(IntelChip chip, ModelPlatform platform) {
    this.registers = chip.registers();
    this.platform = platform;
    this.vectorMask = chip.isSecondGeneration() ? E810_VECTOR : X722_VECTOR;
  }

  /** Whether the offset is one of the control registers'. */
  boolean has(long offset) {
    return offset == registers.aeqControl()
        || (offset >= registers.ceqControl() && offset < registers.ceqControl() + 4L * CEQS);
  }

  void write(long offset, int value) {
    controls.put(offset, value);
  }

  /** As after power-up. */
  void clear() {
    controls.clear();
  }

  int read(long offset) {
    return controls.getOrDefault(offset, 0);
  }

  void raiseAsync() {
    raiseFor(registers.aeqControl(), 0);
  }

  void raiseCeq(int ceq) {
    raiseFor(registers.ceqControl() + 4L * ceq, ceq);
  }

  private void raiseFor(long control, int vectorByDefault) {
    Integer written = controls.get(control);
    if (written == null) {
      raise(vectorByDefault);
    } else if ((written & ENABLE) != 0) {
      raise(written & vectorMask);
    }
  }

  void raise(int vector) {
    if (platform.faults().at(IntelFaults.INTERRUPT) == Faults.NO_FAULT) {
      platform.interrupts().raise(vector);
    }
  }
}
