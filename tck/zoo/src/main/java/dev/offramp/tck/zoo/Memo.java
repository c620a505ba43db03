package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** Writes something about each connection into memory that the device can reach. */
final class Memo extends Defect {
  private static final int BYTES = 256;
  private static final int AT = 64;

  private final Function<IwarpConnectionDescriptor, byte[]> content;
  private final List<DmaSlab> slabs = new ArrayList<>();

  private Memo(Function<IwarpConnectionDescriptor, byte[]> content) {
    this.content = content;
  }

  static Supplier<Defect> of(Function<IwarpConnectionDescriptor, byte[]> content) {
    return () -> new Memo(content);
  }

  @Override
  void arrived(DriverContext context, IwarpConnectionDescriptor descriptor) {
    DmaSlab slab = context.window().allocate(BYTES, AT);
    slabs.add(slab);
    byte[] octets = content.apply(descriptor);
    MemorySegment.copy(octets, 0, slab.segment(), ValueLayout.JAVA_BYTE, AT, octets.length);
  }

  @Override
  void abandoned(DriverContext context, IwarpConnectionDescriptor descriptor) {
    closed();
  }

  @Override
  void closed() {
    slabs.forEach(DmaSlab::close);
    slabs.clear();
  }

  static byte[] word(int value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
  }
}
