package com.acme.offramp.model;

import dev.offramp.models.AdapterModel;
import dev.offramp.models.Faults;
import dev.offramp.models.ModelPlatform;
import dev.offramp.spi.Device;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The adapter's registers. The work is done on the model's loop, in the order of the writes. */
final class AcmeModel implements AdapterModel {
  private static final int BAR_BYTES = 4096;
  private static final int ID = 0xACE1_0001;

  private final ModelPlatform platform;
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final CommandProcessor processor;

  AcmeModel(ModelPlatform platform) {
    this.platform = platform;
    this.processor = new CommandProcessor(platform, complaints::add);
  }

  @Override
  public Device device() {
    return AcmeModelFactory.DEVICE;
  }

  @Override
  public long barBytes(int bar) {
    return bar == 0 ? BAR_BYTES : 0;
  }

  @Override
  public int read32(int bar, long offset) {
    if (bar == 0 && offset == 0x00) {
      return ID;
    }
    if (bar == 0 && offset == 0x04) {
      return platform.faults().at(AcmeFaults.NOT_READY) == Faults.NO_FAULT ? 1 : 0;
    }
    return -1;
  }

  @Override
  public long read64(int bar, long offset) {
    return Integer.toUnsignedLong(read32(bar, offset))
        | (long) read32(bar, offset + Integer.BYTES) << Integer.SIZE;
  }

  @Override
  public void write32(int bar, long offset, int value) {
    switch ((int) offset) {
      case 0x08 -> later(processor::reset);
      case 0x18 -> later(() -> processor.start(value));
      case 0x1C -> later(() -> processor.closeRequested(value));
      default -> complaints.add("write of 32 bits at [%#x]: no such register".formatted(offset));
    }
  }

  @Override
  public void write64(int bar, long offset, long value) {
    int queuePair = (int) (value >>> Integer.SIZE);
    switch ((int) offset) {
      case 0x10 -> later(() -> processor.run(value));
      case 0x20 -> later(() -> processor.ringSends(queuePair, (int) value));
      case 0x28 -> {
        processor.noteReceives(queuePair, (int) value);
        later(() -> processor.ringReceives(queuePair));
      }
      default -> complaints.add("write of 64 bits at [%#x]: no such register".formatted(offset));
    }
  }

  @Override
  public void write512(int bar, long offset, MemorySegment bytes) {
    complaints.add("burst at [%#x]: no such register".formatted(offset));
  }

  private void later(Runnable work) {
    platform.loop().execute(work);
  }

  @Override
  public List<String> complaints() {
    return List.copyOf(complaints);
  }

  @Override
  public void close() {
    later(processor::reset);
  }
}
