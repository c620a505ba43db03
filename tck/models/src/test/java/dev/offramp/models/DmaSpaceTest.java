package dev.offramp.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.spi.port.DmaMapping;
import dev.offramp.spi.port.DmaSlab;
import dev.offramp.spi.port.OutOfDeviceMemoryException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DmaSpaceTest {
  private final DmaSpace space = new DmaSpace(1 << 20);

  @Test
  void bothSidesSeeTheSameBytes() throws Exception {
    try (DmaSlab slab = space.allocate(256, 64)) {
      slab.segment().set(ValueLayout.JAVA_INT, 8, 0x1234);
      MemorySegment seen = space.at(slab.deviceAddress() + 8, 4);
      assertThat(seen.get(ValueLayout.JAVA_INT, 0)).isEqualTo(0x1234);
      seen.set(ValueLayout.JAVA_INT, 0, 0x5678);
      assertThat(slab.segment().get(ValueLayout.JAVA_INT, 8)).isEqualTo(0x5678);
    }
  }

  @Test
  void noAddressFits32Bits() {
    try (DmaSlab slab = space.allocate(4096, 4096)) {
      assertThat(slab.deviceAddress() >>> 32).isPositive();
      assertThatThrownBy(() -> space.at(slab.deviceAddress() & 0xFFFF_FFFFL, 1))
          .isInstanceOf(DmaFaultException.class)
          .hasMessageContaining("no mapping holds [1] bytes");
    }
  }

  @Test
  void oneByteTooFarIsAFaultAndNotTheNextPiece() throws Exception {
    try (DmaSlab one = space.allocate(64, 64);
        DmaSlab two = space.allocate(64, 64)) {
      assertThat(space.at(one.deviceAddress() + 63, 1).byteSize()).isEqualTo(1);
      for (long beyond : new long[] {64, two.deviceAddress() - one.deviceAddress() - 1}) {
        assertThatThrownBy(() -> space.at(one.deviceAddress() + beyond, 1))
            .isInstanceOf(DmaFaultException.class);
      }
      assertThatThrownBy(() -> space.at(one.deviceAddress() - 1, 2))
          .isInstanceOf(DmaFaultException.class);
      assertThatThrownBy(() -> space.at(one.deviceAddress(), -1))
          .isInstanceOf(DmaFaultException.class);
      assertThatThrownBy(() -> space.at(one.deviceAddress(), Long.MAX_VALUE))
          .isInstanceOf(DmaFaultException.class);
    }
  }

  @Test
  void whatIsGivenBackCannotBeReached() {
    DmaSlab slab = space.allocate(64, 64);
    long address = slab.deviceAddress();
    slab.close();
    slab.close();
    assertThatThrownBy(() -> space.at(address, 1)).isInstanceOf(DmaFaultException.class);
    assertThatThrownBy(() -> slab.segment().get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
    try (DmaSlab next = space.allocate(64, 64)) {
      assertThat(next.deviceAddress()).isNotEqualTo(address);
    }
    assertThat(space.slabBytes()).isZero();
  }

  @Test
  void aMappingKeepsItsPlaceInThePage() throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(10_000, 4096).asSlice(1234, 5000);
      DmaMapping mapping = space.map(memory);
      assertThat(mapping.deviceAddress() & 4095).isEqualTo(memory.address() & 4095);
      space.at(mapping.deviceAddress() + 4999, 1).set(ValueLayout.JAVA_BYTE, 0, (byte) 7);
      assertThat(memory.get(ValueLayout.JAVA_BYTE, 4999)).isEqualTo((byte) 7);
      assertThat(space.mappingCount()).isOne();
      mapping.close();
      assertThat(space.mappingCount()).isZero();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> space.map(MemorySegment.ofArray(new byte[8])))
          .withMessageContaining("Arena");
    }
  }

  @Test
  void leaksNameWhoTookThem() {
    DmaSlab slab = space.allocate(100, 8);
    assertThat(space.leaks())
        .contains("SLAB of 100 bytes")
        .contains("DmaSpaceTest.leaksNameWhoTookThem");
    slab.close();
    assertThat(space.leaks()).isEmpty();
  }

  @Test
  void thereIsALimit() {
    DmaSlab most = space.allocate((1 << 20) - 10, 1);
    assertThatThrownBy(() -> space.allocate(11, 1))
        .isInstanceOf(OutOfDeviceMemoryException.class)
        .hasMessageContaining("11 bytes");
    most.close();
    space.allocate(1 << 20, 1).close();
    assertThatIllegalArgumentException().isThrownBy(() -> space.allocate(8, 3));
    assertThatIllegalArgumentException().isThrownBy(() -> space.allocate(0, 8));
  }

  /** Whatever is taken and given back: pieces never overlap, and each is found where it is. */
  @Test
  void piecesNeverOverlap() throws Exception {
    Seeds.run(random -> {
      DmaSpace any = new DmaSpace(Long.MAX_VALUE);
      List<DmaSlab> open = new ArrayList<>();
      Set<Long> used = new HashSet<>();
      for (int i = 0; i < 300; i++) {
        if (!open.isEmpty() && random.nextInt(3) == 0) {
          open.remove(random.nextInt(open.size())).close();
        } else {
          long alignment = 1L << random.nextInt(17);
          DmaSlab slab = any.allocate(1 + random.nextInt(9000), alignment);
          assertThat(slab.deviceAddress() % alignment).isZero();
          assertThat(used.add(slab.deviceAddress())).isTrue();
          slab.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) i);
          open.add(slab);
        }
        for (DmaSlab slab : open) {
          assertThat(any.at(slab.deviceAddress(), slab.segment().byteSize()).address())
              .isEqualTo(slab.segment().address());
        }
      }
      assertThat(any.slabCount()).isEqualTo(open.size());
      open.forEach(DmaSlab::close);
    });
  }
}
