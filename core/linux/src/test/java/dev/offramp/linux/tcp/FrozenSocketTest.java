package dev.offramp.linux.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.InOrder;

class FrozenSocketTest {
  private static final int FD = 7;

  private final LibC libc = mock(LibC.class);
  private final OsSocket socket = new OsSocket(libc, FD);

  private void failing(Opt option, long result, Long... next) {
    when(libc.setsockopt(eq(FD), eq(option.level()), eq(option.number()), any(), anyInt()))
        .thenReturn(result, next);
  }

  private void called(InOrder order, Opt option) {
    order.verify(libc).setsockopt(eq(FD), eq(option.level()), eq(option.number()), any(), anyInt());
  }

  /** The window probe at the end of repair must find the fence down, or its answer is lost. */
  @Test
  void theFenceComesDownBeforeRepairEnds() throws Exception {
    FrozenSocket frozen = FrozenSocket.freeze(socket);
    frozen.fence();
    frozen.thaw();
    InOrder order = inOrder(libc);
    called(order, Opt.TCP_REPAIR);
    called(order, Opt.SO_ATTACH_FILTER);
    called(order, Opt.SO_DETACH_FILTER);
    called(order, Opt.TCP_REPAIR);
    called(order, Opt.SO_REUSEADDR);
    assertThat(frozen.isStopped()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {Errno.EPERM, Errno.ENOMEM, Errno.EINVAL, Errno.ENOTCONN, 133})
  void repairThatIsRefusedLeavesNothing(int errno) {
    failing(Opt.TCP_REPAIR, -errno);
    assertThatThrownBy(() -> FrozenSocket.freeze(socket))
        .isInstanceOfSatisfying(LinuxException.class, e -> assertThat(e.errno()).isEqualTo(errno))
        .hasMessageContaining("TCP_REPAIR")
        .hasMessageContaining(Errno.name(errno));
    verify(libc, never())
        .setsockopt(
            eq(FD),
            eq(Opt.SO_ATTACH_FILTER.level()),
            eq(Opt.SO_ATTACH_FILTER.number()),
            any(),
            anyInt());
  }

  /** The filter that was there is there still: it is not put back. */
  @ParameterizedTest
  @ValueSource(ints = {Errno.EPERM, Errno.ENOMEM, Errno.EINVAL, Errno.ENOTCONN, 133})
  void aFenceThatCannotBePutUpLeavesNothingOnceRepairHasEnded(int errno) throws Exception {
    failing(Opt.SO_ATTACH_FILTER, -errno);
    FrozenSocket frozen = FrozenSocket.freeze(socket);
    assertThatThrownBy(frozen::fence)
        .isInstanceOfSatisfying(LinuxException.class, e -> assertThat(e.errno()).isEqualTo(errno))
        .hasMessageContaining("SO_ATTACH_FILTER")
        .hasMessageContaining(Errno.name(errno));
    assertThat(frozen.isStopped()).isTrue();
    frozen.thaw();
    assertThat(frozen.isStopped()).isFalse();
    InOrder order = inOrder(libc);
    called(order, Opt.TCP_REPAIR);
    called(order, Opt.SO_ATTACH_FILTER);
    called(order, Opt.TCP_REPAIR);
    called(order, Opt.SO_REUSEADDR);
  }

  @Test
  void aPassingErrorOfTheThawIsOvercome() throws Exception {
    failing(Opt.SO_DETACH_FILTER, -Errno.ENOMEM, 0L);
    FrozenSocket frozen = FrozenSocket.freeze(socket);
    frozen.fence();
    frozen.thaw();
    assertThat(frozen.isStopped()).isFalse();
  }

  @Test
  void aThawThatIsRefusedCanBeTriedAgain() throws Exception {
    failing(Opt.SO_DETACH_FILTER, -Errno.EPERM, (long) -Errno.EPERM, 0L);
    FrozenSocket frozen = FrozenSocket.freeze(socket);
    frozen.fence();
    assertThatThrownBy(frozen::thaw).isInstanceOf(LinuxException.class);
    assertThat(frozen.isStopped()).isTrue();
    frozen.thaw();
    assertThat(frozen.isStopped()).isFalse();
  }
}
