package dev.offramp.linux.libc;

/**
 * Whether native calls can be made at all, as a value. Nothing here initialises native code before
 * it is known to be allowed, so nothing is printed and nothing thrown at class initialisation.
 */
public final class NativeAccess {
  /** The JVM option that enables it. */
  public static final String FLAG = "--enable-native-access=dev.offramp.linux";

  private NativeAccess() {}

  /** Checks anew on each call; cheap. Never throws. */
  public static Availability check() {
    String os = System.getProperty("os.name", "");
    if (!os.equals("Linux")) {
      return Availability.missing("the operating system is " + os, "run on Linux");
    }
    Module module = NativeAccess.class.getModule();
    if (!module.isNativeAccessEnabled()) {
      String flag = module.isNamed() ? FLAG : "--enable-native-access=ALL-UNNAMED";
      return Availability.missing(
          "native access is not enabled for " + (module.isNamed() ? module : "the class path"),
          "start java with " + flag);
    }
    return Holder.AVAILABILITY;
  }

  /**
   * The C library.
   *
   * @throws IllegalStateException when {@link #check} says that it is not available
   */
  public static LibC libc() {
    Availability availability = check();
    LibC libc = availability.available() ? Holder.LIBC : null;
    if (libc == null) {
      throw new IllegalStateException(availability.toString());
    }
    return libc;
  }

  /** Linked on first use, once. */
  private static final class Holder {
    static final @org.jspecify.annotations.Nullable LibC LIBC;
    static final Availability AVAILABILITY;

    static {
      LibC linked = null;
      Availability availability = Availability.yes();
      try {
        linked = new PanamaLibC();
      } catch (LinkageError | RuntimeException e) {
        availability =
            Availability.missing(
                "the C library could not be linked: " + e,
                "use glibc or musl on a 64-bit Linux with JDK 25 or newer");
      }
      LIBC = linked;
      AVAILABILITY = availability;
    }
  }
}
