package dev.offramp.models.intel;

import java.io.Serial;

/** Thrown when the device refuses a command. */
final class CommandException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final int major;
  private final int minor;

  /**
   * A refusal.
   *
   * @param why what was seen and expected, for people
   */
  CommandException(int major, int minor, String why) {
    super(why);
    this.major = major;
    this.minor = minor;
  }

  /** A refusal with the general major code. */
  CommandException(int minor, String why) {
    this(CommandCodes.MAJOR_ERROR, minor, why);
  }

  int major() {
    return major;
  }

  int minor() {
    return minor;
  }
}
