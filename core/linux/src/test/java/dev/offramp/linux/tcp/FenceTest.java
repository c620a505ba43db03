package dev.offramp.linux.tcp;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FenceTest {
  private static final int FD = 7;
  private static final int PROGRAM = 9;

  private final LibC libc = mock(LibC.class);
  private final OsSocket socket = new OsSocket(libc, FD);
  private final FenceProgram program = new FenceProgram();
  private final Fence fence = new Fence(libc, program);

  private void loading(long result) {
    when(libc.bpf(anyInt(), any(), anyInt())).thenReturn(result);
  }

  private void attaching(Opt option, long result) {
    when(libc.setsockopt(eq(FD), eq(option.level()), eq(option.number()), any(), anyInt()))
        .thenReturn(result);
  }

  private void attached(Opt option, int times) {
    verify(libc, times(times))
        .setsockopt(eq(FD), eq(option.level()), eq(option.number()), any(), anyInt());
  }

  @Test
  void theProgramIsLoadedOnce() throws Exception {
    loading(PROGRAM);
    fence.attachTo(socket);
    fence.attachTo(socket);
    verify(libc, times(1)).bpf(anyInt(), any(), anyInt());
    attached(Opt.SO_ATTACH_BPF, 2);
    attached(Opt.SO_ATTACH_FILTER, 0);
  }

  @Test
  void nothingIsLoadedBeforeItIsNeeded() {
    verify(libc, never()).bpf(anyInt(), any(), anyInt());
  }

  @ParameterizedTest
  @ValueSource(ints = {Errno.EPERM, Errno.ENOSYS, Errno.EINVAL, Errno.ENOMEM})
  void whereEbpfIsRefusedTheClassicFilterStandsIn(int errno) throws Exception {
    loading(-errno);
    fence.attachTo(socket);
    fence.attachTo(socket);
    verify(libc, times(1)).bpf(anyInt(), any(), anyInt());
    attached(Opt.SO_ATTACH_BPF, 0);
    attached(Opt.SO_ATTACH_FILTER, 2);
  }

  @Test
  void whatOneStackIsRefusedAnotherMayBeGiven() throws Exception {
    loading(-Errno.EPERM);
    fence.attachTo(socket);
    loading(PROGRAM);
    new Fence(libc, program).attachTo(socket);
    attached(Opt.SO_ATTACH_FILTER, 1);
    attached(Opt.SO_ATTACH_BPF, 1);
  }

  @Test
  void aProgramThatCannotBeAttachedIsNoReasonToGoOnWithoutAFence() throws Exception {
    loading(PROGRAM);
    attaching(Opt.SO_ATTACH_BPF, -Errno.ENOMEM);
    fence.attachTo(socket);
    attached(Opt.SO_ATTACH_FILTER, 1);
  }

  @Test
  void whatTheKernelRefusesBothWaysIsAnError() {
    loading(PROGRAM);
    attaching(Opt.SO_ATTACH_BPF, -Errno.EPERM);
    attaching(Opt.SO_ATTACH_FILTER, -Errno.EPERM);
    assertThatThrownBy(() -> fence.attachTo(socket))
        .isInstanceOf(LinuxException.class)
        .hasMessageContaining("SO_ATTACH_FILTER")
        .hasMessageContaining("EPERM");
  }
}
