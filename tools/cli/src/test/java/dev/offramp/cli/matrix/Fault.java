package dev.offramp.cli.matrix;

import org.jspecify.annotations.Nullable;

/**
 * What happens during a move.
 *
 * @param name in the table
 * @param kind what sort of thing
 * @param where after which step, or at which place; in the table
 * @param call of an owner that breaks; only of that kind
 * @param device whose model fails; only of that kind
 * @param later not before the new owner is ready; only of a device
 */
record Fault(
    String name,
    Kind kind,
    String where,
    FaultyOwners.@Nullable Call call,
    String device,
    boolean later) {
  /** A sort of faults. */
  enum Kind {
    RST_BY_PEER(true),
    FIN_BY_PEER(true),
    PAUSE_TOO_LONG(true),
    FROM_PEER_LOST(true),
    TO_PEER_LOST(true),
    OWNER_BREAKS(false),
    DEVICE_FAILS(false);

    private final boolean afterStep;

    Kind(boolean afterStep) {
      this.afterStep = afterStep;
    }

    /** Whether it happens after any step of a move. */
    boolean isAfterStep() {
      return afterStep;
    }
  }

  static Fault after(Kind kind, String step) {
    return new Fault(kind.name(), kind, step, null, "", false);
  }

  static Fault of(FaultyOwners.Call call) {
    boolean refuses = call == FaultyOwners.Call.ADMIT || call == FaultyOwners.Call.ADMIT_STOPPED;
    return new Fault(
        refuses ? "REFUSED" : "EXCEPTION", Kind.OWNER_BREAKS, call.name(), call, "", false);
  }

  /** One command of a device fails, or is never answered. */
  static Fault of(String device, String place, boolean later, boolean silent) {
    return new Fault(
        silent ? "TIMEOUT" : "DEVICE_REFUSES", Kind.DEVICE_FAILS, place, null, device, later);
  }

  /** Whether a device stops answering; what it had it cannot give back then. */
  boolean isSilence() {
    return name.equals("TIMEOUT");
  }

  @Override
  public String toString() {
    return name
        + " at "
        + where
        + (later ? " later" : "")
        + (device.isEmpty() ? "" : " of " + device);
  }
}
