package dev.offramp.provider.chelsio.wire;

/** What the firmware answers: {@code enum fw_retval} of t4fw_api.h. */
public enum FwError {
  FW_SUCCESS(0, "done"),
  FW_EPERM(1, "not permitted"),
  FW_ENOENT(2, "no such thing"),
  FW_EIO(5, "input or output error"),
  FW_ENOEXEC(8, "not executable"),
  FW_EAGAIN(11, "try again"),
  FW_ENOMEM(12, "out of adapter memory"),
  FW_EFAULT(14, "bad address"),
  FW_EBUSY(16, "busy"),
  FW_EEXIST(17, "is there already"),
  FW_ENODEV(19, "no such device"),
  FW_EINVAL(22, "invalid argument"),
  FW_ENOSPC(28, "no room left"),
  FW_ENOSYS(38, "not implemented"),
  FW_ENODATA(61, "no data"),
  FW_EPROTO(71, "protocol error"),
  FW_EADDRINUSE(98, "address in use"),
  FW_EADDRNOTAVAIL(99, "address not available"),
  FW_ENETDOWN(100, "network is down"),
  FW_ENETUNREACH(101, "network unreachable"),
  FW_ENOBUFS(105, "no buffers"),
  FW_ETIMEDOUT(110, "timed out"),
  FW_EINPROGRESS(115, "in progress");

  private final int code;
  private final String meaning;

  FwError(int code, String meaning) {
    this.code = code;
    this.meaning = meaning;
  }

  public int code() {
    return code;
  }

  /** Number, name and meaning of an answer, for messages. */
  public static String describe(int code) {
    for (FwError error : values()) {
      if (error.code == code) {
        return "%d, %s: %s".formatted(code, error, error.meaning);
      }
    }
    return "%d, which the firmware's headers do not name".formatted(code);
  }
}
