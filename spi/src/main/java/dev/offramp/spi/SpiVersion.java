package dev.offramp.spi;

import org.apiguardian.api.API;

/**
 * The version of this SPI. A driver works when its major version is the running one and its minor
 * version is not newer.
 *
 * @param major changes when a driver has to be changed
 * @param minor changes when something is added
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record SpiVersion(int major, int minor) {
  /** Compile-time constants: javac copies them into the driver, which is the point. */
  public static final int CURRENT_MAJOR = 1;

  public static final int CURRENT_MINOR = 0;

  /**
   * The version that the calling code runs with. What a driver was compiled against is {@code new
   * SpiVersion(SpiVersion.CURRENT_MAJOR, SpiVersion.CURRENT_MINOR)} in the driver's own code.
   */
  public static SpiVersion running() {
    return new SpiVersion(CURRENT_MAJOR, CURRENT_MINOR);
  }

  /** Whether a driver compiled against {@code compiled} can run with this version. */
  public boolean runs(SpiVersion compiled) {
    return compiled.major == major && compiled.minor <= minor;
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
