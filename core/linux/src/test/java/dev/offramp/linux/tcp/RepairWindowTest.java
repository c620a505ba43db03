package dev.offramp.linux.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepairWindowTest {
  /** Today's length, and those that newer kernels may have. */
  @ParameterizedTest
  @ValueSource(ints = {20, 24, 32, 64})
  void theLengthIsFoundOutAndWhatIsUnknownIsKept(int lengthBytes) throws Exception {
    LibC libc = mock(LibC.class);
    ByteBuffer kernel = ByteBuffer.allocate(lengthBytes).order(ByteOrder.nativeOrder());
    for (int i = 0; i < lengthBytes / 4; i++) {
      kernel.putInt(4 * i, -1 - i);
    }
    when(libc.getsockopt(anyInt(), anyInt(), anyInt(), any(), any()))
        .thenAnswer(call -> {
          MemorySegment value = call.getArgument(3);
          if (value.byteSize() != lengthBytes) {
            return (long) -Errno.EINVAL;
          }
          value.copyFrom(MemorySegment.ofArray(kernel.array()));
          return 0L;
        });
    byte[][] written = new byte[1][];
    when(libc.setsockopt(anyInt(), anyInt(), anyInt(), any(), anyInt()))
        .thenAnswer(call -> {
          written[0] = call.<MemorySegment>getArgument(3).toArray(ValueLayout.JAVA_BYTE);
          return 0L;
        });
    OsSocket socket = new OsSocket(libc, 3);
    assertThat(RepairWindow.of(socket).sndWl1()).isEqualTo(0xFFFF_FFFFL);
    new RepairWindow(1, 2, 3, 4, 5).writeTo(socket);
    ByteBuffer seen = ByteBuffer.wrap(written[0]).order(ByteOrder.nativeOrder());
    assertThat(written[0]).hasSize(lengthBytes);
    for (int i = 0; i < 5; i++) {
      assertThat(seen.getInt()).isEqualTo(i + 1);
    }
    for (int i = 5; i < lengthBytes / 4; i++) {
      assertThat(seen.getInt()).isEqualTo(-1 - i);
    }
  }
}
