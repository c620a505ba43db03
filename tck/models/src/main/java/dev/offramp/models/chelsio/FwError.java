package dev.offramp.models.chelsio;

/** What firmware answers (t4fw_api.h, enum fw_retval). */
final class FwError {
  static final int SUCCESS = 0;
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EIO = 5;
  static final int ENOMEM = 12;
  static final int EFAULT = 14;
  static final int EBUSY = 16;
  static final int EEXIST = 17;
  static final int EINVAL = 22;
  static final int ENOSYS = 38;
  static final int EPROTO = 71;
  static final int EADDRINUSE = 98;
  static final int EADDRNOTAVAIL = 99;
  static final int ENETUNREACH = 101;

  private FwError() {}
}
