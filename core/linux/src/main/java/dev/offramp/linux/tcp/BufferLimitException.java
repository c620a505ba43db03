package dev.offramp.linux.tcp;

import java.io.IOException;
import java.io.Serial;

/** Thrown when a described queue does not fit the largest buffer that this process may ask for. */
public final class BufferLimitException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final long neededBytes;
  private final long limitBytes;

  BufferLimitException(Opt option, long neededBytes, long limitBytes, Exception cause) {
    super(
        "a queue of "
            + neededBytes
            + " bytes does not fit "
            + option
            + ", which is limited to "
            + limitBytes
            + " bytes here",
        cause);
    this.neededBytes = neededBytes;
    this.limitBytes = limitBytes;
  }

  public long neededBytes() {
    return neededBytes;
  }

  /** What would fit. */
  public long limitBytes() {
    return limitBytes;
  }
}
