package dev.offramp.api.rdma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BuffersTest {
  private final MemoryRegion region = new FakeRegion();

  @ParameterizedTest
  @CsvSource({"-1, 1", "0, -1", "0, 65", "64, 1", "65, 0", "1, 9223372036854775807"})
  void slicesStayWithinTheRegion(long offset, long length) {
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> region.slice(offset, length));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> region.advertise().slice(offset, length));
  }

  @Test
  void slicesMayBeEmptyOrWhole() {
    assertThat(region.whole()).isEqualTo(new LocalBuffer(region, 0, 64));
    assertThat(region.slice(64, 0).lengthBytes()).isZero();
  }

  @Test
  void advertisementsAreSlicedByTaggedOffset() {
    RemoteBuffer whole = region.advertise();
    assertThat(whole).isEqualTo(new RemoteBuffer(0x1234_56FF, 0x1000, 64));
    assertThat(whole.slice(8, 16)).isEqualTo(new RemoteBuffer(0x1234_56FF, 0x1008, 16));
    assertThatIllegalArgumentException().isThrownBy(() -> new RemoteBuffer(1, 0, -1));
  }

  @Test
  void requestsCopyTheirLists() {
    List<LocalBuffer> buffers = new ArrayList<>(List.of(region.whole()));
    Receive receive = new Receive(1, buffers);
    Write write = new Write(2, buffers, region.advertise());
    buffers.clear();
    assertThat(receive.buffers()).containsExactly(region.whole());
    assertThat(write.buffers()).containsExactly(region.whole());
  }

  @Test
  void sendVariantsChangeOneThing() {
    Send send = new Send(7, region.whole());
    assertThat(send.solicited()).isFalse();
    assertThat(send.invalidateStag()).isEmpty();
    Send both = send.withSolicitedEvent().invalidating(-1);
    assertThat(both.id()).isEqualTo(7);
    assertThat(both.solicited()).isTrue();
    assertThat(both.invalidateStag()).hasValue(-1);
    assertThat(both.buffers()).isEqualTo(send.buffers());
    assertThat(both.operation()).isEqualTo(Operation.SEND);
  }

  /** 64 bytes that nobody accesses. */
  private static final class FakeRegion implements MemoryRegion {
    @Override
    public int stag() {
      return 0x1234_56FF;
    }

    @Override
    public long taggedOffset() {
      return 0x1000;
    }

    @Override
    public long sizeBytes() {
      return 64;
    }

    @Override
    public MemorySegment segment() {
      return MemorySegment.NULL;
    }

    @Override
    public boolean isValid() {
      return true;
    }

    @Override
    public void close() {}
  }
}
