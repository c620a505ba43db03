package com.acme.offramp.model;

/** Places at which this model can fail: see {@link dev.offramp.models.Faults}. */
public final class AcmeFaults {
  /** A command is answered with this status instead of being carried out. */
  public static final String COMMAND = "a1.command";

  /** A command is not answered. */
  public static final String SILENT = "a1.silent";

  /** The adapter does not come up. */
  public static final String NOT_READY = "a1.not-ready";

  private AcmeFaults() {}
}
