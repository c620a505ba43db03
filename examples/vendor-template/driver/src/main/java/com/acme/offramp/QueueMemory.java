package com.acme.offramp;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** A queue pair's memory, laid out as {@link Rings} says. */
final class QueueMemory implements AutoCloseable {
  static final int MAX_UNSENT_BYTES = 1 << 20;

  private static final int ALIGNMENT_BYTES = 4096;

  private final DmaSlab slab;

  private QueueMemory(DmaSlab slab) {
    this.slab = slab;
  }

  /** Memory with the context of a stopped connection, and the bytes that it has not sent. */
  static QueueMemory of(DeviceWindow window, IwarpConnectionDescriptor d) {
    ByteBuffer unsent = d.value(DescriptorFields.UNSENT).asByteBuffer();
    DmaSlab slab = window.allocate(Rings.UNSENT + unsent.remaining(), ALIGNMENT_BYTES);
    Context.write(slab.segment().asSlice(0, Context.BYTES), d);
    slab.segment().asSlice(Rings.UNSENT).copyFrom(MemorySegment.ofBuffer(unsent));
    return new QueueMemory(slab);
  }

  MemorySegment segment() {
    return slab.segment();
  }

  long deviceAddress() {
    return slab.deviceAddress();
  }

  long sizeBytes() {
    return slab.segment().byteSize();
  }

  @Override
  public void close() {
    slab.close();
  }
}
