package dev.offramp.tck.experiment;

/** The stages of a run, each an independent proof in a virtual machine of its own. */
public enum Stage {
  /** Reads the jar; no code of the vendor's runs. */
  SCAN("jar scan"),
  /** The SPI's contract, and what the driver tells its device, on models. */
  CONTRACT("contract on models"),
  /** Whether the driver reaches the outside in any other way than through its ports. */
  MEDIATION("complete mediation"),
  /** What goes over the wire, at a scripted peer. */
  WIRE("wire at a scripted peer");

  private final String title;

  Stage(String title) {
    this.title = title;
  }

  /** For people. */
  public String title() {
    return title;
  }
}
