package dev.offramp.linux.libc;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class PanamaLibCTest {
  private final LibC libc = NativeAccess.libc();

  @Test
  void failuresAreNegativeErrnos() {
    assertThat(libc.close(-1)).isEqualTo(-Errno.EBADF);
    assertThat(libc.socket(9999, 1, 0)).isEqualTo(-Errno.EAFNOSUPPORT);
    assertThat(libc.pidfd_getfd(-1, 0, 0)).isEqualTo(-Errno.EBADF);
    assertThat(libc.mmap(0, 0, 0, 0, -1, 0)).isNegative();
    try (Arena arena = Arena.ofConfined()) {
      assertThat(libc.open(arena.allocateFrom("/does/not/exist"), 0, 0)).isEqualTo(-Errno.ENOENT);
      assertThat(libc.if_nametoindex(arena.allocateFrom("nope0"))).isEqualTo(-Errno.ENODEV);
    }
  }

  @Test
  void variadicCallsReachTheKernel() {
    int pid = (int) libc.getpid();
    assertThat(pid).isEqualTo((int) ProcessHandle.current().pid());
    long pidfd = libc.pidfd_open(pid, 0);
    assertThat(pidfd).isPositive();
    int fGetFd = 1;
    assertThat(libc.fcntl((int) pidfd, fGetFd, 0)).isEqualTo(1);
    assertThat(libc.close((int) pidfd)).isZero();
  }

  @Test
  void structsAreWritten() {
    int afInet = 2;
    int stream = 1;
    int fd = (int) libc.socket(afInet, stream, 0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 4);
      int solSocket = 1;
      int soType = 3;
      assertThat(libc.getsockopt(fd, solSocket, soType, value, length)).isZero();
      assertThat(value.get(ValueLayout.JAVA_INT, 0)).isEqualTo(stream);
    } finally {
      libc.close(fd);
    }
  }

  @Test
  void availabilityIsAValue() {
    assertThat(NativeAccess.check()).isEqualTo(Availability.yes());
  }
}
