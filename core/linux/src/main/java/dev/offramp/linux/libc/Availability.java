package dev.offramp.linux.libc;

/**
 * Whether something that the host may lack is there.
 *
 * @param available whether it is
 * @param cause why not; empty when available
 * @param remedy what to do about it; empty when available
 */
public record Availability(boolean available, String cause, String remedy) {
  private static final Availability YES = new Availability(true, "", "");

  /** It is there. */
  public static Availability yes() {
    return YES;
  }

  /** It is not. */
  public static Availability missing(String cause, String remedy) {
    return new Availability(false, cause, remedy);
  }

  @Override
  public String toString() {
    return available ? "available" : "not available: " + cause + "; " + remedy;
  }
}
