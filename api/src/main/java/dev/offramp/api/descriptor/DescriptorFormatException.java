package dev.offramp.api.descriptor;

import java.io.IOException;
import java.io.Serial;
import org.apiguardian.api.API;

/**
 * Thrown when bytes are not the binary form of a descriptor: truncated, hostile, or of a version
 * that this release cannot read.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class DescriptorFormatException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final int offset;

  DescriptorFormatException(int offset, String seen, String expected) {
    super("descriptor bytes, offset " + offset + ": seen " + seen + ", expected " + expected);
    this.offset = offset;
  }

  DescriptorFormatException(int offset, InvalidDescriptorException cause) {
    super("descriptor bytes, offset " + offset + ": " + cause.getMessage(), cause);
    this.offset = offset;
  }

  /** How many bytes had been read when the error was found. */
  public int offset() {
    return offset;
  }
}
