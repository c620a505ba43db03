package dev.offramp.linux.libc;

import java.io.IOException;
import java.io.Serial;

/** A system call that failed: which one, with what errno, and what to do about it. */
public final class LinuxException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final String call;
  private final int errno;

  /**
   * Describes a failure.
   *
   * @param call the call and its purpose: {@code setsockopt(TCP_REPAIR, 1)}
   * @param errno positive
   */
  public LinuxException(String call, int errno) {
    super(call + ": " + Errno.describe(errno) + Errno.remedy(errno));
    this.call = call;
    this.errno = errno;
  }

  /**
   * Passes a result on.
   *
   * @param result what a {@link LibC} method returned
   * @param call for the message: {@code setsockopt(TCP_REPAIR, 1)}
   * @return {@code result} when it is no error
   * @throws LinuxException when it is a negative errno
   */
  public static long check(long result, String call) throws LinuxException {
    if (result < 0) {
      throw new LinuxException(call, (int) -result);
    }
    return result;
  }

  /** The call that failed. */
  public String call() {
    return call;
  }

  /** The error number, positive; see {@link Errno}. */
  public int errno() {
    return errno;
  }
}
