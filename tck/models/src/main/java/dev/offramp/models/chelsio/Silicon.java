package dev.offramp.models.chelsio;

import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.iwarp.mpa.FpduDecoder;
import dev.offramp.iwarp.mpa.StreamMemory;
import dev.offramp.models.DmaFaultException;
import dev.offramp.models.Faults;
import dev.offramp.models.ModelPlatform;
import java.util.HashMap;
import java.util.Map;

/** All parts of a modelled chip, for each other. What is not final parts is the model thread's. */
final class Silicon {
  private static final int STAGING_BYTES = Math.max(256 << 10, FpduDecoder.MIN_STAGING_BYTES);

  private static final int RING_ALIGNMENT = 64;

  final ChelsioChip chip;
  final ChelsioOptions options;
  final ModelPlatform platform;
  final Faults faults;
  final Violations violations = new Violations();
  final Registers registers;
  final RegisterWrites writes;
  final QueueTable queues = new QueueTable();
  final Messages messages;
  final Map<Integer, NextHop> nextHops = new HashMap<>();
  final Map<Integer, MacAddress> sourceMacs = new HashMap<>();
  final StagTable stags;
  final FlowTable flows;
  final Executor executor;
  final Firmware firmware;
  final StreamMemory streamMemory = new StreamMemory(STAGING_BYTES);
  private final long bornNanos;

  Silicon(ChelsioChip chip, ChelsioOptions options, ModelPlatform platform) {
    this.chip = chip;
    this.options = options;
    this.platform = platform;
    this.faults = platform.faults();
    this.registers = new Registers(chip, options, faults);
    Doorbells doorbells = new Doorbells(this);
    this.writes = new RegisterWrites(platform.loop(), doorbells::written);
    this.messages = new Messages(this);
    this.stags = new StagTable(this);
    this.flows = new FlowTable(this);
    this.executor = new Executor(this);
    this.firmware = new Firmware(this);
    this.bornNanos = platform.nanoTime().getAsLong();
  }

  /** What firmware says of itself. */
  int firmwareVersion() {
    long fault = faults.at(ChelsioFaults.FIRMWARE_VERSION);
    return fault == Faults.NO_FAULT ? options.firmwareVersion() : (int) fault;
  }

  /** The clock that entries of ingress queues carry. */
  long timestamp() {
    return platform.nanoTime().getAsLong() - bornNanos;
  }

  /** FW_RESET_CMD: nothing is left of queues, tables and connections. */
  void reset() {
    flows.clear();
    queues.clear();
    nextHops.clear();
    sourceMacs.clear();
    stags.clear();
    firmware.interfaces().clear();
    registers.reset();
  }

  /** Whether a ring cannot be there: host memory that is not mapped, or not aligned to 64. */
  boolean isNoRing(long address, long bytes) {
    try {
      platform.memory().at(address, bytes);
      return address % RING_ALIGNMENT != 0;
    } catch (DmaFaultException e) {
      return true;
    }
  }

  /** Host memory that cannot be reached. */
  void dmaFault(String where, Exception fault) {
    violations.add(
        Violation.Kind.DMA_FAULT,
        where,
        String.valueOf(fault.getMessage()),
        "memory that is mapped for the adapter as long as it is used");
  }
}
