package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.offramp.api.rdma.Access;
import dev.offramp.conformance.Rows;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MemoryTableTest {
  private final MemoryTable table = new MemoryTable(new SplittableRandom(1), 2_000);
  private final MemorySegment memory = Arena.ofAuto().allocate(64, 8);

  private Region register() {
    return table.register(1, memory, 0, Set.of());
  }

  @Test
  @Rows({94, 95})
  void stagsAreUniqueAndFound() {
    Set<Integer> indexes = new HashSet<>();
    List<Region> regions = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      Region region = register();
      assertThat(indexes.add(region.stag() >> 8)).isTrue();
      regions.add(region);
    }
    assertThatIllegalStateException().isThrownBy(this::register).withMessageContaining("2000");
    for (Region region : regions) {
      assertThat(table.find(region.stag())).isSameAs(region);
      assertThat(table.find(region.stag() ^ 1)).as("another key").isNull();
    }
    for (int i = 0; i < regions.size(); i += 2) {
      table.remove(regions.get(i));
      table.remove(regions.get(i));
    }
    for (int i = 0; i < regions.size(); i++) {
      assertThat(table.find(regions.get(i).stag()) != null).isEqualTo(i % 2 == 1);
      assertThat(regions.get(i).isValid()).isEqualTo(i % 2 == 1);
    }
    assertThat(register().isValid()).isTrue();
  }

  @Test
  @Rows({91, 95})
  void boundsAreExact() {
    Region region = table.register(1, memory, 100, Set.of());
    assertThat(region.covers(100, 64)).isTrue();
    assertThat(region.covers(163, 1)).isTrue();
    assertThat(region.covers(164, 0)).isTrue();
    assertThat(region.covers(100, 65)).isFalse();
    assertThat(region.covers(99, 1)).isFalse();
    assertThat(region.covers(164, 1)).isFalse();
    assertThat(region.covers(-1, 1)).isFalse();
    assertThat(region.covers(100 + Long.MIN_VALUE, 1)).isFalse();
    assertThat(region.covers(163, Long.MAX_VALUE)).isFalse();
    Region high = table.register(1, memory, -64, Set.of());
    assertThat(high.covers(-64, 64)).isTrue();
    assertThat(high.covers(-1, 1)).isTrue();
    assertThat(high.covers(0, 1)).isFalse();
    assertThat(high.covers(-65, 1)).isFalse();
    Region middle = table.register(1, memory, Long.MAX_VALUE - 9, Set.of());
    assertThat(middle.covers(Long.MIN_VALUE, 54)).isTrue();
    assertThat(middle.covers(Long.MIN_VALUE, 55)).isFalse();
  }

  @Test
  @Rows(91)
  void rangesThatWrapAndWritableViewsOfReadOnlyMemoryAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> table.register(1, memory, -63, Set.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> table.register(1, memory.asReadOnly(), 0, EnumSet.of(Access.REMOTE_WRITE)));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> new LocalBuffers(1).add(register(), 60, 5));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> new LocalBuffers(1).add(register(), 0, 5).add(register(), 0, 5));
  }

  @Test
  void viewsReachEveryPartOfLargeRegions(@TempDir Path directory) throws IOException {
    long size = (5L << 30) / 2;
    try (FileChannel file =
            FileChannel.open(
                directory.resolve("sparse"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.SPARSE);
        Arena arena = Arena.ofShared()) {
      MemorySegment large = file.map(FileChannel.MapMode.READ_WRITE, 0, size, arena);
      Region region = table.register(1, large, 0, Set.of());
      long[] offsets = {0, (1L << 30) - 1, 1L << 30, (2L << 30) - 100, size - 1000};
      for (long offset : offsets) {
        large.set(ValueLayout.JAVA_BYTE, offset, (byte) 9);
        ByteBuffer view = region.lend(offset, 1000);
        assertThat(view.remaining()).isEqualTo(1000);
        assertThat(view.get(view.position())).isEqualTo((byte) 9);
        assertThat(region.isBusy()).isTrue();
        region.takeBack(view, offset);
        assertThat(region.isBusy()).isFalse();
        assertThat(region.lend(offset, 500)).isSameAs(view);
        region.takeBack(view, offset);
      }
    }
  }

  @Test
  void takesAnStagThatSomebodyElseChose() {
    MemoryTable table = new MemoryTable(new SplittableRandom(1), 4);
    MemorySegment memory = MemorySegment.ofArray(new byte[64]);
    Region region = table.register(0x1234_5607, 1, memory, 0, Set.of());
    assertThat(region.stag()).isEqualTo(0x1234_5607);
    assertThat(table.find(0x1234_5607)).isSameAs(region);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> table.register(0x1234_5608, 1, memory, 0, Set.of()))
        .withMessageContaining("12345608");
    table.remove(region);
    assertThat(table.register(0x1234_5608, 1, memory, 0, Set.of()).isValid()).isTrue();
  }

  /** The peer of each knows the same STag, and must reach its own connection's memory only. */
  @Test
  void oneStagCanBeAdoptedByTwoDomains() {
    MemoryTable table = new MemoryTable(new SplittableRandom(5), 16);
    MemorySegment memory = Arena.ofAuto().allocate(64);
    Region own = table.register(1, memory, 0, Set.of());
    Region other = table.adopt(own.stag(), 2, memory, 8, Set.of(Access.REMOTE_WRITE));
    assertThat(other.stag()).isEqualTo(own.stag());
    assertThat(table.find(own.stag(), 1)).isSameAs(own);
    assertThat(table.find(own.stag(), 2)).isSameAs(other);
    assertThat(table.find(own.stag(), 3)).isNotNull();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> table.adopt(own.stag(), 2, memory, 0, Set.of()))
        .withMessageContaining("in use on this connection");
    table.remove(own);
    assertThat(table.find(own.stag(), 1)).isSameAs(other);
    table.remove(other);
    assertThat(table.find(own.stag(), 1)).isNull();
  }

  @Test
  void stagsStayBelowALimitThatAnAdapterSets() {
    MemoryTable table = new MemoryTable(new SplittableRandom(6), 64, 9);
    Set<Integer> indices = new HashSet<>();
    for (int i = 0; i < 64; i++) {
      Region region = table.register(1, Arena.ofAuto().allocate(8), 0, Set.of());
      assertThat(indices.add(region.stag() >>> 8)).isTrue();
      assertThat(region.stag() >>> 8).isBetween(1, 511);
    }
  }
}
