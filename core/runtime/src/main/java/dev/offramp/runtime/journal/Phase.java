package dev.offramp.runtime.journal;

import java.util.Optional;

/**
 * How far a transfer has come. Each is recorded before what it announces begins, or after what it
 * tells is done, such that the last one on disk bounds what can have happened.
 *
 * <p>Codes are what is on disk, and never change.
 */
public enum Phase {
  /** The old owner is about to be stopped. */
  BEGUN(1, Owner.OLD_OWNER, false),
  /** The old owner has stopped, and can go on. */
  STOPPED(2, Owner.OLD_OWNER_STOPPED, false),
  /** The new owner has the connection too, and is silent. */
  PREPARED(3, Owner.OLD_OWNER_STOPPED, false),
  /** The old owner is about to let go. */
  RELEASING(4, Owner.BETWEEN, false),
  /** The old owner has let go. */
  RELEASED(5, Owner.NEW_OWNER_SILENT, false),
  /** The new owner runs. */
  ACTIVE(6, Owner.NEW_OWNER, true),
  /** The transfer was undone, and the old owner runs. */
  RESUMED(7, Owner.OLD_OWNER, true),
  /** It was undone, and the old owner could not go on. */
  FROZEN(8, Owner.OLD_OWNER_STOPPED, true),
  /** It was released, and the new owner could not begin. */
  LOST(9, Owner.NOBODY, true);

  /** Who has a connection, and whether it speaks. */
  public enum Owner {
    /** The old owner, running, or being stopped just now; nobody else has it. */
    OLD_OWNER("the old owner had it"),
    /** The old owner, stopped; a new one is silent, if there is one. */
    OLD_OWNER_STOPPED("the old owner had it, stopped; nobody else spoke"),
    /**
     * The crash fell into the old owner's letting go: the old one is stopped or gone, the new one
     * silent. Letting go and saying so are two things, so no record can be more exact.
     */
    BETWEEN("it was changing hands: the old owner stopped or gone, the new one silent"),
    /** The new owner alone; it is about to speak, or has just begun. */
    NEW_OWNER_SILENT("the new owner had it, and may not have begun to speak"),
    /** The new owner, running. */
    NEW_OWNER("the new owner had it"),
    /** Nobody. */
    NOBODY("nobody had it any more");

    private final String sentence;

    Owner(String sentence) {
      this.sentence = sentence;
    }

    /** For people. */
    public String sentence() {
      return sentence;
    }
  }

  private final int code;
  private final Owner owner;
  private final boolean isLast;

  Phase(int code, Owner owner, boolean isLast) {
    this.code = code;
    this.owner = owner;
    this.isLast = isLast;
  }

  int code() {
    return code;
  }

  static Optional<Phase> of(int code) {
    for (Phase phase : values()) {
      if (phase.code == code) {
        return Optional.of(phase);
      }
    }
    return Optional.empty();
  }

  /** Who had the connection when this was the last that was recorded. */
  public Owner owner() {
    return owner;
  }

  /** Whether the transfer is over with it. */
  public boolean isLast() {
    return isLast;
  }
}
